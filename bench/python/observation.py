"""What is sent in the benches of codecs, the twin of src/roles/observation.ts."""

import numpy as np

from payload import payload_of


def value_of(name):
    return {"vga": _vga, "two-cameras": _two_cameras, "76MB": _cloud}[name]()


def _picture(height, width):
    return _array(height * width * 3).reshape(height, width, 3)


def _vga():
    meta = {"frame_id": 42, "camera": "wrist", "gripper": 0.5, "tags": ["left", "calibrated"], "valid": True}
    return {"image": _picture(480, 640), "joints": np.arange(7, dtype=np.float64) / 10, "meta": meta}


def _two_cameras():
    return {
        "observation/image": _picture(224, 224),
        "observation/wrist_image": _picture(224, 224),
        "observation/state": (np.arange(32) / 10).astype(np.float32),
        "prompt": "pick up the red cube and put it into the left box",
    }


def _cloud():
    return {"cloud": _array(76_000_000)}


def _array(byte_length):
    # A copy: that of the payload cannot be written, and codecs may treat such arrays in another way.
    return np.frombuffer(payload_of(byte_length), dtype=np.uint8).copy()
