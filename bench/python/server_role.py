"""A server: topics to read, puts to measure, requests to answer."""

import time

from robotmq import RMQLogLevel, RMQServer

from measure import measure
from payload import payload_of
from publish import publish

END_OF_REQUESTS = b"end"


def handlers():
    server = None

    def bind(endpoint):
        nonlocal server
        server = RMQServer("bench", endpoint, RMQLogLevel.OFF)
        server.reset_start_time(0)

    def add_topic(topic, remainingS):
        server.add_topic(topic, remainingS)

    def add_shared_memory_topic(topic, remainingS, capacityBytes):
        server.add_shared_memory_topic(topic, remainingS, capacityBytes / 2**30)

    def fill(topic, bytes, count):
        data = payload_of(bytes)
        for _ in range(count):
            server.put_data(topic, data)

    def measure_put(topic, bytes, plan):
        data = payload_of(bytes)
        return measure(lambda: server.put_data(topic, data), plan)

    def serve(delayS):
        """Answers each request with its own bytes until one says that it is the last."""
        data = b""
        while data != END_OF_REQUESTS:
            data, topic = server.wait_for_request(1.0)
            if topic == "":
                continue
            if delayS > 0:
                time.sleep(delayS)
            server.reply_request(topic, data)

    def compute(seconds):
        end = time.perf_counter() + seconds
        rounds = 0
        while time.perf_counter() < end:
            rounds += 1
        return rounds

    return {
        "bind": bind,
        "addTopic": add_topic,
        "addSharedMemoryTopic": add_shared_memory_topic,
        "fill": fill,
        "measurePut": measure_put,
        "serve": serve,
        "compute": compute,
        "publish": lambda streams: publish(server, streams),
    }
