"""The controller in Python: acts on the newest frame and asks the policy, with nothing but Python's robotmq."""

import argparse
import sys
import time
import zlib

import stop_watch  # Before robotmq and numpy.
import numpy as np
import robotmq
from policy import infer_actions
from stream_report import StreamReporter

POLL_S = 0.002
SLEEP_SHARE = 0.9  # of the time between two frames is slept through before it polls again
TIMEOUT_S = 2.0


def now_s() -> float:
    return robotmq.steady_clock_us() / 1e6


def connect(endpoint: str) -> robotmq.RMQClient:
    return robotmq.RMQClient("controller", endpoint, robotmq.RMQLogLevel.WARNING)


def newest(client: robotmq.RMQClient, topic: str):
    """The newest record and its timestamp, or two Nones."""
    records, timestamps = client.peek_data(topic, -1, TIMEOUT_S, False)
    return (records[0], timestamps[0]) if records else (None, None)


class Controller:
    def __init__(self, camera: str, robot: str, policy: str):
        self._camera, self._robot, self._policy = connect(camera), connect(robot), connect(policy)
        self._frames = StreamReporter("camera")
        self._requests = StreamReporter("inference")
        self._last = None
        self._last_timestamp = None

    def step(self):
        data, timestamp = newest(self._camera, "camera")
        if data is None or timestamp == self._last_timestamp:
            time.sleep(POLL_S)
        else:
            seen_s = now_s()
            self._last_timestamp = timestamp
            self._act(data, seen_s)
        self._frames.report_if_due()
        self._requests.report_if_due()

    def _act(self, data: bytes, seen_s: float):
        frame = robotmq.safe_deserialize(data)
        captured_s = frame["captureTimeS"]
        passed = frame["frameId"] - self._last["frameId"] if self._last else 1
        period_s = (captured_s - self._last["captureTimeS"]) / passed if self._last else 0
        self._last = frame
        self._frames.seen(len(data), (seen_s - captured_s) * 1e3, captured_s, passed - 1)
        if zlib.crc32(frame["image"]) != frame["crc32"]:
            self._frames.wrong(f"frame {frame['frameId']} is not the picture that the camera put")
        state, _ = newest(self._robot, "joint_states")
        if state is not None:
            self._ask(frame["image"], robotmq.safe_deserialize(state)["position"])
        time.sleep(min(1, max(0, captured_s + SLEEP_SHARE * period_s - now_s())))

    def _ask(self, image: np.ndarray, joints: np.ndarray):
        observation = robotmq.safe_serialize({"image": image, "joints": joints})
        start_s = now_s()
        try:
            reply = self._policy.request_with_data("inference", observation, TIMEOUT_S, False)
        except RuntimeError as error:
            self._requests.lost(1, str(error))
            return
        end_s = now_s()
        self._requests.seen(len(observation) + len(reply), (end_s - start_s) * 1e3, end_s)
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
