"""Collects what a reader sees of one stream and prints it as lines of JSON, ten times a second."""

import json
import time

INTERVAL_S = 0.1


def report(**line):
    print(json.dumps(line), flush=True)


class StreamReporter:
    def __init__(self, stream: str):
        self._stream = stream
        self._numbers = {}
        self._clear()

    def seen(self, latency_ms: float, number: int | None = None):
        self._counts["records"] += 1
        self._counts["latenciesMs"].append(round(latency_ms, 3))
        if number is not None:
            self._numbers = {"first": self._numbers.get("first", number), "last": number}

    def skipped(self, count: int):
        self._counts["skipped"] += count

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
        report(stream=self._stream, **self._counts, **self._numbers)
        self._clear()

    def _clear(self):
        self._due_s = time.monotonic() + INTERVAL_S
        self._counts = {"records": 0, "skipped": 0, "lost": 0, "wrong": 0, "latenciesMs": []}
