"""predict.py, which lies beside exports, sees the pixels that kerasvgg sees, without kerasvgg."""

import ast
import sys
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scenes import scene

from kerasvgg.data.pictures.decode import decode
from kerasvgg.export import program

ORIENTATION = 0x0112
SIZES = ((160, 120), (97, 203), (640, 480), (1200, 900), (4000, 3000))


def _about(interpolation: str = "bilinear", fit: str = "squeeze", size: tuple[int, int] = (72, 96)) -> dict:
    """What an export says of itself, so far as reading a picture needs it."""
    about = {"image_size": list(size), "channels": 3, "interpolation": interpolation, "fit": fit}
    return {**about, "filling": [124, 117, 104]}


def _jpegs(folder: Path) -> list[Path]:
    """Fifty JPEGs: small to 12 megapixels, turned in all eight ways, gray, CMYK, progressive, coarse."""
    found = []
    for number, (size, kind) in enumerate(product(SIZES, ["RGB", "L", "CMYK", "progressive", *range(1, 7)])):
        picture, path = scene(number).resize(size, Image.Resampling.BICUBIC), folder / f"{number}.jpg"
        exif = Image.Exif()
        if isinstance(kind, int):
            exif[ORIENTATION] = kind + 2
        picture = picture.convert(kind) if kind in ("L", "CMYK") else picture
        picture.save(path, quality=60 + number % 40, progressive=kind == "progressive", exif=exif)
        found.append(path)
    assert len(found) == 50
    return found


def test_fifty_jpegs_have_the_pixels_that_the_model_was_trained_on(tmp_path: Path) -> None:
    for path in _jpegs(tmp_path):
        assert (program.read(path, _about()) == decode(path, (72, 96))).all(), path.name


@pytest.mark.parametrize("fit", ["squeeze", "pad", "crop"])
@pytest.mark.parametrize("interpolation", ["nearest", "bilinear", "bicubic", "lanczos", "box", "hamming"])
def test_each_way_of_resizing_is_the_same(tmp_path: Path, interpolation: str, fit: str) -> None:
    for number, size in enumerate(((700, 500), (210, 640), (96, 72), (30, 20))):
        scene(number, size).save(path := tmp_path / f"{number}.jpg")
        for wanted in ((72, 96), (64, 64)):
            seen = program.read(path, _about(interpolation, fit, wanted))
            assert (seen == decode(path, wanted, interpolation, fit)).all()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_so_are_other_kinds_of_pictures(tmp_path: Path, mode: str) -> None:
    picture = scene(3)
    if mode == "I;16":
        picture = Image.fromarray(np.asarray(picture.convert("L")).astype(np.uint16) * 257)
    else:
        picture = picture.convert("P" if mode == "P" else mode)
    picture.save(path := tmp_path / "one.png")
    assert (program.read(path, _about()) == decode(path, (72, 96))).all()


def test_a_gray_model_gets_gray_pictures(tmp_path: Path) -> None:
    scene(1).save(path := tmp_path / "one.jpg")
    seen = program.read(path, {**_about(), "channels": 1})
    assert seen.shape == (72, 96, 1)
    assert (seen[..., 0] == np.asarray(Image.fromarray(decode(path, (72, 96))).convert("L"))).all()


def test_it_needs_nothing_of_kerasvgg() -> None:
    tree = ast.parse(Path(program.__file__).read_text(encoding="utf-8"))
    names = {one.name for node in ast.walk(tree) if isinstance(node, ast.Import) for one in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    others = {name.partition(".")[0] for name in names} - sys.stdlib_module_names
    assert others == {"numpy", "PIL", "onnxruntime", "ai_edge_litert", "openvino", "tensorflow"}


@pytest.mark.parametrize(("thresholds", "said"), [(None, "b"), ([0.1, 0.9, 0.3], "a|c"), ([0.9, 0.9, 0.9], "")])
def test_it_names_what_the_probabilities_say(thresholds: list[float] | None, said: str) -> None:
    model = program.Model.__new__(program.Model)
    model.about = {"class_names": ["a", "b", "c"], "thresholds": thresholds}
    assert model.name(np.array([0.2, 0.5, 0.3])) == said
