"""What many tests need: folders of small pictures, and the real data where `KERASVGG_HOME` has it."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from browser import chromium  # noqa: F401  # a fixture
from PIL import Image

from kerasvgg.backbones.registry import PRETRAINED
from kerasvgg.engines.choice import Candidate, choose
from kerasvgg.engines.engine import ENGINES
from kerasvgg.engines.memory import recall
from kerasvgg.engines.plan import planned
from kerasvgg.files import locations as home

Arrays = tuple[np.ndarray, np.ndarray]
COLOURS = ((200, 60, 40), (40, 90, 200), (60, 180, 80), (190, 180, 60))


@pytest.hookimpl(tryfirst=True)  # before -m chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of the cases of a test that is `sampled`, every nth runs by default (0: none) and every mth is slow at most."""
    seen: Counter[str] = Counter()
    for item in items:
        if mark := item.get_closest_marker("sampled"):
            by_default, slow = mark.kwargs.get("by_default", 0), mark.kwargs.get("slow", 1)
            test = item.nodeid.partition("[")[0]
            if not by_default or seen[test] % by_default:
                item.add_marker(pytest.mark.very_slow if seen[test] % slow else pytest.mark.slow)
            seen[test] += 1


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--engine ncnn` has each test's frozen layers computed by it, where it has all of them."""
    parser.addoption("--engine", choices=ENGINES, default="graph")


@pytest.fixture(autouse=True)
def _engine(request, monkeypatch) -> None:
    if (engine := request.config.getoption("--engine")) != "graph":
        take_engine(monkeypatch, engine)


@pytest.fixture
def taking_engine(monkeypatch) -> Callable[[str], None]:
    """Has frozen layers computed by an engine without measuring, where it has all of them."""
    return lambda engine: take_engine(monkeypatch, engine)


def take_engine(monkeypatch: pytest.MonkeyPatch, engine: str) -> None:
    def chosen(model, name, images, pictures, forced=None):
        if forced or recall(Candidate(model, name).key) or (engine == "ncnn" and not planned(model)):
            return choose(model, name, images, pictures, forced)
        return engine

    monkeypatch.setattr("kerasvgg.features.parts.choose", chosen)


@pytest.fixture(autouse=True)
def _no_trial(monkeypatch) -> None:
    """A new process for each small network would take longer than all else; the tests of trial have it."""
    monkeypatch.setattr("kerasvgg.engines.choice.trouble", lambda network, picture: None)


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch) -> Path:
    """Everything that a test makes kerasvgg write goes to a folder of the test's own."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("KERASVGG_CACHE", str(folder))
    return folder


@pytest.fixture
def class_folders(tmp_path) -> Callable[..., Path]:
    """Writes class folders of small noisy PNGs, each class in a colour of its own, and returns their root."""

    def write(classes=("cat", "dog"), per_class=12, size=(48, 52), root=tmp_path / "pictures", flat=False) -> Path:
        draw = np.random.default_rng(list(root.name.encode()))  # the parts of a split differ
        for name, colour in zip(classes, COLOURS, strict=False):
            folder = root if flat else root / name
            folder.mkdir(parents=True, exist_ok=True)
            for i in range(per_class):
                noise = draw.integers(-40, 40, (*size, 3))
                pixels = np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8)
                Image.fromarray(pixels).save(folder / (f"{name}.{i}.png" if flat else f"{i}.png"))
        return root

    return write


@pytest.fixture
def pets(class_folders: Callable[..., Path], tmp_path: Path) -> Path:
    """Twelve pictures each in cat and dog."""
    return class_folders(root=tmp_path / "pets")


@pytest.fixture
def weights_file() -> Path:
    """The real VGG16 weights."""
    path = home.find("weights", PRETRAINED["vgg16"].name)
    if path is None:
        pytest.skip("no VGG16 weights in KERASVGG_HOME: `kerasvgg weights get` fetches them")
    return path.absolute()


@pytest.fixture
def real_cats_and_dogs() -> Path:
    """The real photos, in Kaggle's flat layout."""
    path = home.find("datasets", "cats_and_dogs", "train")
    if path is None:
        pytest.skip("no cats_and_dogs in KERASVGG_HOME: `kerasvgg data get cats_and_dogs` fetches them")
    return path.absolute()


@pytest.fixture(scope="session")
def noisy() -> Callable[..., Arrays]:
    """Makes 24 noisy pictures, uint8 (24, side, side, 3), every second one redder, and their class numbers."""

    def make(redder: int = 60, side: int = 48, seed: int = 0) -> Arrays:
        labels = np.arange(24) % 2
        images = np.random.default_rng(seed).integers(0, 156, (24, side, side, 3)).astype(np.uint8)
        images[labels == 1, ..., 0] += redder
        return images, labels

    return make
