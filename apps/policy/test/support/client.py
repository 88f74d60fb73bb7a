"""A robot program: asks a policy with the states of testdata/actions.npz over and over, and tells how far its answers are
from what Python's onnxruntime made of the same states.

client.py openpi PORT ROUNDS | robotmq ENDPOINT ROUNDS | groot ENDPOINT ROUNDS
"""

import io
import json
import sys
from pathlib import Path

import numpy as np


def openpi(port):
    from openpi_client.websocket_client_policy import WebsocketClientPolicy

    return WebsocketClientPolicy("127.0.0.1", int(port)).infer


def robotmq(endpoint):
    import robotmq

    client = robotmq.RMQClient("robot", endpoint, robotmq.RMQLogLevel.OFF)
    return lambda observation: robotmq.safe_deserialize(
        client.request_with_data("inference", robotmq.safe_serialize(observation), 5.0)
    )


def groot(endpoint):
    import msgpack
    import zmq

    def encode(value):
        file = io.BytesIO()
        np.save(file, value, allow_pickle=False)
        return {"__ndarray_class__": True, "as_npy": file.getvalue()}

    def decode(value):
        return np.load(io.BytesIO(value["as_npy"]), allow_pickle=False) if "__ndarray_class__" in value else value

    socket = zmq.Context.instance().socket(zmq.REQ)
    socket.connect(endpoint)

    def infer(observation):
        socket.send(msgpack.packb({"endpoint": "get_action", "data": {"observation": observation}}, default=encode))
        return msgpack.unpackb(socket.recv(), object_hook=decode)[0]

    return infer


golden = np.load(Path(__file__).parent.parent.parent / "testdata/actions.npz")
infer = {"openpi": openpi, "robotmq": robotmq, "groot": groot}[sys.argv[1]](sys.argv[2])
farthest, answers = 0.0, 0
for round in range(int(sys.argv[3])):
    for state, expected in zip(golden["states"], golden["go2"]):
        actions = infer({"state": state})["actions"]
        assert actions.dtype == np.float32 and actions.shape == (1, 12), (actions.dtype, actions.shape)
        farthest = max(farthest, float(np.abs(actions[0] - expected).max()))
        answers += 1
    if round == 0:
        print("asking", flush=True)
print(json.dumps({"answers": answers, "farthest": farthest}), flush=True)
