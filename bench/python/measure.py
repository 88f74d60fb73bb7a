"""The measured loop, the twin of src/roles/measure.ts."""

import time


def measure(once, plan):
    """Nanoseconds of each call of `once`, after the warm-up of the plan."""
    pause_s = plan["pauseS"]
    _repeat(once, plan["warmUp"]["count"], plan["warmUp"]["seconds"], pause_s)
    return _repeat(once, plan["count"], plan["seconds"], pause_s)


def _repeat(once, count, seconds, pause_s):
    samples = []
    clock = time.perf_counter_ns
    end = clock() + int(seconds * 1e9)
    for _ in range(count):
        started = clock()
        once()
        finished = clock()
        samples.append(finished - started)
        if finished >= end:
            break
        if pause_s > 0:
            time.sleep(pause_s)
    return samples
