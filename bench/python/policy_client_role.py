"""openpi's own client. It has no twin: both sides' servers are asked by it."""

from openpi_client.websocket_client_policy import WebsocketClientPolicy

from measure import measure
from observation import value_of


def handlers():
    policy = None
    observation = value_of("two-cameras")

    def connect(port):
        nonlocal policy
        policy = WebsocketClientPolicy("127.0.0.1", port)
        return list(policy.infer(observation)["actions"].shape)

    return {
        "connect": connect,
        "measureInfer": lambda plan: measure(lambda: policy.infer(observation), plan),
    }
