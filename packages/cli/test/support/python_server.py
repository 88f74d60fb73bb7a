"""An original robotmq server: a stream, a value, and a topic whose requests it answers with their bytes reversed.

Prints "ready" on stdout once its topics are there. robotmq logs to stdout too.
"""

import sys

import numpy as np
import robotmq

server = robotmq.RMQServer("original", sys.argv[1], robotmq.RMQLogLevel.ERROR)
for topic in ("stream", "put", "value", "reversed"):
    server.add_topic(topic, 60.0)
server.put_data("value", robotmq.safe_serialize({"image": np.zeros((4, 3), np.uint8), "joints": np.arange(3) / 2}))
print("ready", flush=True)

count = 0
while True:
    data, topic = server.wait_for_request(0.002)
    if topic:
        server.reply_request(topic, data[::-1])
    count += 1
    server.put_data("stream", b"%d" % count)
