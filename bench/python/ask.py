"""Requests one after the other, the twin of src/roles/ask.ts."""

import time

from payload import payload_of


def ask_repeatedly(client, topic, bytes, seconds, pauseS):
    """Each request begins with its number, and is asked until it is answered, as the library does by default."""
    times = []
    wrong = 0
    tail = payload_of(bytes)[4:]
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        data = len(times).to_bytes(4, "little") + tail
        started = time.perf_counter_ns()
        reply = client.request_with_data(topic, data)
        times.append(time.perf_counter_ns() - started)
        if reply != data:
            wrong += 1
        time.sleep(pauseS)
    return {"times": times, "wrong": wrong}
