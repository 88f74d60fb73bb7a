"""A policy server as openpi's: one frame of metadata, then one answer a frame; prints its port. Argument: the port, and a key if one is asked for."""

import http
import sys
import time
import traceback

import websockets.sync.server
from openpi_client import msgpack_numpy
from policy import infer


def check(key):
    def process_request(connection, request):
        if request.path == "/healthz":
            return connection.respond(http.HTTPStatus.OK, "OK\n")
        if key is not None and request.headers.get("Authorization") != f"Api-Key {key}":
            return connection.respond(http.HTTPStatus.UNAUTHORIZED, "wrong key\n")
        return None

    return process_request


def serve(connection):
    packer = msgpack_numpy.Packer()
    connection.send(packer.pack({"policy": "doubler", "horizon": 4}))
    resets = 0
    previous = None
    try:
        while True:
            message = connection.recv()
            begin = time.monotonic()
            try:
                observation = msgpack_numpy.unpackb(message)
                if observation.get("endpoint") == "reset":
                    resets += 1
                    connection.send(packer.pack({"status": "reset"}))
                    continue
                begin_infer = time.monotonic()
                answer = infer(observation)
                answer["resets"] = resets
                answer["server_timing"] = {"infer_ms": (time.monotonic() - begin_infer) * 1000}
                if previous is not None:
                    answer["server_timing"]["prev_total_ms"] = previous * 1000
                connection.send(packer.pack(answer))
            except websockets.ConnectionClosed:
                raise
            except Exception:
                connection.send(traceback.format_exc())
                connection.close(1011, "Internal server error.")
                return
            previous = time.monotonic() - begin
    except websockets.ConnectionClosed:
        pass


port, key = int(sys.argv[1]), (sys.argv[2] if len(sys.argv) > 2 else None)
with websockets.sync.server.serve(
    serve, "127.0.0.1", port, compression=None, max_size=None, process_request=check(key)
) as server:
    print(server.socket.getsockname()[1], flush=True)
    server.serve_forever()
