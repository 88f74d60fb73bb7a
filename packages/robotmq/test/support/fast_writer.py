"""A real robotmq server that goes round a small topic in shared memory again and again, until killed.

    fast_writer.py ENDPOINT TOPIC MEMORY_BYTES RECORD_BYTES

Each record checks itself: it begins with the SHA-256 of the rest.
"""

import hashlib
import sys
import time

import robotmq

endpoint, topic, memory_bytes, record_bytes = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
records = []
for number in range(16):
    rest = bytes([number]) * (record_bytes - 32)
    records.append(hashlib.sha256(rest).digest() + rest)
server = robotmq.RMQServer("peer", endpoint, robotmq.RMQLogLevel.OFF)
server.add_shared_memory_topic(topic, 60.0, memory_bytes / 2**30)
print("{}", flush=True)
while True:
    for record in records:
        server.put_data(topic, record)
    # The server's own lock is not fair: one that puts without a pause may leave its clients unanswered for minutes.
    time.sleep(0.0005)
