"""A real robotmq client that peeks for ever and checks each record: all bytes are the record's number."""
import sys
import time

import robotmq

client = robotmq.RMQClient("reader", sys.argv[1], robotmq.RMQLogLevel.ERROR)
reported = 0.0
count = 0
while True:
    records, _ = client.peek_data("t", 0, 10.0)
    for number, record in enumerate(records):
        if record != bytes([number]) * len(record):
            print(f">wrong {number}", flush=True)
    count += 1
    if time.monotonic() - reported > 0.05:
        reported = time.monotonic()
        print(f">{count}", flush=True)
