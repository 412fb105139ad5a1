"""model.html in a real browser, from a file and without a network: it says what `kerasvgg predict` says."""

import csv
import json
import time
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import require_open_to_all
from PIL import Image, ImageOps
from scenes import scene

import kerasvgg
from kerasvgg.data.pictures.decode import decode
from kerasvgg.data.pictures.resizing import FILLING, INTERPOLATIONS, resize
from kerasvgg.export.to_web import FOLDER, NAME
from kerasvgg.files.locations import checkout
from kerasvgg.modelfile.description import Description
from kerasvgg.modelfile.open.open import OpenedModel
from kerasvgg.models.classifier import build_classifier

pytest.importorskip("onnxruntime", reason="needs the extra `export`")
CLASSES = ("cat", "dog", "<b>fish</b>")
SIZE = (56, 64)


@pytest.fixture
def runtime(cache: Path) -> None:
    """Puts npm's archive where it would be fetched to."""
    kept = (checkout() or Path()) / "data" / FOLDER / NAME
    if not kept.exists():
        pytest.skip(f"needs {NAME}, which `make runtimes` fetches")
    (cache / FOLDER).mkdir()
    (cache / FOLDER / NAME).symlink_to(kept)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Pictures of many sizes: large ones, gray ones, turned ones, and a text that calls itself a picture."""
    (folder := tmp_path / "photos").mkdir()
    for number in range(48):
        picture = scene(number).resize((60 + 37 * number, 1500 - 29 * number), Image.Resampling.BICUBIC)
        exif = Image.Exif()
        exif[0x0112] = 1 + number % 8
        (picture.convert("L") if number % 7 == 3 else picture).save(folder / f"{number}.jpg", quality=92, exif=exif)
    scene(50).save(folder / "48.png")
    (folder / "49.jpg").write_text("no picture")
    return folder


def _model() -> OpenedModel:
    """A small CNN with its head on averages, whose answers differ between pictures."""
    model = build_classifier("small_cnn", SIZE, 3, kind="unit", units=(), pooling="average", seed=2)
    kernel, bias = model.get_layer("head_output").get_weights()
    model.get_layer("head_output").set_weights([60 * kernel, bias])
    return OpenedModel(model, Description(CLASSES, SIZE, "bilinear", "unit", "small_cnn", temperature=2.0))


@pytest.fixture
def resized(chromium: Callable[..., Any]) -> Callable[..., np.ndarray]:
    """Has the page's own script bring a picture to the size of a model."""
    page = chromium()
    page.add_script_tag(content=files("kerasvgg.export").joinpath("web", "resize.js").read_text())

    def fitted(picture: Image.Image, about: dict[str, Any], orientation: int = 0) -> np.ndarray:
        given = [[*picture.convert("RGBA").tobytes()], *picture.size, about, orientation]
        call = """([data, width, height, about, orientation]) => {
            const image = { data: Uint8ClampedArray.from(data), width, height };
            const small = fitted(orientation ? reduced(image, about, orientation) : image, about);
            return Array.from(pixels(small, about.channels));
        }"""
        return np.array(page.evaluate(call, given)).reshape(*about["image_size"], about["channels"])

    return fitted


@pytest.mark.parametrize(
    ("fit", "names"), [("squeeze", INTERPOLATIONS), ("pad", ["bilinear", "nearest"]), ("crop", ["bilinear", "nearest"])]
)
def test_the_script_resizes_as_pillow_does(resized: Callable[..., np.ndarray], fit: str, names: list[str]) -> None:
    for size in ((51, 117), (96, 62), (30, 20), (64, 56)):
        for name in names:
            about = {"image_size": [56, 64], "channels": 3, "interpolation": name, "fit": fit, "filling": FILLING}
            picture = scene(sum(size), size)
            wanted = np.asarray(resize(picture, (56, 64), name, fit)).astype(int)
            off = np.abs(resized(picture, about) - wanted)
            assert off.mean() < 0.25, (size, name)
            if name != "box":  # which takes or leaves a whole pixel where its edge is at a half
                assert off.max() <= (0 if name == "nearest" else 12), (size, name)  # where values overshoot


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_the_script_sees_large_jpegs_as_the_decoder_does(
    resized: Callable[..., np.ndarray], tmp_path: Path, orientation: int
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    scene(orientation, (131, 227)).save(path := tmp_path / "one.jpg", quality=92, exif=exif)
    about = {"image_size": [20, 24], "channels": 3, "interpolation": "bilinear", "fit": "squeeze"}
    whole = ImageOps.exif_transpose(Image.open(path))
    off = np.abs(resized(whole, about, orientation) - decode(path, (20, 24)).astype(float)).mean()
    assert off < 0.5
    for other in {1, 3} - {orientation}:
        assert np.abs(resized(whole, about, other) - decode(path, (20, 24))).mean() > off


def _wait(page: Any, count: int) -> None:
    deadline = time.monotonic() + 120
    while not page.inner_text("#state").startswith(f"Ready: {count} looked at"):
        assert time.monotonic() < deadline, page.inner_text("#state")
        time.sleep(0.1)


@pytest.mark.slow
@pytest.mark.usefixtures("runtime")
def test_the_page_says_what_predict_says(chromium: Callable[..., Any], photos: Path, tmp_path: Path) -> None:
    opened, out = _model(), tmp_path / "out"
    made = kerasvgg.export_model(opened, ["web"], output=out, pictures=photos)
    assert made.refused == ()
    address = (out / "model.html").as_uri()
    page = chromium(offline=True)
    page.goto(address)
    _wait(page, 0)
    page.set_input_files("#files", sorted(map(str, photos.iterdir())))
    _wait(page, 49)
    assert page.said == []
    assert {one for one in page.asked if not one.startswith("blob:")} == {address}
    expected = {Path(one.path).name: one for one in kerasvgg.predict(opened, photos, engine="graph")}
    assert len(expected) == 49
    said = {
        one.query_selector("canvas").get_attribute("aria-label"): json.loads(one.get_attribute("data-probabilities"))
        for one in page.query_selector_all("li[data-probabilities]")
    }
    rows = {name: np.array(one.probabilities) for name, one in expected.items()}
    assert max(np.ptp(row) for row in rows.values()) > 0.3
    assert said.keys() == rows.keys()
    assert max(np.abs(said[name] - row).max() for name, row in rows.items()) < 0.01
    clear = {name for name, row in rows.items() if np.diff(np.sort(row))[-1] > 0.05}
    assert all(np.argmax(said[name]) == rows[name].argmax() for name in clear)
    assert page.inner_text("li:not([data-probabilities])").startswith("not a picture that this browser can show")
    with page.expect_download() as download:
        page.click("#csv")
    table = list(csv.reader(download.value.path().read_text().splitlines()))
    assert table[0] == ["path", "predicted", *CLASSES]
    assert len(table) == 50
    item = page.query_selector("li[data-probabilities]")
    before = item.query_selector("canvas").screenshot()
    item.query_selector("select").select_option(index=1)
    assert item.query_selector("canvas").screenshot() != before
    for theme, width in (("light", 1280), ("dark", 360)):
        without = chromium(color_scheme=theme, bypass_csp=True, viewport={"width": width, "height": 700})
        without.goto(address)  # where axe-core may be injected
        _wait(without, 0)
        require_open_to_all(without)
        assert without.evaluate("document.documentElement.scrollWidth") <= width
    _require_no_other_script(chromium(), out / "model.html")


def _require_no_other_script(page: Any, path: Path) -> None:
    """Fails where a page runs whose script was changed."""
    path.write_text(path.read_text().replace("const SIDE = 320;", "const SIDE = 321;"))
    page.goto(path.as_uri())
    page.wait_for_timeout(300)
    assert page.inner_text("#state") == "Starting ..."
    assert any("Content Security Policy" in one for one in page.said)
