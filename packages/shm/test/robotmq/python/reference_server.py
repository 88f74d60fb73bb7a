"""Answers each PEEK on an endpoint with references to all slots of a file: name, slot bytes, slots."""
import struct
import sys

import zmq

endpoint, name, slot_bytes, slots = sys.argv[1], sys.argv[2].encode(), int(sys.argv[3]), int(sys.argv[4])
socket = zmq.Context().socket(zmq.ROUTER)
socket.bind(endpoint)
references = [
    b"\r\n\r\x0b" + struct.pack("<Q", len(name)) + name
    + struct.pack("<QQQ", slot_bytes * slots, slot * slot_bytes, slot_bytes)
    for slot in range(slots)
]
block = struct.pack("<I", slots) + b"".join(struct.pack("<Id", len(one), 1.0) for one in references)
block += b"".join(references)
print(">ready", flush=True)
while True:
    routing_id, empty, frame = socket.recv_multipart()
    topic = frame[: 1 + frame[0]]
    socket.send_multipart([routing_id, empty, topic + struct.pack("<bd", 1, 1.0) + block])
