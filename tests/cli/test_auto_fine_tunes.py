"""Fine-tuning as `auto` tries it: taken by validation alone, noted either way."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from kerasvgg.errors import DataError
from kerasvgg.evaluation.predictions import read_predictions
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.runs.decisions import Decisions
from kerasvgg.runs.estimate import Paces
from kerasvgg.training.guards.dead_runs import DeadRunError

SLOW = pytest.mark.slow
pytestmark = pytest.mark.usefixtures("untrained_vgg16")


@pytest.fixture
def pets(class_folders: Callable, place: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A folder in three parts, and an `auto` that tries one epoch however good the head is."""
    for part, count in (("train", 8), ("validation", 6), ("test", 4)):
        class_folders(root=Path("pets") / part, per_class=count)
    monkeypatch.setattr("kerasvgg.runs.fine_tune.FEWEST_MISTAKES", 0)
    monkeypatch.setattr("kerasvgg.runs.fine_tune.EPOCHS", 1)
    return "pets"


def _figures() -> dict:
    return json.loads(Path("runs/pets/1/metrics.json").read_text())


@pytest.mark.parametrize("taken", [pytest.param(True, marks=SLOW), pytest.param(False, marks=pytest.mark.very_slow)])
def test_the_model_is_the_one_that_validation_speaks_for(
    cli: Callable, pets: str, taken: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kerasvgg.runs import fine_tune

    gain = fine_tune._gain
    monkeypatch.setattr(fine_tune, "_gain", lambda *rows: {**gain(*rows), "taken": taken})
    done = cli("run", pets, "data.image_size=[32, 32]")
    assert done.status == 0, done.err
    figures, folder = _figures(), RunFolder(Path("runs/pets/1"))
    assert figures["fine_tuning"]["taken"] is taken
    phases = [row["phase"] for row in folder.read_history()]
    assert phases == (["block5+head"] if taken else ["head"])
    assert folder.curves.is_file() is folder.layers.is_file() is taken
    assert not folder.checkpoints.exists()
    assert figures["validation"]["n"] == (12 if taken else 28)
    again = cli("evaluate", "runs/pets/1")  # the saved model says what the run said of its test pictures
    assert again.status == 0, again.err
    assert float(re.search(r"probabilities differ by at most ([\d.e-]+)", again.out)[1]) < 1e-5


@pytest.mark.parametrize("trouble", ["dead", pytest.param("a file is gone", marks=pytest.mark.very_slow)])
@SLOW
def test_trouble_in_fine_tuning_leaves_the_head_that_was_solved(
    cli: Callable, pets: str, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kerasvgg.runs import fine_tune

    predicted = fine_tune._predicted
    if trouble == "dead":
        monkeypatch.setattr(fine_tune, "train_classifier", _dead)
    else:
        monkeypatch.setattr(fine_tune, "_predicted", lambda *about: predicted(*about)[1:])
    done = cli("run", pets, "data.image_size=[32, 32]")
    assert done.status == 0, done.err
    figures = _figures()
    assert ("not fine-tuned: nothing is learnt" in done.err) is ("fine_tuning" not in figures) is (trouble == "dead")
    assert cli("predict", "runs/pets/1", "pets/test/cat/0.png").status == 0


def _dead(*_: object, **__: object) -> None:
    raise DeadRunError("nothing is learnt")


@pytest.mark.very_slow
@pytest.mark.parametrize("alike", [True, False])
def test_mirror_images_are_shown_where_they_are_as_well_known(
    cli: Callable, place: Path, alike: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stripes that rise to the right are one class and those that fall the other: mirrored, one is the other."""
    import numpy as np
    from PIL import Image

    random = np.random.default_rng(0)
    row, column = np.mgrid[:32, :32]
    for part, count in (("train", 24), ("validation", 16), ("test", 6)):
        for name, slope in (("falls", 1), ("rises", -1)):
            (Path("pets") / part / name).mkdir(parents=True)
            for number in range(count):
                stripes = (row if alike and slope < 0 else column + (0 if alike else slope * row)) + random.integers(8)
                pixels = np.clip(128 + 90 * np.sin(stripes) + random.normal(0, 20, (32, 32)), 0, 255)
                Image.fromarray(pixels.astype(np.uint8)).save(Path("pets") / part / name / f"{number}.png")
    monkeypatch.setattr("kerasvgg.runs.fine_tune.FEWEST_MISTAKES", 0)
    monkeypatch.setattr("kerasvgg.runs.fine_tune.EPOCHS", 1)
    done = cli("run", "pets", "data.image_size=[32, 32]")
    assert done.status == 0, done.err
    assert _figures()["fine_tuning"]["mirrored"] is alike


def test_a_gain_must_be_larger_than_its_standard_error() -> None:
    import numpy as np

    from kerasvgg.runs.fine_tune import _gain

    labels = np.zeros(100, dtype=int)
    before = np.tile([[0.6, 0.4]], (100, 1))
    better = np.where(np.arange(100)[:, None] < 55, [[0.7, 0.3]], [[0.51, 0.49]])
    assert not _gain(before, better, labels)["taken"]
    better = np.where(np.arange(100)[:, None] < 65, [[0.7, 0.3]], [[0.51, 0.49]])
    assert _gain(before, better, labels)["taken"]


@pytest.mark.slow
def test_what_is_nearly_always_right_is_not_fine_tuned(
    cli: Callable, pets: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kerasvgg.runs.fine_tune.FEWEST_MISTAKES", 28)
    done = cli("run", pets, "data.image_size=[32, 32]")
    assert done.status == 0, done.err
    assert "not fine-tuned: of 28 pictures held out only" in done.err
    assert "fine_tuning" not in _figures()
    _, predictions = read_predictions(Path("runs/pets/1/predictions.csv"))
    assert len(predictions) == 8


@pytest.mark.slow
def test_fine_tuning_that_does_not_fit_into_the_time_is_left_out(
    cli: Callable, pets: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kerasvgg.runs.fine_tune.paces", lambda *_: Paces(100.0, 100.0))
    done = cli("run", pets, "data.image_size=[32, 32]", "auto.minutes=5")
    assert done.status == 0, done.err
    assert "36 pictures at 32 x 32, 36 of them not seen before" in done.err
    # 16 training pictures seen once or three times, 12 of validation four times, 8 of test; then 4 to 10 epochs.
    least, most = (16 * views + 4 * 12 + 8 + epochs * 0.37 * (16 + 12 / 3) for views, epochs in ((1, 4), (3, 10)))
    told = re.search(r"not fine-tuned: it would take (\d+) to (\d+) minutes more", done.err)
    assert [float(one) for one in told.groups()] == pytest.approx([least * 100 / 60, most * 100 / 60], abs=1)


def _pace(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    monkeypatch.setattr("kerasvgg.runs.fine_tune.paces", lambda *_: Paces(seconds, seconds))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pace", "later", "told"),
    [(100.0, 0.0, "not fine-tuned"), pytest.param(0.0, 100.0, "fine-tuned: ", marks=pytest.mark.very_slow)],
)
def test_a_resumed_run_is_fine_tuned_if_it_was_to_be_before_however_fast_the_machine_is_now(
    cli: Callable, pets: str, monkeypatch: pytest.MonkeyPatch, pace: float, later: float, told: str
) -> None:
    _pace(monkeypatch, pace)
    with monkeypatch.context() as patch:
        patch.setattr("kerasvgg.runs.run.score_chosen", _interrupted)
        assert cli("run", pets, "data.image_size=[32, 32]", "auto.minutes=5").status == 130
    folder = RunFolder(Path("runs/pets/1"))
    assert folder.decisions.is_file()
    _pace(monkeypatch, later)
    done = cli("run", folder.path, "--resume")
    assert done.status == 0, done.err
    assert told in done.err
    assert "next:\n  kerasvgg predict runs/pets/1 PICTURES" in done.out  # as it would have ended
    assert ("fine_tuning" in _figures()) is (pace == 0)
    assert not folder.checkpoints.exists()
    if pace == 0:  # what it comes to is what it would have come to
        assert cli("run", pets, "data.image_size=[32, 32]", "auto.minutes=100000").status == 0
        for name in ("choices.csv", "history.csv", "metrics.json", "predictions.csv", "split.csv"):
            assert (folder.path / name).read_bytes() == Path("runs/pets/2", name).read_bytes()


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    "text", ["[1]", '{"engine": "gpu"}', '{"fine_tuning_fits": 1}', '{"seconds": -1}', '{"other": 1}']
)
def test_decisions_that_no_run_has_noted_are_refused(tmp_path: Path, text: str) -> None:
    folder = RunFolder(tmp_path)
    folder.checkpoints.mkdir()
    folder.decisions.write_text(text)
    with pytest.raises(DataError, match=r"decisions\.json` is damaged"):
        Decisions(folder)
    assert Decisions(folder, force=True).once("engine", lambda: "xla") == "xla"  # what may change is decided anew
    assert Decisions(folder).once("engine", lambda: "graph") == "xla"
