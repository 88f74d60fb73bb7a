"""An original robotmq server with a topic in shared memory: endpoint, size in GB. Prints "ready" once it holds a record."""

import sys
import time

import robotmq

server = robotmq.RMQServer("original", sys.argv[1], robotmq.RMQLogLevel.ERROR)
server.add_shared_memory_topic("frames", 60.0, float(sys.argv[2]))
server.put_data("frames", b"x" * 100_000)
print("ready", flush=True)
time.sleep(600)
