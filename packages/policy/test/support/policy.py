"""What the Python servers of the tests answer: twice the state, and what they saw of the image."""

import time


def infer(observation):
    if "explode" in observation:
        raise ValueError(observation["explode"])
    if "sleep" in observation:
        time.sleep(observation["sleep"])
    actions = observation["state"] * 2
    image = observation.get("image")
    seen = "" if image is None else f"{image.dtype.str} {list(image.shape)} {int(image.sum())}"
    return {"actions": actions, "seen": seen, "state_dtype": observation["state"].dtype.str}
