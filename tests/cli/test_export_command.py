"""`kerasvgg export` on a run: its table, its status, and what the run's page then says."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from kerasvgg.evaluation.predictions import read_predictions


def test_mistakes_are_told_before_anything_is_computed(cli: Callable, tmp_path: Path) -> None:
    done = cli("export", "nothing")
    assert (done.status, done.err) == (
        2,
        "`nothing` must be a run folder or a model file (.keras or .h5), received nothing there\n",
    )
    (tmp_path / "folder").mkdir()
    assert cli("export", "folder").status == 2
    (tmp_path / "model.keras").write_bytes(b"PK")
    done = cli("export", "model.keras", "--to", "onnx, coreml")
    assert done.status == 2
    assert (
        "`--to` must be among onnx, litert, openvino, web, savedmodel, with commas between, received 'coreml'"
        in done.err
    )
    done = cli("export", "model.keras", "--to", "savedmodel", "--max-shift", "2")
    assert (done.status, done.err) == (2, "`--max-shift` must be above 0 and at most 1, received 2.0\n")


@pytest.mark.slow
def test_a_run_is_proven_on_validation_and_its_test_split_only_tells(cli: Callable, tiny: str) -> None:
    assert cli("run", tiny).status == 0
    run = Path("runs/tiny/1")
    done = cli("export", run, "--to", "savedmodel")
    assert done.status == 0, done.err
    header, _, keras, saved, words, following = (line for line in done.out.splitlines() if line.strip())
    assert header.split()[:2] == ["export", "MB"]
    assert keras.split()[0] == "Keras"
    assert saved.split()[0] == "savedmodel"
    assert "0 of 6" in saved
    correct = sum(one.predicted == one.true for one in read_predictions(run / "predictions.csv")[1])
    assert f"{100 * correct / 6:.1f} % (" in saved
    assert words == "held against Keras on 6 pictures (validation); the test split only tells"
    assert following == f"next: python {run}/exports/predict.py {run}/exports/saved_model PICTURES"
    record = json.loads((run / "exports" / "export.json").read_text())
    (row,) = record["exports"]
    assert (row["part"], row["proof"]["n"], record["test_seen"]) == ("validation", 6, None)
    assert "Exports" in (run / "report.html").read_text()
    Path("pictures").rename("moved")
    done = cli("export", run, "--to", "savedmodel")
    assert done.status == 2
    assert "`data.dataset` must be a folder of pictures" in done.err
