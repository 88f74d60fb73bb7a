"""One end of a queue of zeroq, the twin of src/roles/queue-role.ts."""

import time

from zeroq import Empty, Queue

from payload import payload_of


def handlers():
    queue = None

    def open_queue(name, capacity, bytes):
        nonlocal queue
        try:
            queue = Queue(name, element_size=bytes, capacity=capacity, create=True)
        except OSError:
            queue = Queue(name, create=False)

    def put_all(count, bytes, batch):
        item = payload_of(bytes)
        began = time.perf_counter_ns()
        for _ in range(count):
            queue.put(item)
        return began

    def take_all(count, batch):
        for _ in range(count):
            queue.get()
        return time.perf_counter_ns()

    def put_paced(count, bytes, gapS):
        item = payload_of(bytes)
        stamps = []
        for i in range(count):
            time.sleep(gapS[0] + (gapS[1] - gapS[0]) * (i * 0.618033988749895 % 1))
            stamps.append(time.perf_counter_ns())
            queue.put(item)
        return stamps

    def take_timed(count, awaiting):
        arrivals = []
        for _ in range(count):
            queue.get()
            arrivals.append(time.perf_counter_ns())
        return arrivals

    def wait(seconds, awaiting):
        try:
            queue.get(timeout=seconds)
        except Empty:
            pass

    return {
        "open": open_queue,
        "putAll": put_all,
        "takeAll": take_all,
        "putPaced": put_paced,
        "takeTimed": take_timed,
        "wait": wait,
    }
