"""`kerasvgg crossvalidate`: every picture held out, of a folder and of an experiment with rounds of training."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from kerasvgg.data.folder.manifest import read_manifest
from kerasvgg.evaluation.predictions import read_predictions

ROUNDS = """\
data:
  dataset: pets
  split: {validation: 0.25}
  image_size: [48, 48]
  batch_size: 8
model:
  base: small_cnn
  head: {units: 8}
train:
  - {epochs: 1, learning_rate: 1e-3}
"""


def _figures(name: str) -> dict:
    return json.loads(Path(f"runs/{name}/crossvalidation/1/metrics.json").read_text())


@pytest.mark.slow
@pytest.mark.usefixtures("untrained_vgg16")
def test_a_folder_is_held_out_as_often_as_asked(cli: Callable, class_folders: Callable) -> None:
    class_folders(root=Path("pets"), per_class=8)
    done = cli("crossvalidate", "pets", "data.image_size=[32, 32]", "--folds", "4", "--repeats", "2")
    assert done.status == 0, done.err
    figures = _figures("pets")
    assert (figures["split"], figures["n"], figures["repeats"], len(figures["per_fold"])) == ("folds", 32, 2, 8)
    _, predictions = read_predictions(Path("runs/pets/crossvalidation/1/predictions.csv"))
    assert len({one.path for one in predictions}) == 16
    assert sum(one["correct"] for one in figures["per_fold"]) == figures["correct"]
    low, high = figures["interval_95"]
    assert low <= figures["accuracy"] <= high
    assert high - low > 0.15  # of 16 pictures, however often they are held out


@pytest.mark.slow
def test_rounds_of_training_never_see_what_is_held_out_and_go_on_where_they_stopped(
    cli: Callable, class_folders: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    class_folders(root=Path("pets"), per_class=9)
    Path("rounds.yaml").write_text(ROUNDS)
    seen: list[dict[str, set[str]]] = []
    stops = [True]

    def noting(prepared, extractor):
        if len(seen) == 2 and stops:
            stops.clear()
            raise KeyboardInterrupt
        seen.append({part: {one.path for one in prepared.split.part(part)} for part in ("train", "validation", "test")})
        return trained(prepared, extractor)

    from kerasvgg.runs import crossvalidate

    trained = crossvalidate.train
    monkeypatch.setattr(crossvalidate, "train", noting)
    words = ("crossvalidate", "rounds.yaml", "--folds", "3")
    stopped = cli(*words)
    assert stopped.status == 130
    assert "--resume" in stopped.err
    changed = cli(*words, "data.batch_size=4", "--resume")
    assert (changed.status, "can't go on" in changed.err) == (2, True)
    done = cli(*words, "--resume")
    assert done.status == 0, done.err
    assert len(seen) == 3
    assert set.union(*(one["test"] for one in seen)) == {row["path"] for row in _manifest("rounds")}
    for one in seen:
        assert not one["test"] & (one["train"] | one["validation"])
        assert len(one["test"]) == 6
    assert _figures("rounds")["n"] == 18
    assert not list(Path("runs/rounds/crossvalidation/1").glob("fold-*"))


def _manifest(name: str) -> list[dict[str, str]]:
    return read_manifest(Path(f"runs/{name}/crossvalidation/1/split.csv"))


@pytest.mark.slow
@pytest.mark.usefixtures("untrained_vgg16")
def test_groups_from_a_csv_file_are_held_out_together(cli: Callable, class_folders: Callable) -> None:
    class_folders(root=Path("pets"), per_class=8)
    rows = [("path", "class", "group")]
    rows += [(f"{name}/{i}.png", name, f"{name} {i // 2}") for name in ("cat", "dog") for i in range(8)]
    with Path("mine.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    done = cli("crossvalidate", "pets", "data.image_size=[32, 32]", "--labels", "mine.csv", "--folds", "4")
    assert done.status == 0, done.err
    assert {one["n"] for one in _figures("pets")["per_fold"]} == {4}
    assert _figures("pets")["independent"] < 16 / 1.5
