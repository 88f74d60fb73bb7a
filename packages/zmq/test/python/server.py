"""A real robotmq server. Reads one JSON command a line, answers one JSON line each; answers requests in between."""
import base64
import json
import select
import sys
import time

import robotmq

server = robotmq.RMQServer(sys.argv[1], sys.argv[2])
state = {"delay": 0.0, "runs": 0}


def run(command):
    op, topic = command["op"], command.get("topic")
    if op == "addTopic":
        return server.add_topic(topic, command["seconds"])
    if op == "addSharedMemoryTopic":
        return server.add_shared_memory_topic(topic, command["seconds"], 0.01)
    if op == "put":
        return server.put_data(topic, base64.b64decode(command["data"]))
    if op == "peek":
        records, timestamps = server.peek_data(topic, command["n"])
        return {"data": [base64.b64encode(record).decode() for record in records], "timestamps": timestamps}
    if op == "delay":
        state["delay"] = command["seconds"]
        return None
    if op == "runs":
        return state["runs"]
    if op == "now":
        return server.get_timestamp()
    raise ValueError(op)


print(json.dumps({"ready": getattr(robotmq, "__version__", "")}), flush=True)
while True:
    if select.select([sys.stdin], [], [], 0)[0]:
        line = sys.stdin.readline()
        if line == "":
            break
        try:
            answer = {"value": run(json.loads(line))}
        except Exception as error:
            answer = {"error": str(error), "type": type(error).__name__}
        print(json.dumps(answer), flush=True)
    data, topic = server.wait_for_request(0.005)
    if topic:
        state["runs"] += 1
        time.sleep(state["delay"])
        server.reply_request(topic, b"echo:" + data)
