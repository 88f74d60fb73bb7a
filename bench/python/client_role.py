"""A client: every bench of a call runs here, one call at a time."""

from robotmq import RMQClient, RMQLogLevel

from ask import ask_repeatedly
from follow import Follower
from measure import measure
from payload import payload_of

# Long enough for every call to be answered at its first try: nothing is resent while it is measured.
TIMEOUT_S = 20.0


def handlers():
    client = None
    follower = Follower()

    def connect(endpoint):
        nonlocal client
        client = RMQClient("bench", endpoint, RMQLogLevel.OFF)
        client.reset_start_time(0)

    def peek(topic):
        data, _ = client.peek_data(topic, -1, TIMEOUT_S, False)
        return len(data[0])

    def measure_peek(topic, plan):
        return measure(lambda: client.peek_data(topic, -1, TIMEOUT_S, False), plan)

    def measure_put(topic, bytes, plan):
        data = payload_of(bytes)
        return measure(lambda: client.put_data(topic, data, TIMEOUT_S, False), plan)

    def measure_request(topic, bytes, plan):
        data = payload_of(bytes)
        return measure(lambda: client.request_with_data(topic, data, TIMEOUT_S, False), plan)

    def request(topic, text):
        return len(client.request_with_data(topic, text.encode(), TIMEOUT_S, False))

    def ask(**requests):
        return ask_repeatedly(client, **requests)

    def subscribe(topics, inPlace, policy=None):
        """The original has no policies: who polls sees the newest."""
        follower.subscribe(client, topics)

    def follow(last, seconds):
        return follower.follow(client, last, seconds)

    return {
        "connect": connect,
        "peek": peek,
        "measurePeek": measure_peek,
        "measurePut": measure_put,
        "measureRequest": measure_request,
        "request": request,
        "ask": ask,
        "subscribe": subscribe,
        "follow": follow,
    }
