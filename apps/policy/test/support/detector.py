"""rapidocr's text detector in Python, for a picture that this makes: what its own preprocessing, onnxruntime and
postprocessing give is written beside it, as .npy files.

detector.py FOLDER HEIGHT WIDTH  makes picture.npy (blue first), input.npy, heatmap.npy, boxes.npy; prints the network's file
detector.py FOLDER               makes our-boxes.npy of picture.npy and our-heatmap.npy
"""

import sys
from pathlib import Path

import numpy as np
import rapidocr_onnxruntime
import yaml
from PIL import Image, ImageDraw, ImageFont
from rapidocr_onnxruntime.ch_ppocr_det import TextDetector

PACKAGE = Path(rapidocr_onnxruntime.__file__).parent
SIGNS = [((40, 40), 34, "EMERGENCY STOP"), ((300, 150), 26, "conveyor 7"), ((60, 250), 44, "Bin A-12"), ((330, 380), 22, "fragile: this side up")]


def picture(height, width):
    """Labels of a workshop on a wall that is lit from one side."""
    y, x = np.mgrid[0:height, 0:width]
    wall = np.stack([150 + x * 60 / width, 160 + y * 40 / height, 190 - x * 50 / width], axis=2).astype(np.uint8)
    image = Image.fromarray(wall)
    draw = ImageDraw.Draw(image)
    for (left, top), size, text in SIGNS:
        draw.text((left * width / 640, top * height / 480), text, fill=(20, 20, 40), font=ImageFont.load_default(size * height / 480))
    return np.ascontiguousarray(np.asarray(image)[:, :, ::-1])


def main():
    folder = Path(sys.argv[1])
    config = yaml.safe_load((PACKAGE / "config.yaml").read_text())["Det"]
    config["model_path"] = str(PACKAGE / config["model_path"])
    detector = TextDetector(config)

    def boxes(heatmap, image):
        found, _ = detector.postprocess_op(heatmap, image.shape[:2])
        return detector.filter_tag_det_res(found, image.shape[:2])

    if len(sys.argv) == 2:
        image, heatmap = np.load(folder / "picture.npy"), np.load(folder / "our-heatmap.npy")
        np.save(folder / "our-boxes.npy", boxes(heatmap, image))
        return
    image = picture(int(sys.argv[2]), int(sys.argv[3]))
    tensor = detector.get_preprocess(max(image.shape[:2]))(image)
    heatmap = detector.infer(tensor)[0]
    for name, array in {"picture": image, "input": tensor, "heatmap": heatmap, "boxes": boxes(heatmap, image)}.items():
        np.save(folder / f"{name}.npy", array)
    print(config["model_path"])


main()
