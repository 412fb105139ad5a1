"""What is served says what `kerasvgg predict` says: a model file, by TensorFlow and by ncnn, and its export."""

import csv
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from model_server import as_form, jpeg

import kerasvgg

pytestmark = pytest.mark.slow
SAME = 1e-5
COUNT = 12


@pytest.fixture
def described(tmp_path: Path) -> Path:
    """A small network with random weights, as a run leaves it."""
    import keras

    from kerasvgg.modelfile.description import Description
    from kerasvgg.models.classifier import build_classifier
    from kerasvgg.models.save import save_model

    keras.utils.set_random_seed(1)
    model = build_classifier("small_cnn", (48, 56), 2, kind="unit", pooling="average", units=())
    path = tmp_path / "model.keras"
    save_model(model, path, Description(("cat", "dog"), (48, 56), "bilinear", "unit", "small_cnn", temperature=1.5))
    return path


def _predicted(model: Path, folder: Path) -> np.ndarray:
    env = {**os.environ, "PYTHONPATH": str(Path(kerasvgg.__file__).parents[1])}
    command = [sys.executable, "-m", "kerasvgg", "predict", str(model), str(folder), "--csv"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=env)
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert len(rows) == COUNT
    return np.array([[float(row["cat"]), float(row["dog"])] for row in rows])


def test_a_model_file_and_its_export_are_served_as_predicted(
    begin: Callable, described: Path, tmp_path: Path, cache: Path
) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    contents = [jpeg(seed, (60 + 20 * seed, 90)) for seed in range(COUNT)]
    for place, content in enumerate(contents):
        (folder / f"{place}.jpg").write_bytes(content)
    wanted = _predicted(described, folder)
    assert np.ptp(wanted) > 1e-4
    first = begin(described)
    engines = [first.ask("/ready").said["engine"]]
    assert np.abs(first.ask("/predict", *as_form(*contents)).rows - wanted).max() < SAME
    again = begin(described)  # by what was found out the first time
    engines.append(again.ask("/ready").said["engine"])
    assert engines[0] == engines[1]
    assert np.abs(again.ask("/predict", *as_form(*contents)).rows - wanted).max() < SAME
    answer = again.predict(contents[0], "?class_map=true")
    assert answer.status == 422
    assert "needs an ONNX export" in answer.said["error"]
    exported = kerasvgg.export_model(described, ["onnx"], output=tmp_path / "exports")
    third = begin(exported.files[0].file)
    assert np.abs(third.ask("/predict", *as_form(*contents)).rows - wanted).max() < SAME
    assert third.ask("/ready").said["class_maps"]
    assert third.predict(contents[0], "?class_map=true").status == 200
    shutil.rmtree(cache, ignore_errors=True)
