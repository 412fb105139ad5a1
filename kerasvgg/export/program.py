"""Says what is on pictures: python predict.py MODEL PICTURE [PICTURE ...]

MODEL is what `kerasvgg export` wrote: model.onnx, model.tflite, model.xml (with model.bin beside it), model.html, or
the folder saved_model. This file needs numpy, Pillow and the model's runtime (onnxruntime, ai-edge-litert, openvino or
tensorflow), and nothing of kerasvgg: copy it and change it.
"""

import base64
import gzip
import json
import os
import re
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

About = dict[str, Any]
Opened = tuple[About, Callable[[np.ndarray], np.ndarray]]


def read(path: str | Path, about: About) -> np.ndarray:
    """Returns a picture's pixels as the model takes them: uint8 (height, width, channels), RGB or gray."""
    height, width = about["image_size"]
    size = width, height
    with Image.open(path) as picture:
        picture.draft(None, _draft_size(picture, size, about["interpolation"]))
        picture.load()
        ImageOps.exif_transpose(picture, in_place=True)
        fitted = _fitted(_rgb(picture), size, about)
    gray = about["channels"] == 1
    return np.asarray(fitted.convert("L"))[:, :, None] if gray else np.asarray(fitted)


def _draft_size(picture: Image.Image, size: tuple[int, int], interpolation: str) -> tuple[int, int]:
    """Returns the size at which a large JPEG is decoded: an eighth to all of it, both sides still twice `size`."""
    lying = picture.getexif().get(0x0112) in (5, 6, 7, 8)
    width, height = picture.size[::-1] if lying else picture.size
    scale = 1
    if interpolation != "nearest":
        for one in (8, 4, 2):
            if -(-width // one) >= 2 * size[0] and -(-height // one) >= 2 * size[1]:
                scale = one
                break
    return picture.size[0] // scale, picture.size[1] // scale


def _rgb(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I"):  # 12 or 16 bits of gray: the upper 8; a TIFF says how many, and what is white
        tags = getattr(picture, "tag_v2", {})
        gray = (np.asarray(picture) >> (tags.get(258, (16,))[0] - 8)).astype(np.uint8)
        return Image.fromarray(255 - gray if tags.get(262) == 0 else gray).convert("RGB")
    return (picture.convert("RGBA") if picture.mode == "P" else picture).convert("RGB")


def _fitted(picture: Image.Image, size: tuple[int, int], about: About) -> Image.Image:
    how = Image.Resampling[about["interpolation"].upper()]
    width, height = picture.size
    if about["fit"] == "squeeze" or picture.size == size:
        return picture if picture.size == size else picture.resize(size, how)
    if about["fit"] == "crop":
        left = max(0, width - height * size[0] / size[1]) / 2
        top = max(0, height - width * size[1] / size[0]) / 2
        return picture.resize(size, how, box=(left, top, width - left, height - top))
    inner = max(1, min(round(width * size[1] / height), size[0])), max(1, min(round(height * size[0] / width), size[1]))
    padded = Image.new("RGB", size, tuple(about["filling"]))
    padded.paste(picture.resize(inner, how), ((size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2))
    return padded


def open_onnx(file: Path | bytes, threads: int) -> Opened:
    """Opens it with ONNX Runtime."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    about = json.loads(session.get_modelmeta().custom_metadata_map["kerasvgg"])
    return about, lambda pixels: session.run(["probabilities"], {"pictures": pixels})[0]


def open_litert(file: Path, threads: int) -> Opened:
    """Opens it with LiteRT."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(file), num_threads=threads)
    interpreter.allocate_tensors()
    taken, given = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]

    def run(pixels: np.ndarray) -> Any:
        interpreter.set_tensor(taken, pixels)
        interpreter.invoke()
        return interpreter.get_tensor(given)

    with zipfile.ZipFile(file) as archive:  # which follows the model in the same file
        return json.loads(archive.read("kerasvgg.json")), run


def open_openvino(file: Path, threads: int) -> Opened:
    """Opens it with OpenVINO."""
    import openvino

    core = openvino.Core()
    model = core.read_model(file)
    exact = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": threads}
    compiled = core.compile_model(model, "CPU", exact)
    return json.loads(model.get_rt_info(["kerasvgg"]).value), lambda pixels: compiled(pixels)[0]


def open_web(file: Path, threads: int) -> Opened:
    """Opens the model within a page, which in a browser runs by ONNX Runtime, too."""
    page = file.read_text(encoding="utf-8")
    packed = re.search('<script type="text/plain" id="model">([^<]*)</script>', page)
    if packed is None:
        raise ValueError(f"{file} holds no model")
    return open_onnx(gzip.decompress(base64.b64decode(packed[1])), threads)


def open_saved_model(folder: Path, threads: int) -> Opened:
    """Opens it with TensorFlow."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    loaded = tf.saved_model.load(str(folder))
    run = loaded.signatures["serving_default"]
    about = json.loads((folder / "assets.extra" / "kerasvgg.json").read_text(encoding="utf-8"))

    def probabilities(pixels: np.ndarray, loaded: Any = loaded) -> Any:  # which holds the weights
        return next(iter(run(tf.constant(pixels)).values())).numpy()

    return about, probabilities


OPENERS: dict[str, Callable[[Path, int], Opened]] = {
    ".onnx": open_onnx,
    ".tflite": open_litert,
    ".xml": open_openvino,
    ".html": open_web,
    "": open_saved_model,
}


class Model:
    """An exported model: from pixels (height, width, channels) to probabilities (classes,).

    `about` is what travels in it.
    """

    def __init__(self, file: str | Path, threads: int = 0) -> None:
        file = Path(file)
        if file.suffix not in OPENERS or not file.exists():
            raise ValueError(f"{file} must be there and end in {', '.join(OPENERS)}")
        self.about, self._run = OPENERS[file.suffix](file, threads or os.cpu_count() or 1)

    def __call__(self, pixels: np.ndarray) -> np.ndarray:
        """Returns the probabilities of one picture."""
        row: np.ndarray = np.asarray(self._run(pixels[None].astype(np.float32)))[0]
        return row

    def name(self, probabilities: np.ndarray) -> str:
        """Returns the class, or all those at or above their thresholds, joined by |."""
        names: list[str] = self.about["class_names"]
        thresholds = self.about["thresholds"]
        if thresholds is None:
            return names[int(probabilities.argmax())]
        return "|".join(sorted(name for name, p, t in zip(names, probabilities, thresholds, strict=True) if p >= t))


def main(file: str, *pictures: str) -> int:
    """Prints what the model says of each picture; returns 2 if there was one that can't be read, else 0."""
    model, status = Model(file), 0
    for path in pictures:
        try:
            pixels = read(path, model.about)
        except (OSError, ValueError) as error:
            sys.stderr.write(f"{path}: {error}\n")
            status = 2
            continue
        probabilities = model(pixels)
        shares = ", ".join(f"{name} {p:.4f}" for name, p in zip(model.about["class_names"], probabilities, strict=True))
        sys.stdout.write(f"{path}: {model.name(probabilities)} ({shares})\n")
    return status


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
