"""The policy of src/drift/infer-actions.ts, to the last bit."""

import numpy as np

HORIZON = 16
GAIN = 0.1


def infer_actions(image: np.ndarray, joints: np.ndarray) -> np.ndarray:
    """uint8 [height, width, 3] and float64 [joints] to float32 [HORIZON, joints]."""
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f"observation.image must be uint8 [height, width, 3], got {image.dtype} {list(image.shape)}")
    if joints.dtype != np.float64 or joints.ndim != 1:
        raise ValueError(f"observation.joints must be float64 [joints], got {joints.dtype} {list(joints.shape)}")
    pixels = image.shape[0] * image.shape[1]
    # Along the rows first: numpy is 30 times slower when only three long columns are left to sum.
    means = image.sum(axis=0, dtype=np.uint64).sum(axis=0) / pixels / 255
    drift = GAIN * (means[np.arange(len(joints)) % 3] - 0.5)
    ramp = np.arange(1, HORIZON + 1) / HORIZON
    return (joints[np.newaxis, :] + drift[np.newaxis, :] * ramp[:, np.newaxis]).astype(np.float32)
