"""A real robotmq peer that obeys JSON lines on stdin: {"id", "call", "args"} -> {"id", "value"} or {"id", "error"}.

Answers go to file descriptor 3, since robotmq writes its log to stdout. Bytes travel as base64 in {"b": "..."}. The first argument is "client" or "server", the second the endpoint.
"""

import base64
import json
import os
import sys
import threading

import robotmq


def pack(value):
    if isinstance(value, (bytes, bytearray)):
        return {"b": base64.b64encode(value).decode()}
    if isinstance(value, (list, tuple)):
        return [pack(item) for item in value]
    return value


def unpack(value):
    return base64.b64decode(value["b"]) if isinstance(value, dict) and "b" in value else value


def serve_requests(server):
    """Answers each request with its bytes reversed."""
    while True:
        data, got = server.wait_for_request(0.2)
        if got == "":
            continue
        server.reply_request(got, data[::-1])


def main():
    role, endpoint = sys.argv[1:3]
    answers = os.fdopen(3, "w")
    level = robotmq.RMQLogLevel.ERROR
    peer = (robotmq.RMQServer if role == "server" else robotmq.RMQClient)("peer", endpoint, level)
    print(json.dumps({"ready": True}), file=answers, flush=True)
    for line in sys.stdin:
        message = json.loads(line)
        try:
            args = [unpack(arg) for arg in message["args"]]
            if message["call"] == "serve_requests":
                threading.Thread(target=serve_requests, args=(peer,), daemon=True).start()
                value = None
            elif message["call"] in ("safe_serialize", "safe_deserialize", "serialize", "deserialize"):
                value = getattr(robotmq, message["call"])(*args)
            else:
                value = getattr(peer, message["call"])(*args, **message.get("kwargs", {}))
            answer = {"id": message["id"], "value": pack(value)}
        except Exception as error:  # told to the test, which judges it
            answer = {"id": message["id"], "error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


main()
