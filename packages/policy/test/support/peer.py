"""A client of the other side that obeys JSON lines on stdin: {"id", "call", "value"} -> {"id", "value"} or {"id", "error"}.

Values travel as base64 of robotmq's safe_serialize. Answers go to file descriptor 3, as robotmq logs to stdout.
Arguments: the kind of client, and what it connects to.
"""

import base64
import json
import os
import sys

import msgpack
import numpy as np
import robotmq
from groot_codec import decode, encode


class Openpi:
    def __init__(self, host, port, key=None):
        from openpi_client.websocket_client_policy import WebsocketClientPolicy

        self.policy = WebsocketClientPolicy(host, int(port), key)

    def infer(self, observation):
        answer = self.policy.infer(observation)
        return {"answer": answer, "dtypes": {key: value.dtype.str for key, value in answer.items() if isinstance(value, np.ndarray)}}

    def metadata(self, _):
        return self.policy.get_server_metadata()

    def together(self, observations):
        """One more client for each observation; all ask at once."""
        from concurrent.futures import ThreadPoolExecutor
        from openpi_client.websocket_client_policy import WebsocketClientPolicy

        uri = self.policy._uri
        clients = [WebsocketClientPolicy(uri) for _ in observations]
        with ThreadPoolExecutor(len(clients)) as pool:
            return list(pool.map(lambda pair: pair[0].infer(pair[1]), zip(clients, observations)))


class Robotmq:
    def __init__(self, endpoint):
        self.client = robotmq.RMQClient("peer", endpoint, robotmq.RMQLogLevel.OFF)

    def infer(self, observation):
        return robotmq.safe_deserialize(self.client.request_with_data("inference", robotmq.safe_serialize(observation), 5.0))

    def metadata(self, _):
        records, _times = self.client.peek_data("inference/metadata", -1)
        return robotmq.safe_deserialize(records[0])


class Groot:
    def __init__(self, endpoint):
        import zmq

        self.socket = zmq.Context.instance().socket(zmq.REQ)
        self.socket.setsockopt(zmq.RCVTIMEO, 10_000)
        self.socket.connect(endpoint)

    def request(self, value):
        self.socket.send(msgpack.packb(value, default=encode))
        return msgpack.unpackb(self.socket.recv(), object_hook=decode)

    def raw(self, data):
        self.socket.send(data)
        return msgpack.unpackb(self.socket.recv(), object_hook=decode)


def main():
    kind, *args = sys.argv[1:]
    answers = os.fdopen(3, "w")
    try:
        peer = {"openpi": Openpi, "robotmq": Robotmq, "groot": Groot}[kind](*args)
        print(json.dumps({"id": 0}), file=answers, flush=True)
    except Exception as error:
        print(json.dumps({"id": 0, "error": f"{type(error).__name__}: {error}"}), file=answers, flush=True)
        return
    for line in sys.stdin:
        message = json.loads(line)
        try:
            value = robotmq.safe_deserialize(base64.b64decode(message["value"]))
            result = getattr(peer, message["call"])(value)
            answer = {"id": message["id"], "value": base64.b64encode(robotmq.safe_serialize(result)).decode()}
        except Exception as error:  # told to the test, which judges it
            answer = {"id": message["id"], "error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


main()
