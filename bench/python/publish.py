"""Records published at a pace, the twin of src/roles/publish.ts."""

import time

from payload import payload_of


def publish(server, streams):
    """When each record of each stream was published, by its number."""
    running = [_Stream(**stream) for stream in streams]
    waiting = list(running)
    while waiting:
        stream = min(waiting, key=lambda each: each.due)
        time.sleep(max(0.0, stream.due - time.perf_counter()))
        stream.put(server)
        if len(stream.stamps) == stream.count:
            waiting.remove(stream)
    return {stream.topic: stream.stamps for stream in running}


class _Stream:
    def __init__(self, topic, bytes, count, gapS, catchUp, inPlace):
        """`inPlace` is for sides that lend memory."""
        self.topic, self.count, self._gap_s, self._catch_up = topic, count, gapS, catchUp
        self.stamps = []
        self.due = time.perf_counter()
        self._tail = payload_of(bytes)[4:]
        self._prepare()

    def put(self, server):
        stamp = time.perf_counter_ns()
        server.put_data(self.topic, self._data)
        self.stamps.append(stamp)
        self._prepare()

    def _prepare(self):
        """Before the clock starts: a number in front of bytes is a copy here."""
        number = len(self.stamps)
        self._data = number.to_bytes(4, "little") + self._tail
        shortest, longest = self._gap_s
        start = self.due if self._catch_up else time.perf_counter()
        self.due = start + shortest + (longest - shortest) * (number * 0.618033988749895 % 1)
