import csv
import json
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from kerasvgg.config.load import load_experiments
from kerasvgg.errors import ConfigError
from kerasvgg.evaluation.calibration import fit_temperature, probabilities
from kerasvgg.evaluation.metrics import metrics
from kerasvgg.evaluation.predictions import read_predictions
from kerasvgg.evaluation.test_access import count_accesses
from kerasvgg.modelfile.open.open import open_model
from kerasvgg.runs.predict import predict
from kerasvgg.runs.prepare import prepare
from kerasvgg.runs.run import run as run_prepared

TINY = """
seed: 1
data: {{dataset: {dataset}, split: {split}, image_size: [48, 48], batch_size: 8}}
model: {{base: small_cnn, head: {{units: 8}}}}
train: [{{epochs: 2, learning_rate: 1e-3}}]
"""


@pytest.fixture
def run(tmp_path, class_folders):
    """Runs a tiny experiment, by default on three classes with a test split."""

    def start(split="{train: 6, validation: 3, test: 3}", dataset=None, *overrides):
        dataset = dataset or class_folders(("a", "no", "ü"), per_class=12)
        path = tmp_path / "tiny.yaml"
        path.write_text(TINY.format(dataset=json.dumps(str(dataset)), split=split))
        experiment = load_experiments(path, overrides)[""]
        return run_prepared(prepare(experiment), "tiny", tmp_path / "runs")

    yield start
    keras.backend.clear_session()


def test_a_run_folder_holds_all_that_was_promised(run):
    outcome = run()
    mistakes = {"mistakes.png", "worst"} if outcome.metrics["accuracy"] < 1 else set()
    assert {path.name for path in outcome.folder.path.iterdir()} == {
        "experiment.yaml", "split.csv", "environment.json", "history.csv", "predictions.csv", "metrics.json",
        "model.h5", "model.keras", "curves.png", "confusion.png", "reliability.png", "layers.csv", "data.json",
        "report.html", "card.md", *mistakes,
    }  # fmt: skip
    assert outcome.images == 36
    with outcome.folder.split.open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 36


@pytest.mark.slow
def test_runs_are_numbered_and_equal_runs_have_equal_files(run):
    first, second = run(), run()
    assert [outcome.folder.path.name for outcome in (first, second)] == ["1", "2"]
    for name in ("experiment.yaml", "split.csv", "history.csv", "predictions.csv", "metrics.json"):
        assert (first.folder.path / name).read_bytes() == (second.folder.path / name).read_bytes()
    assert [outcome.test_seen for outcome in (first, second)] == [1, 2]  # in environment.json
    assert count_accesses(first.metrics["scored_sha256"]) == 2


@pytest.mark.slow
def test_a_look_is_counted_before_anything_of_the_test_split_is_written(run, cache, monkeypatch):
    def stopped(*args, **more):
        raise OSError(f"stopped after {len((cache / 'looks.tsv').read_text().splitlines())} look")

    monkeypatch.setattr("kerasvgg.runs.results.write_predictions", stopped)
    with pytest.raises(OSError, match="stopped after 1 look"):
        run("{train: 6, validation: 3, test: 3}", None, "train.0.epochs=1")


def test_where_looks_can_not_be_counted_nothing_is_trained(run, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("KERASVGG_CACHE", str(tmp_path / "file"))
    with pytest.raises(ConfigError, match="KERASVGG_CACHE"):
        run()
    assert not (tmp_path / "runs").exists()


@pytest.mark.slow
def test_the_resolved_experiment_runs_again_to_the_same_history(run, tmp_path):
    first = run()
    experiment = load_experiments(first.folder.experiment)[""]
    again = run_prepared(prepare(experiment), "again", tmp_path / "runs")
    assert first.folder.history.read_bytes() == again.folder.history.read_bytes()


def test_metrics_equal_keras_evaluate_and_scikit_learn(run):
    from sklearn.metrics import accuracy_score, confusion_matrix, log_loss

    outcome = run()
    names, predictions = read_predictions(outcome.folder.predictions)
    true, predicted = [one.true for one in predictions], [one.predicted for one in predictions]
    figures = json.loads(outcome.folder.metrics.read_text())
    again = metrics(names, predictions, figures["calibration"]["temperature"])
    assert json.loads(json.dumps(again)).items() <= figures.items()
    assert figures["accuracy"] == accuracy_score(true, predicted)
    assert figures["confusion"] == confusion_matrix(true, predicted, labels=names).tolist()
    probabilities = np.array([one.probabilities for one in predictions])
    assert figures["loss"] == pytest.approx(
        log_loss(true, probabilities / probabilities.sum(1, keepdims=True), labels=list(names))
    )

    opened = open_model(outcome.folder.model_keras)
    opened.model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    root = Path(load_experiments(outcome.folder.experiment)[""].data.dataset)
    pictures = np.stack(
        [keras.utils.img_to_array(keras.utils.load_img(root / one.path, target_size=(48, 52))) for one in predictions]
    )
    resized = np.stack([_resize(picture) for picture in pictures])
    loss, accuracy = opened.model.evaluate(resized, np.array([names.index(label) for label in true]), verbose=0)
    assert (loss, accuracy) == pytest.approx((figures["loss"], figures["accuracy"]), abs=1e-5)


def _resize(picture):
    from PIL import Image

    return np.asarray(Image.fromarray(picture.astype(np.uint8)).resize((48, 48), Image.Resampling.BILINEAR), np.float32)


def test_the_test_split_is_scored_once_and_never_trained_on(run):
    outcome = run()
    with outcome.folder.split.open(newline="") as file:
        rows = {row["path"]: row for row in csv.DictReader(file)}
    _, predictions = read_predictions(outcome.folder.predictions)
    assert [rows[one.path]["split"] for one in predictions] == ["test"] * 9
    assert len({one.path for one in predictions}) == 9
    assert outcome.metrics["split"] == "test"
    assert len({row["sha256"] for row in rows.values()}) == 36


@pytest.mark.slow
def test_the_temperature_is_fitted_on_validation_and_saved_in_both_model_files(run, class_folders):
    pictures = class_folders(("a", "no"), per_class=69)
    for i in range(20, 30):  # of validation, with wrong labels, so that the model is too sure
        one, other = (pictures / name / f"{i}.png" for name in ("a", "no"))
        content = one.read_bytes()
        one.write_bytes(other.read_bytes())
        other.write_bytes(content)
    outcome = run("{train: 6, validation: 60, test: 3}", pictures, "train.0.epochs=6", "keep=last")
    opened = open_model(outcome.folder.model_keras)
    experiment = load_experiments(outcome.folder.experiment)[""]
    with outcome.folder.split.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["split"] == "validation"]
    items = [(Path(experiment.data.dataset) / row["path"], row["class"]) for row in rows]
    found = list(predict(opened.model, opened.description, items))
    names = opened.description.class_names
    fitted = fit_temperature(probabilities(found), np.array([names.index(one.true) for one in found]))
    assert opened.description.temperature == pytest.approx(fitted, rel=1e-3) != 1
    assert open_model(outcome.folder.model_h5).description == opened.description
    assert outcome.metrics["calibration"]["temperature"] == opened.description.temperature


@pytest.mark.slow
def test_without_a_test_split_validation_is_scored_and_called_selected_on(run):
    outcome = run("{validation: 0.25}")
    assert (outcome.metrics["split"], outcome.metrics["role"]) == ("validation", "selected on")
    assert (outcome.metrics["n"], outcome.test_seen) == (9, None)


@pytest.mark.slow
def test_a_folder_that_is_split_already_runs_without_a_split(run, class_folders, tmp_path):
    for part, count in (("train", 6), ("validation", 3)):
        class_folders(per_class=count, root=tmp_path / "own" / part)
    assert run("null", tmp_path / "own").metrics["n"] == 6


VGG_HEAD = ("model.base=vgg16", "model.weights=null", 'train.0.layers="head"', "model.head.pooling=average")


@pytest.mark.slow
def test_cached_features_give_the_same_run_cold_and_warm(run):
    cold, warm = (run("{train: 6, validation: 3, test: 3}", None, *VGG_HEAD) for _ in range(2))
    facts = [json.loads(one.folder.environment.read_text())["frozen_layers"] for one in (cold, warm)]
    assert [one["computed"] for one in facts] == [36, 0]
    assert facts[0]["cut"] == "head_dense1"
    for name in ("history.csv", "predictions.csv"):
        assert (cold.folder.path / name).read_bytes() == (warm.folder.path / name).read_bytes()
    models = [open_model(one.folder.model_keras).model.get_weights() for one in (cold, warm)]
    assert all(np.array_equal(a, b) for a, b in zip(*models, strict=True))


@pytest.mark.very_slow
def test_features_are_kept_apart_by_preprocessing(run, cache):
    for preprocessing in ("unit", "half", "vgg"):
        run("{train: 6, validation: 3, test: 3}", None, *VGG_HEAD, f"model.preprocessing={preprocessing}")
    assert len(list((cache / "features").glob("*.sqlite"))) == 3


@pytest.mark.slow
@pytest.mark.parametrize("flip", ["false", pytest.param("true", marks=pytest.mark.slow)])
def test_model_files_predict_what_the_run_wrote(run, flip):
    outcome = run("{train: 6, validation: 3, test: 3}", None, f"test_time_flip={flip}")
    root = Path(load_experiments(outcome.folder.experiment)[""].data.dataset)
    _, written = read_predictions(outcome.folder.predictions)
    for path in (outcome.folder.model_h5, outcome.folder.model_keras):
        opened = open_model(path)
        found = list(predict(opened.model, opened.description, [(root / one.path, one.true) for one in written]))
        for mine, theirs in zip(found, written, strict=True):
            assert mine.probabilities == pytest.approx(theirs.probabilities, abs=1e-6)
            assert replace(mine, path=theirs.path, probabilities=()) == replace(theirs, probabilities=())


@pytest.mark.slow
def test_whether_a_dead_run_stops_may_change_on_the_way_and_nothing_else(run):
    outcome = run()
    outcome.folder.metrics.unlink()  # as if it had been stopped
    for override, is_allowed in (("stop_when_dead=false", True), ("keep=last", False)):
        experiment = load_experiments(outcome.folder.experiment, [override])[""]
        if is_allowed:
            assert prepare(experiment, outcome.folder).folder == outcome.folder
        else:
            with pytest.raises(ConfigError, match="keep"):
                prepare(experiment, outcome.folder)


@pytest.mark.very_slow
def test_dropout_can_be_at_work_in_the_scores_which_then_say_so(run, capsys):
    outcome = run("{train: 0.5, validation: 0.5}", None, "model.head.dropout=0.6", "stochastic_passes=7", "keep=last")
    drawn = outcome.metrics["stochastic"]
    assert (drawn["passes"], len(drawn["accuracies"])) == (7, 7)
    assert drawn["mean_accuracy"] == pytest.approx(np.mean(drawn["accuracies"]))
    assert (outcome.metrics["split"], outcome.metrics["role"]) == ("validation", "not selected on")
    _, predictions = read_predictions(outcome.folder.predictions)
    opened = open_model(outcome.folder.model_keras)
    root = Path(load_experiments(outcome.folder.experiment)[""].data.dataset)
    found = predict(opened.model, opened.description, [(root / one.path, one.true) for one in predictions])
    without = np.array([one.probabilities for one in found])
    assert 1e-3 < np.abs(without - [one.probabilities for one in predictions]).max() < 0.5
    again = run("{train: 0.5, validation: 0.5}", None, "model.head.dropout=0.6", "stochastic_passes=7", "keep=last")
    assert again.metrics == outcome.metrics


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "role"),
    [
        pytest.param(("keep=last",), "not selected on", marks=pytest.mark.very_slow),
        (("keep=last", "train.0.early_stopping={patience: 9}"), "selected on"),
    ],
)
def test_validation_says_whether_anything_was_selected_by_it(run, changes, role):
    assert run("{train: 9, validation: 3}", None, "train.0.epochs=1", *changes).metrics["role"] == role


@pytest.mark.very_slow
def test_the_batches_of_a_run_are_noted_on_request(run):
    outcome = run("{train: 6, validation: 3, test: 3}", None, "log_iterations=true")
    rows = outcome.folder.read_iterations()
    assert [row["iteration"] for row in rows] == [1, 2, 3, 4, 5, 6]  # 18 pictures by 8, twice
    assert outcome.folder.iteration_curves.is_file()
