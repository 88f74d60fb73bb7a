"""Serves a policy that computes nothing, over a WebSocket as openpi's own server does; the twin of src/roles/policy-server-role.ts.

openpi's server is not published as a package. This one does what a client meets: one frame of metadata, then for each
observation one frame with the actions and how long they took; no compression, no limit of size.
"""

import asyncio
import threading
import time

import numpy as np
from openpi_client import msgpack_numpy
from websockets.asyncio.server import serve


def handlers():
    port = None
    listening = threading.Event()

    async def answer(connection):
        packer = msgpack_numpy.Packer()
        await connection.send(packer.pack({}))
        previous_s = None
        async for frame in connection:
            begin_s = time.monotonic()
            msgpack_numpy.unpackb(frame)
            begin_infer_s = time.monotonic()
            actions = {"actions": np.zeros((10, 7), dtype=np.float32)}
            actions["server_timing"] = {"infer_ms": (time.monotonic() - begin_infer_s) * 1000}
            if previous_s is not None:
                actions["server_timing"]["prev_total_ms"] = previous_s * 1000
            await connection.send(packer.pack(actions))
            previous_s = time.monotonic() - begin_s

    async def run():
        nonlocal port
        async with serve(answer, "127.0.0.1", 0, compression=None, max_size=None) as server:
            port = server.sockets[0].getsockname()[1]
            listening.set()
            await server.serve_forever()

    def start(incrementalMarking):
        threading.Thread(target=asyncio.run, args=(run(),), daemon=True).start()
        listening.wait()
        return port

    return {"serve": start}
