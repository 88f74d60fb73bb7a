"""Collects what a reader sees of one stream and prints it as lines of JSON, ten times a second."""

import json
import time

import robotmq

INTERVAL_S = 0.1


class StreamReporter:
    def __init__(self, stream: str):
        self._stream = stream
        self._newest_s = None
        self._clear()

    def seen(self, size: int, latency_ms: float, newest_s: float, skipped: int = 0):
        self._counts["records"] += 1
        self._counts["bytes"] += size
        self._counts["skipped"] += skipped
        self._counts["latenciesMs"].append(round(latency_ms, 3))
        self._newest_s = newest_s

    def lost(self, count: int, problem: str):
        self._counts["lost"] += count
        self._counts.setdefault("problem", problem)

    def wrong(self, problem: str):
        self._counts["wrong"] += 1
        self._counts.setdefault("problem", problem)

    def report_if_due(self):
        if time.monotonic() >= self._due_s:
            self.report()

    def report(self):
        line = {"stream": self._stream, **self._counts}
        if self._newest_s is not None:
            line["newestAgeMs"] = robotmq.steady_clock_us() / 1e3 - self._newest_s * 1e3
        self._clear()
        print(json.dumps(line), flush=True)

    def _clear(self):
        self._due_s = time.monotonic() + INTERVAL_S
        self._counts = {"records": 0, "bytes": 0, "skipped": 0, "lost": 0, "wrong": 0, "latenciesMs": []}
