"""A policy server as GR00T's; prints its port. Argument: the port, and a token if one is asked for."""

import io
import sys

import msgpack
import numpy as np
import zmq
from policy import infer


def encode(value):
    if isinstance(value, np.ndarray):
        file = io.BytesIO()
        np.save(file, value, allow_pickle=False)
        return {"__ndarray_class__": True, "as_npy": file.getvalue()}
    raise TypeError(type(value))


def decode(value):
    return np.load(io.BytesIO(value["as_npy"]), allow_pickle=False) if "__ndarray_class__" in value else value


resets = 0


def answer(request):
    global resets
    endpoint = request.get("endpoint", "get_action")
    if endpoint == "ping":
        return {"status": "ok", "message": "Server is running"}
    if endpoint == "reset":
        resets += 1
        return {}
    if endpoint == "get_modality_config":
        return {"state": {"delta_indices": [0], "modality_keys": ["joints"]}}
    if endpoint == "get_action":
        return [infer(**{"observation": request["data"]["observation"]}), {"resets": resets}]
    raise ValueError(f"Unknown endpoint: {endpoint}")


port, token = sys.argv[1], (sys.argv[2] if len(sys.argv) > 2 else None)
socket = zmq.Context.instance().socket(zmq.REP)
socket.bind(f"tcp://127.0.0.1:{port}")
print(socket.getsockopt_string(zmq.LAST_ENDPOINT).rsplit(":", 1)[1], flush=True)
while True:
    try:
        message = msgpack.unpackb(socket.recv(), object_hook=decode)
        if token is not None and message.get("api_token") != token:
            reply = {"error": "Unauthorized: Invalid API token"}
        else:
            reply = answer(message)
    except Exception as error:
        reply = {"error": str(error)}
    socket.send(msgpack.packb(reply, default=encode))
