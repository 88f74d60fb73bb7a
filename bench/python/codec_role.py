"""The codec alone, in one process."""

import numpy as np
from robotmq import safe_deserialize, safe_serialize

from measure import measure


def observation():
    """The twin of the one in src/roles/observation.ts."""
    image = (np.arange(480 * 640 * 3, dtype=np.uint32) % 251).astype(np.uint8).reshape(480, 640, 3)
    meta = {"frame_id": 42, "camera": "wrist", "gripper": 0.5, "tags": ["left", "calibrated"], "valid": True}
    return {"image": image, "joints": np.arange(7, dtype=np.float64) / 10, "meta": meta}


def handlers():
    value = observation()
    data = safe_serialize(value)

    def both():
        safe_deserialize(safe_serialize(value))

    return {
        "bytes": lambda: len(data),
        "measureSerialize": lambda plan: measure(lambda: safe_serialize(value), plan),
        "measureDeserialize": lambda plan: measure(lambda: safe_deserialize(data), plan),
        "measureBoth": lambda plan: measure(both, plan),
    }
