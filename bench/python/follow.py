"""Polls for new records, as the original's users do; the twin of src/roles/follow.ts."""

import time

TIMEOUT_S = 20.0


class Follower:
    def __init__(self):
        self._newest = {}

    def subscribe(self, client, topics):
        """What was published before is not new."""
        for topic in topics:
            _, times = client.peek_data(topic, -1, TIMEOUT_S, False)
            self._newest[topic] = times[0] if times else None

    def follow(self, client, last, seconds):
        """Polls each topic to the record with the number in `last`, or until so many seconds are over."""
        arrivals = {topic: [] for topic in last}
        waiting = list(last)
        end = time.perf_counter() + seconds
        while waiting and time.perf_counter() < end:
            for topic in tuple(waiting):
                data, times = client.peek_data(topic, -1, TIMEOUT_S, False)
                now = time.perf_counter_ns()
                if not times or times[0] == self._newest[topic]:
                    continue
                self._newest[topic] = times[0]
                number = int.from_bytes(data[0][:4], "little")
                arrivals[topic].append([number, now])
                if number == last[topic]:
                    waiting.remove(topic)
        # Nobody tells it what it missed.
        return {topic: {"arrivals": arrivals[topic], "lost": None} for topic in last}
