"""A policy of a real robotmq server. Argument: the endpoint."""

import sys

import robotmq
from policy import infer

server = robotmq.RMQServer("policy", sys.argv[1], robotmq.RMQLogLevel.OFF)
server.add_topic("inference", 10.0)
print("ready", flush=True)
while True:
    request, topic = server.wait_for_request(1.0)
    if topic:
        answer = infer(robotmq.safe_deserialize(request))
        server.reply_request(topic, robotmq.safe_serialize(answer))
