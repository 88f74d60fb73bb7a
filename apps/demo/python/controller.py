"""The controller in Python: acts on the newest frame and asks the policy, with nothing but Python's robotmq."""

import argparse
import sys
import time
import zlib

import stop_watch  # Before robotmq and numpy.
import numpy as np
import robotmq
from policy import infer_actions
from stream_report import StreamReporter, report

POLL_S = 0.002
SLEEP_SHARE = 0.9  # of the time between two frames is slept through before it polls again
ANSWER_S = 2.0
READ_S = 0.25  # Who does not answer by then is asked anew: another program may have taken its place.


def now_s() -> float:
    return robotmq.steady_clock_us() / 1e6


def connect(endpoint: str) -> robotmq.RMQClient:
    return robotmq.RMQClient("controller", endpoint, robotmq.RMQLogLevel.WARNING)


def newest(client: robotmq.RMQClient, topic: str):
    """The newest record, or None: there is none, no answer, or its memory went with the server that told of it."""
    try:
        records, _ = client.peek_data(topic, -1, READ_S, False)
    except RuntimeError:
        return None
    return records[0] if records else None


class Controller:
    def __init__(self, camera: str, robot: str, policy: str):
        self._camera, self._robot, self._policy = connect(camera), connect(robot), connect(policy)
        self._frames = StreamReporter("camera")
        self._requests = StreamReporter("inference")
        self._last = None
        self._request = 0

    def step(self):
        data = newest(self._camera, "camera")
        seen_s = now_s()
        frame = robotmq.safe_deserialize(data) if data else None
        if frame is None or (self._last and frame["frameId"] == self._last["frameId"]):
            time.sleep(POLL_S)
        else:
            self._act(frame, seen_s)
        self._frames.report_if_due()
        self._requests.report_if_due()

    def _act(self, frame: dict, seen_s: float):
        captured_s = frame["captureTimeS"]
        last = self._last
        self._last = frame
        passed = frame["frameId"] - last["frameId"] if last else 1
        period_s = (captured_s - last["captureTimeS"]) / passed if last else 0
        if last is None or frame["camera"] != last["camera"]:
            report(met=frame["camera"], atS=seen_s)
        self._frames.seen((seen_s - captured_s) * 1e3, frame["frameId"])
        if passed < 1:
            self._frames.wrong(f"frame {frame['frameId']} came after frame {last['frameId']}")
        self._frames.skipped(max(0, passed - 1))
        if zlib.crc32(frame["image"]) != frame["crc32"]:
            self._frames.wrong(f"frame {frame['frameId']} is not the picture that the camera put")
        state = newest(self._robot, "joint_states")
        if state is not None:
            self._ask(frame["image"], robotmq.safe_deserialize(state)["position"])
        time.sleep(min(POLL_S if passed < 1 else 1, max(0, captured_s + SLEEP_SHARE * period_s - now_s())))

    def _ask(self, image: np.ndarray, joints: np.ndarray):
        self._request += 1
        observation = robotmq.safe_serialize({"image": image, "joints": joints, "request": self._request})
        report(request=self._request, was="asked")
        start_s = now_s()
        try:
            reply = self._policy.request_with_data("inference", observation, ANSWER_S, False)
        except RuntimeError as error:
            self._requests.lost(1, str(error))
            return
        end_s = now_s()
        report(request=self._request, was="answered")
        self._requests.seen((end_s - start_s) * 1e3)
        actions = robotmq.safe_deserialize(reply)["actions"]
        expected = infer_actions(image, joints)
        if (actions.dtype, actions.shape) != (expected.dtype, expected.shape) or actions.tobytes() != expected.tobytes():
            self._requests.wrong("the policy answered with other actions than it must")

    def close(self):
        self._frames.report()
        self._requests.report()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--camera", required=True)
    parser.add_argument("--robot", required=True)
    parser.add_argument("--policy", required=True)
    parser.add_argument("--until-stdin-closes", action="store_true", help="end with the parent process")
    options = parser.parse_args()

    controller = Controller(options.camera, options.robot, options.policy)
    while not stop_watch.stopped(options.until_stdin_closes):
        controller.step()
    controller.close()


if __name__ == "__main__":
    sys.exit(main())
