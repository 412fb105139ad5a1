"""The command line as its users meet it: `main` in this process to stay fast, real processes where that matters."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

import kerasvgg
from kerasvgg.__main__ import main
from kerasvgg.data.folder.index import NAME as INDEX

TINY = """\
seed: 1
data:
  dataset: pictures
  split: {train: 6, validation: 3, test: 3}
  image_size: [48, 48]
  batch_size: 8
model:
  base: small_cnn
  head: {units: 8}
train:
  - {epochs: 1, learning_rate: 1e-3}
"""


class Done(NamedTuple):
    """How a command ended and what it wrote."""

    status: int | str | None
    out: str
    err: str


def _call(*words: object) -> Done:
    out, err = StringIO(), StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["kerasvgg", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
    return Done(ended.value.code, out.getvalue(), err.getvalue())


@pytest.fixture
def place(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, which is the test's own; no data sets from elsewhere."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KERASVGG_HOME", str(cache))
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "2")
    return tmp_path


@pytest.fixture
def untrained_vgg16(monkeypatch: pytest.MonkeyPatch) -> None:
    """VGG16 with random weights, which tell colours apart, where an experiment asks for ImageNet's."""
    monkeypatch.setattr("kerasvgg.training.build.imagenet_weights", lambda base: None)


@pytest.fixture
def cli(place: Path) -> Callable[..., Done]:
    """Calls kerasvgg in this process; what it raises and does not show itself fails the test."""
    return _call


@pytest.fixture
def environment(place: Path, cache: Path) -> dict[str, str]:
    """What a process of kerasvgg finds in its environment, so that it runs this code from any folder."""
    return {**os.environ, "PYTHONPATH": str(Path(kerasvgg.__file__).parents[1])}


@pytest.fixture
def process(environment: dict[str, str]) -> Callable[..., Done]:
    """Runs kerasvgg in a process of its own."""

    def run(*words: object, **more: str) -> Done:
        command = [sys.executable, "-m", "kerasvgg", *map(str, words)]
        env = {**environment, **more}
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=200, env=env)
        return Done(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def tiny(class_folders: Callable[..., Path], place: Path) -> str:
    """An experiment beside its pictures that runs in seconds; returns the file's name."""
    class_folders()
    Path("tiny.yaml").write_text(TINY)
    return "tiny.yaml"


@pytest.fixture
def standing(place: Path, cache: Path) -> Callable[[], dict[str, bytes | None]]:
    """Tells all that stands in the working folder and in the cache: folders, links, and files with their content.

    What is known of pictures that were looked at stands in no one's way.
    """

    def tell() -> dict[str, bytes | None]:
        found = sorted(path for root in (place, cache) for path in _walk(root) if path.name != INDEX)
        return {str(path): path.read_bytes() if _is_readable(path) else None for path in found}

    return tell


def _walk(root: Path) -> Iterator[Path]:
    return (Path(folder, name) for folder, folders, files in os.walk(root) for name in (*folders, *files))


def _is_readable(path: Path) -> bool:
    return path.is_file() and os.access(path, os.R_OK)


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One finished run for all tests that only read it; its classes are blue and red."""
    root = tmp_path_factory.mktemp("trained")
    for name, colour in (("blue", (40, 60, 200)), ("red", (200, 60, 40))):
        (root / "pictures" / name).mkdir(parents=True)
        for i in range(12):
            noise = np.random.default_rng(i).integers(-40, 40, (48, 52, 3))
            Image.fromarray((np.array(colour) + noise).astype(np.uint8)).save(root / "pictures" / name / f"{i}.png")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.setenv("KERASVGG_CACHE", str(root / "cache"))
        Path("tiny.yaml").write_text(TINY)
        assert _call("run", "tiny.yaml", "train.0.epochs=3").status == 0
    return root / "runs" / "tiny" / "1"


def _write_pairs(root: Path, count: int, seed: int = 0) -> Path:
    """Writes pictures of two digits, of which 8 and 9 are no class, and labels.csv with what they show."""
    digits, draw = load_digits(), np.random.default_rng(seed)
    known = np.flatnonzero(np.isin(digits.target, (0, 1, 2, 3, 8, 9)))
    root.mkdir(parents=True)
    rows = ["path,class"]
    for number in range(count):
        pair = draw.choice(known, 2)
        pixels = np.kron(np.hstack(digits.images[pair]) * 15, np.ones((6, 6)))
        Image.fromarray(pixels.astype(np.uint8)).save(root / f"{number}.png")
        rows.append(
            f"{number}.png,{'|'.join(sorted({str(digits.target[one]) for one in pair} - {'8', '9'}, reverse=True))}"
        )
    (root / "labels.csv").write_text("\n".join(rows) + "\n")
    return root


@pytest.fixture
def digit_pairs(place: Path) -> Callable[..., Path]:
    """Writes pairs of digits, of which some show two classes and some none, to a folder."""
    return _write_pairs


@pytest.fixture(scope="session")
def trained_on_pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One finished run on pairs of digits for all tests that only read it."""
    root = tmp_path_factory.mktemp("trained_on_pairs")
    _write_pairs(root / "pictures", 96)
    settings = ("data.split={validation: 0.25, test: 0.25}", "train.0.epochs=2")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.setenv("KERASVGG_CACHE", str(root / "cache"))
        Path("tiny.yaml").write_text(TINY)
        assert _call("run", "tiny.yaml", *settings).status == 0
    return root / "runs" / "tiny" / "1"


@pytest.fixture
def frozen(tiny: str, untrained_vgg16: None) -> str:
    """An experiment that trains a head on VGG16, beside its pictures; returns the file's name."""
    on_vgg16 = Path(tiny).read_text().replace("small_cnn", "vgg16\n  weights: imagenet\n  preprocessing: vgg")
    Path("frozen.yaml").write_text(on_vgg16.replace("- {epochs", "- {layers: head, epochs"))
    return "frozen.yaml"
