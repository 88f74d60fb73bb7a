"""Writes testdata/image/golden.json: small images, and what the resizers that policies were trained with make of them.

    pip install openpi-client==0.1.2 opencv-python-headless==4.11.0.86
    python scripts/make-image-golden.py testdata/image/golden.json

`bilinear` and `nearest` are Pillow's (Pillow 12 and earlier round some narrow images differently, by one grey level),
`pad` is openpi's `image_tools.resize_with_pad`, `area` is OpenCV's INTER_AREA.
"""

import base64
import importlib.metadata
import json
import sys

import cv2
import numpy as np
from openpi_client import image_tools
from PIL import Image

rng = np.random.default_rng(20261121)


def noise(*shape):
    return rng.integers(0, 256, shape, dtype=np.uint8)


def scene(height, width, channels=3):
    """Gradients and hard edges: what real images are made of."""
    y, x = np.mgrid[0:height, 0:width]
    parts = [255 * x / max(1, width - 1), 255 * y / max(1, height - 1), 255 * ((x // 5 + y // 3) % 2), 255 - 200 * x / width]
    return np.stack(parts[:channels], axis=-1).astype(np.uint8)


def described(array):
    return {"dtype": array.dtype.str, "shape": list(array.shape), "base64": base64.b64encode(array.tobytes()).decode()}


def stretched(method):
    return lambda image, height, width: np.asarray(Image.fromarray(image).resize((width, height), method))


MAKERS = {
    "pad": ("openpi_client.image_tools.resize_with_pad(image, height, width)", image_tools.resize_with_pad),
    "bilinear": ("PIL.Image.fromarray(image).resize((width, height), BILINEAR)", stretched(Image.BILINEAR)),
    "nearest": ("PIL.Image.fromarray(image).resize((width, height), NEAREST)", stretched(Image.NEAREST)),
    "area": (
        "cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)",
        lambda image, height, width: cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA),
    ),
}

CASES = [
    ("pad", scene(30, 40), 14, 14),
    ("pad", noise(30, 40, 3), 14, 14),
    ("pad", noise(40, 30, 3), 14, 14),
    ("pad", noise(17, 28, 3), 7, 40),
    ("pad", noise(9, 7, 3), 28, 28),
    ("pad", noise(3, 50, 3), 20, 20),
    ("pad", noise(16, 16, 3), 16, 16),
    ("pad", noise(2, 3, 12, 10, 3), 8, 8),
    ("pad", noise(24, 18, 4), 10, 10),
    ("pad", noise(24, 18, 2), 10, 10),
    ("bilinear", scene(36, 48), 16, 16),
    ("bilinear", noise(20, 19, 3), 4, 17),
    ("bilinear", noise(5, 6, 3), 17, 13),
    ("bilinear", noise(20, 15), 6, 11),
    ("bilinear", scene(24, 24, 4), 11, 30),
    ("bilinear", rng.standard_normal((21, 17)).astype(np.float32), 9, 20),
    ("nearest", noise(30, 40, 3), 14, 14),
    ("nearest", noise(7, 9, 3), 20, 5),
    ("nearest", noise(33, 21), 10, 50),
    ("area", scene(36, 48), 16, 16),
    ("area", noise(30, 42, 3), 10, 14),
    ("area", noise(31, 23, 3), 12, 7),
]


def main():
    versions = {name: importlib.metadata.version(name) for name in ["openpi-client", "pillow", "numpy", "opencv-python-headless"]}
    cases = []
    for method, image, height, width in CASES:
        expression, make = MAKERS[method]
        result = make(image, height, width)
        cases.append(
            {
                "method": method,
                "expression": expression,
                "height": height,
                "width": width,
                "image": described(image),
                "result": described(np.ascontiguousarray(result)),
            }
        )
    lines = ",\n".join(json.dumps(case) for case in cases)
    head = json.dumps({"writer": versions, "script": "scripts/make-image-golden.py"})
    with open(sys.argv[1], "w") as file:
        file.write(f'{{"made": {head},\n"cases": [\n{lines}\n]}}\n')


main()
