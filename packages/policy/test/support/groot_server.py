"""A policy server as GR00T's; prints its port. Argument: the port, and a token if one is asked for."""

import sys

import msgpack
import zmq
from groot_codec import decode, encode
from policy import infer


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
