"""A real robotmq client. Reads one JSON command a line, answers one JSON line each."""
import base64
import json
import sys
import time

import robotmq

client = robotmq.RMQClient(sys.argv[1], sys.argv[2])


def run(command):
    op, topic = command["op"], command.get("topic")
    rest = {"timeout_s": command.get("timeoutS", 1.0), "automatic_resend": command.get("resend", True)}
    data = base64.b64decode(command.get("data", ""))
    if op == "status":
        return client.get_topic_status(topic, rest["timeout_s"])
    if op in ("peek", "pop"):
        call = client.peek_data if op == "peek" else client.pop_data
        records, timestamps = call(topic, command["n"], **rest)
        return {"data": [base64.b64encode(record).decode() for record in records], "timestamps": timestamps}
    if op == "put":
        return client.put_data(topic, data, **rest)
    if op == "request":
        return base64.b64encode(client.request_with_data(topic, data, **rest)).decode()
    if op == "last":
        return [base64.b64encode(record).decode() for record in client.get_last_retrieved_data()[0]]
    if op == "peekTimes":
        times = []
        for _ in range(command["count"]):
            start = time.perf_counter()
            client.peek_data(topic, -1)
            times.append((time.perf_counter() - start) * 1000)
        return times
    raise ValueError(op)


print(json.dumps({"ready": getattr(robotmq, "__version__", "")}), flush=True)
for line in sys.stdin:
    try:
        answer = {"value": run(json.loads(line))}
    except Exception as error:
        answer = {"error": str(error), "type": type(error).__name__}
    print(json.dumps(answer), flush=True)
