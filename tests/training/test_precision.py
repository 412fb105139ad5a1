"""Training in half as many bits: Keras' own mixed precision is the reference."""

import json
from contextlib import nullcontext
from pathlib import Path

import keras
import numpy as np
import pytest

from kerasvgg.modelfile.open.open import open_model
from kerasvgg.models.classifier import build_classifier
from kerasvgg.recipes import from_scratch
from kerasvgg.training.loop import compile_classifier
from kerasvgg.training.phase import Phase
from kerasvgg.training.precision import computing_in


@pytest.mark.parametrize("precision", ["bfloat16", pytest.param("float16", marks=pytest.mark.slow)])
def test_a_step_is_that_of_keras_mixed_precision(precision, noisy):
    images, labels = noisy()
    losses, dtypes = [], []
    for policy in (f"mixed_{precision}", "float32"):
        keras.config.set_dtype_policy(policy)
        try:
            model = build_classifier("small_cnn", (48, 48), 2, kind="unit", units=(8,), seed=3)
        finally:
            keras.config.set_dtype_policy("float32")
        model.get_layer("head_output").dtype_policy = "float32"
        compile_classifier(model, Phase(epochs=1, learning_rate=1e-3), None, precision)
        with computing_in(precision, model) if policy == "float32" else nullcontext():
            dtypes.append(model.get_layer("conv3").compute_dtype)
            losses.append([float(model.train_on_batch(images, labels)[0]) for _ in range(3)])
        assert {str(weight.dtype) for weight in model.weights} == {"float32"}
    assert dtypes == [precision, precision]
    assert losses[0] == pytest.approx(losses[1], abs=1e-6)
    assert model.get_layer("conv3").compute_dtype == "float32"


@pytest.mark.parametrize("precision", [pytest.param("bfloat16"), pytest.param("float16", marks=pytest.mark.slow)])
def test_the_model_is_saved_and_scored_in_float32(precision, noisy, tmp_path):
    images, labels = noisy()
    how = {"image_size": (48, 48), "units": [8], "epochs": 2, "learning_rate": 1e-3, "batch_size": 8, "seed": 1}
    trained = from_scratch(
        (images, labels),
        (images, labels),
        test=(images, labels),
        run_folder=tmp_path / "run",
        precision=precision,
        **how,
    )
    plain = from_scratch((images, labels), (images, labels), **how)
    losses = [[row["loss"] for row in one.history] for one in (trained, plain)]
    assert losses[0] != losses[1]
    assert losses[0] == pytest.approx(losses[1], rel=0.1)
    opened = open_model(Path(tmp_path, "run", "model.keras")).model
    assert {layer.compute_dtype for layer in opened.layers} == {"float32"}
    metrics = json.loads(Path(tmp_path, "run", "metrics.json").read_text())
    found = np.asarray(opened.predict(images.astype(np.float32), verbose=0))[:, 0] > 0.5
    assert metrics["accuracy"] == pytest.approx((found == labels).mean())


def test_the_best_model_so_far_is_saved_in_float32(noisy, tmp_path, monkeypatch):
    saved = []
    monkeypatch.setattr(
        "kerasvgg.training.checkpoint.save_model",
        lambda model, *_: saved.append({x.compute_dtype for x in model.layers}),
    )
    how = {"image_size": (48, 48), "units": [4], "epochs": 1, "learning_rate": 1e-3, "batch_size": 8}
    from_scratch(noisy(), noisy(), run_folder=tmp_path / "run", precision="bfloat16", **how)
    assert saved == [{"float32"}]


def test_a_schedule_of_ones_own_goes_with_float16(noisy):
    rate = keras.optimizers.schedules.ExponentialDecay(1e-3, 1, 0.5)
    how = {"image_size": (48, 48), "units": [4], "epochs": 2, "batch_size": 24, "optimizer": keras.optimizers.SGD(rate)}
    trained = from_scratch(noisy(), noisy(), precision="float16", **how)
    assert len(trained.history) == 2
