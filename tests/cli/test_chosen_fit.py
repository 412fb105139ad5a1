"""`data.fit: auto`: what becomes of pictures' proportions is chosen by folds, and stays with the run."""

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.stats import ttest_rel

from kerasvgg.config.load import load_experiments
from kerasvgg.evaluation.predictions import read_predictions
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.modelfile.description import read_description
from kerasvgg.runs import proportions
from kerasvgg.runs.decisions import Decisions
from kerasvgg.runs.prepare import Prepared, prepare
from kerasvgg.runs.update import updated_experiment

pytestmark = pytest.mark.usefixtures("untrained_vgg16")
SMALL = "data.image_size=[32, 32]"
EXPERIMENT = """\
data: {dataset: pets, split: {folds: 2}, image_size: [32, 32], fit: auto}
model: {base: vgg16}
auto: {}
"""


@pytest.fixture
def middles(place: Path) -> Path:
    """Wide pictures of two classes that differ in the middle, and are strewn with colours on both sides."""
    draw = np.random.default_rng(0)
    for label, colour in (("cat", (150, 110, 100)), ("dog", (100, 110, 150))):
        (place / "pets" / label).mkdir(parents=True)
        for number in range(20):
            pixels = np.tile(draw.integers(0, 256, (1, 8, 3)), (40, 1, 1)).repeat(20, axis=1)
            pixels[:, 60:100] = np.array(colour) + draw.integers(-40, 40, (40, 40, 3))
            Image.fromarray(pixels.astype(np.uint8)).save(place / "pets" / label / f"{number}.png")
    return place / "pets"


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.slow
def test_what_shows_the_classes_best_is_taken_and_stays_with_the_run_when_it_is_resumed_and_brought_up_to_date(
    cli: Callable, middles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proportions, "FEWEST", 40)
    with monkeypatch.context() as patch:
        patch.setattr("kerasvgg.runs.run.score_chosen", _interrupted)
        done = cli("run", "pets", SMALL)
        assert done.status == 130, done.err
    assert "fit: crop; cross entropy of 40 pictures held out: squeeze " in done.err
    assert "fit: auto" in Path("runs/pets.yaml").read_text()
    done = cli("run", "pets", SMALL, "--resume")
    assert done.status == 0, done.err
    assert "pictures held out: squeeze" not in done.err
    folder = RunFolder(Path("runs/pets/1"))
    assert load_experiments(folder.experiment)[""].data.fit == "crop"
    assert updated_experiment(folder, middles).data.fit == "crop"
    about = read_description(folder.model_keras)
    assert about is not None
    assert (about.fit, "fit: crop" in about.experiment) == ("crop", True)
    with folder.fits.open(newline="") as file:
        rows = {row["fit"]: row for row in csv.DictReader(file)}
    assert list(rows) == ["squeeze", "pad", "crop"]
    assert float(rows["crop"]["gain"]) > float(rows["crop"]["standard_error"]) > 0
    assert float(rows["squeeze"]["gain"]) == 0
    said = cli("evaluate", "runs/pets/1", "pets", "--output", "again")  # the model file squeezes nothing
    assert said.status == 0, said.err
    assert json.loads(Path("again/metrics.json").read_text())["accuracy"] > 0.9
    assert len(read_predictions(folder.predictions)[1]) == 40


@pytest.fixture
def prepared(middles: Path, monkeypatch: pytest.MonkeyPatch) -> Prepared:
    monkeypatch.setattr(proportions, "FEWEST", 40)
    Path("auto.yaml").write_text(EXPERIMENT)
    return prepare(load_experiments(Path("auto.yaml"))[""])


@pytest.mark.parametrize(("times", "taken"), [(1.05, "pad"), (0.95, "squeeze")])
def test_squeeze_stays_unless_another_is_better_by_more_than_a_standard_error(
    prepared: Prepared, monkeypatch: pytest.MonkeyPatch, times: float, taken: str
) -> None:
    draw = np.random.default_rng(1)
    usual, differences = draw.uniform(0.5, 1, 40), draw.normal(0, 0.1, 40)
    differences -= differences.mean()
    error = ttest_rel(usual, usual - differences - 1).statistic ** -1  # of a mean difference of 1
    losses = {"squeeze": usual, "pad": usual - differences - times * error, "crop": usual + 0.1}
    paths = [one.path for one in prepared.split.pictures]

    def held_out(some: Prepared, mode: str) -> dict[str, float]:
        return dict(zip(paths, losses[some.experiment.data.fit], strict=True))

    monkeypatch.setattr(proportions, "_losses", held_out)
    chosen, rows = proportions.with_chosen_fit(prepared, Decisions(None))
    assert chosen.experiment.data.fit == chosen.classifier.description.fit == taken
    assert rows[1].standard_error == pytest.approx(error)
    assert rows[1].gain == pytest.approx(times * error)


def test_a_sample_has_no_test_pictures_and_is_drawn_again_alike(
    prepared: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proportions, "MOST", 10)
    parts = [
        replace(one, split="test" if number % 2 else "train") for number, one in enumerate(prepared.split.pictures)
    ]
    parted = replace(prepared, split=replace(prepared.split, pictures=tuple(parts)))
    first, again = (proportions.sample(parted).split.pictures for _ in range(2))
    assert first == again
    assert [one.split for one in first] == ["train"] * 10


@pytest.mark.parametrize(("fewest", "size", "told"), [(41, 160, "40 are too few"), (40, 42, "nearly all have the")])
def test_where_there_is_nothing_to_compare_pictures_are_squeezed_which_is_said(
    prepared: Prepared,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
    fewest: int,
    size: int,
    told: str,
) -> None:
    monkeypatch.setattr(proportions, "FEWEST", fewest)
    for path in Path("pets").rglob("*.png"):
        Image.new("RGB", (size, 40)).save(path)
    chosen, rows = proportions.with_chosen_fit(prepared, Decisions(None))
    assert (chosen.experiment.data.fit, rows) == ("squeeze", [])
    assert f"pictures are squeezed: {told}" in capsys.readouterr().err


@pytest.mark.very_slow
def test_a_comparison_that_does_not_fit_into_the_time_is_left_out(
    cli: Callable, middles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proportions, "FEWEST", 40)
    monkeypatch.setattr("kerasvgg.runs.estimate._comparing_seconds", lambda *_: 1200.0)
    done = cli("run", "pets", SMALL, "auto.minutes=15")
    assert done.status == 0, done.err
    assert "pictures are squeezed: to compare would take about 20 minutes more" in done.err
    assert load_experiments(Path("runs/pets/1/experiment.yaml"))[""].data.fit == "squeeze"
    assert not Path("runs/pets/1/fits.csv").exists()


@pytest.mark.parametrize(("options", "fit"), [((), "auto"), (("--quick",), "squeeze")])
def test_only_a_first_look_compares_nothing(
    cli: Callable, class_folders: Callable, options: tuple[str, ...], fit: str
) -> None:
    class_folders(root=Path("pets"), per_class=4)
    assert cli("init", "pets", *options).status == 0
    assert load_experiments(Path("experiment.yaml"))[""].data.fit == fit
