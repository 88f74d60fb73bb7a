"""Reads a topic whose records check themselves: each begins with the SHA-256 of the rest. Tells in JSON lines on stdout.

    records_reader.py places ENDPOINT TOPIC   for each "peek N", "pop N" or "again" (the last frame from a new connection,
                                              as real clients resend) on stdin: where the records are, as the wire tells
    records_reader.py loop ENDPOINT TOPIC     peeks and pops with a real client until killed
"""

import hashlib
import json
import random
import struct
import sys

MAGIC = bytes.fromhex("0d0a0d0b")
COMMANDS = {"peek": 1, "pop": 2}


def tell(**what):
    print(json.dumps(what), flush=True)


def place_of(payload):
    """A payload of the wire in words: bytes, or a reference into shared memory."""
    if not payload.startswith(MAGIC):
        return {"inline": len(payload), "sha": hashlib.sha256(payload).hexdigest()}
    name_length = struct.unpack_from("<Q", payload, 4)[0]
    name = payload[12 : 12 + name_length].decode()
    total, start, length = struct.unpack_from("<QQQ", payload, 12 + name_length)
    return {"name": name, "total": total, "start": start, "length": length}


def places(endpoint, topic):
    import zmq

    def connect():
        socket = zmq.Context.instance().socket(zmq.REQ)
        socket.connect(endpoint)
        return socket

    socket = connect()
    name = topic.encode()
    tell(ready=True)
    for stamp, line in enumerate(sys.stdin):
        words = line.split()
        if words[0] == "again":
            socket.close(0)
            socket = connect()
        else:
            frame = bytes([len(name)]) + name + struct.pack("<bdi", COMMANDS[words[0]], stamp, int(words[1]))
        socket.send(frame)
        body = socket.recv()[10 + len(name) :]
        count = struct.unpack_from("<I", body)[0]
        offset = 4 + 12 * count
        found = []
        for index in range(count):
            length = struct.unpack_from("<I", body, 4 + 12 * index)[0]
            found.append(place_of(body[offset : offset + length]))
            offset += length
        tell(places=found)


def loop(endpoint, topic):
    import robotmq

    client = robotmq.RMQClient("reader", endpoint, robotmq.RMQLogLevel.OFF)
    tell(ready=True)
    done = 0
    while True:
        if random.random() < 0.2:
            records, _ = client.pop_data(topic, random.choice([1, -1]))
        else:
            records, _ = client.peek_data(topic, random.choice([-1, -1, -1, -3, 2, 0]))
        for record in records:
            if hashlib.sha256(record[32:]).digest() != record[:32]:
                tell(wrong=len(record))
                sys.exit(1)
        done += 1
        if done % 20 == 0:
            tell(done=done, records=len(records))


{"places": places, "loop": loop}[sys.argv[1]](*sys.argv[2:])
