"""What `kerasvgg init` writes for the picture zoo, whole or a section at a time, validates and runs."""

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from by_hand import rgb_png
from doors import kerasvgg
from zoo import HEIGHT, WIDTH, Good, Kind, build, kinds, sections

from kerasvgg.evaluation.predictions import read_predictions
from kerasvgg.files.run_folder import RunFolder

FOLDERS: dict[str, Callable[[], list[Kind]]] = {
    **{name: lambda name=name: sections()[name] for name in sections()},
    "all": kinds,
}
QUICK = "GIF"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("kerasvgg.training.build.imagenet_weights", lambda base: None)
    return tmp_path


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name == QUICK else pytest.mark.very_slow) for name in FOLDERS]
)
def test_the_starter_of_a_zoo_validates_and_runs_on_every_whole_picture(place: Path, name: str) -> None:
    some = FOLDERS[name]()
    root = place / "pictures" / "root"
    (root / "zoo").mkdir(parents=True)
    build(root, some)
    for number in range(2):  # so that there are two pictures of the kinds' class, however many of them are whole
        rgb = np.random.default_rng(number).integers(0, 256, (HEIGHT, WIDTH, 3)).astype(np.uint8)
        (root / "zoo" / f"beside-{number}.png").write_bytes(rgb_png(rgb))
    assert kerasvgg("init", root)[0] == 0
    assert kerasvgg("validate", "experiment.yaml")[0] == 0
    status, _, err = kerasvgg("run", "experiment.yaml", "data.image_size=[32, 32]")
    assert status == 0, err
    _, predictions = read_predictions(RunFolder(Path("runs/experiment/1")).predictions)
    seen = {one.path for one in predictions}
    whole = {kind.place for kind in some if isinstance(kind.fate, Good)}
    whole |= {"zoo/beside-0.png", "zoo/beside-1.png", *(f"plain/{number}.png" for number in range(8))}
    assert seen >= {place.replace("\udce9", "\\xe9") for place in whole - _in_two_classes(root, whole)}
    assert seen.isdisjoint(kind.place for kind in some if not isinstance(kind.fate, Good))


def _in_two_classes(root: Path, places: set[str]) -> set[str]:
    """Returns which of the files have the content of one in another class: such are left out."""
    classes = defaultdict(set)
    for place in places:
        classes[(root / place).read_bytes()].add(place.partition("/")[0])
    return {place for place in places if len(classes[(root / place).read_bytes()]) > 1}
