"""The policy, served by Python's robotmq: policy_server.py --endpoint ipc:///tmp/policy"""

import argparse
import json
import sys
from pathlib import Path

import stop_watch  # Before robotmq and numpy.
import robotmq
from policy import infer_actions


def answer(data: bytes, report: bool) -> bytes:
    try:
        observation = robotmq.safe_deserialize(data)
        if report and "request" in observation:
            print(json.dumps({"request": observation["request"], "was": "ran"}), flush=True)
        actions = infer_actions(observation["image"], observation["joints"])
        return robotmq.safe_serialize({"actions": actions})
    except Exception as error:
        # robotmq has no way to refuse a request, and a bad one must not end the service of all.
        return robotmq.safe_serialize({"error": f"{type(error).__name__}: {error}"})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--topic", default="inference")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end with the parent process")
    parser.add_argument("--report", action="store_true", help="print the request of each observation that it answers")
    options = parser.parse_args()

    server = robotmq.RMQServer("policy", options.endpoint, robotmq.RMQLogLevel.WARNING)
    server.add_topic(options.topic, 10.0)
    print(f"listening on {options.endpoint}", flush=True)
    while not stop_watch.stopped(options.until_stdin_closes):
        request, topic = server.wait_for_request(0.1)
        if topic:
            server.reply_request(topic, answer(request, options.report))
    del server
    # robotmq leaves its socket's file behind.
    if options.endpoint.startswith("ipc://"):
        Path(options.endpoint.removeprefix("ipc://")).unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())
