import csv

import numpy as np
import pytest

from kerasvgg.models.classifier import build_classifier
from kerasvgg.models.freezing import CutModel
from kerasvgg.recipes import feature_extraction, fine_tuning
from kerasvgg.training.guards.freeze_audit import FreezeAudit, FreezeError
from kerasvgg.training.phase import Phase

HEAD = Phase(layers=("head",), epochs=1, learning_rate=1e-3)
RANDOM_VGG = {"image_size": (48, 48), "batch_size": 8, "units": (8,), "weights": None, "pooling": "average"}


@pytest.mark.slow
def test_a_learning_rate_that_is_lost_in_rounding_is_told(noisy):
    with pytest.raises(FreezeError, match="1e-60 is lost in rounding"):
        feature_extraction(noisy(), noisy(), **RANDOM_VGG, epochs=1, learning_rate=1e-60)


def test_what_is_left_of_a_phase_may_change_nothing():
    model = build_classifier("small_cnn", (48, 48), 2, kind="unit", units=(4,), seed=0)
    phase = Phase(layers=("head",), epochs=7, learning_rate=1e-3)
    audit = FreezeAudit(CutModel(model, [phase.layers]), [phase])
    audit.begin(resumed=True)
    audit.end(phase)
    audit.begin()
    with pytest.raises(FreezeError, match="not one of their weights changed"):
        audit.end(phase)
    for name in ("head_dense1", "head_output"):
        model.get_layer(name).bias.assign(np.full(model.get_layer(name).bias.shape, np.nan))
    audit.begin()
    audit.end(phase)  # what is no number any more stays so


def test_moving_statistics_of_a_frozen_layer_count():
    model = build_classifier("small_cnn", (48, 48), 2, kind="unit", units=(4,), batch_normalization=True, seed=0)
    audit = FreezeAudit(CutModel(model, [("head",)]), [HEAD])
    audit.begin()
    for name in ("head_dense1", "head_output"):
        model.get_layer(name).bias.assign_add(np.ones(model.get_layer(name).bias.shape))
    audit.end(HEAD)
    normalization = next(layer for layer in model.layers if hasattr(layer, "moving_mean"))
    normalization.moving_mean.assign_add(np.ones(normalization.moving_mean.shape))
    with pytest.raises(FreezeError, match=rf"leave `{normalization.name}` as they are"):
        audit.end(HEAD)
    with pytest.raises(FreezeError, match=rf"no phase of `train` was to train `{normalization.name}`"):
        audit.rows()


@pytest.mark.slow
def test_a_run_lists_what_moved_and_how_far(noisy, tmp_path, capsys):
    first = build_classifier("vgg16", (48, 48), 2, kind="unit", units=(8,), pooling="average", seed=0)
    before = {layer.name: layer.get_weights() for layer in first.layers}
    trained = fine_tuning(noisy(), noisy(), **RANDOM_VGG, head_epochs=1, epochs=1, keep="last", run_folder=tmp_path)
    assert "moved since the start: block5_conv1 by" in capsys.readouterr().err
    with (tmp_path / "layers.csv").open() as file:
        rows = {row["layer"]: row for row in csv.DictReader(file)}
    assert rows["block4_conv3"]["trained_in"] == ""
    assert rows["block4_conv3"]["moved"] == "0.0"
    assert rows["block5_conv2"]["trained_in"] == "block5+head"
    assert rows["head_dense1"]["trained_in"] == "head block5+head"
    flat = lambda arrays: np.concatenate([array.ravel() for array in arrays])  # noqa: E731
    for name in ("block5_conv2", "head_dense1"):
        start, end = flat(before[name]), flat(trained.model.get_layer(name).get_weights())
        assert float(rows[name]["moved"]) == pytest.approx(
            np.linalg.norm(end - start) / np.linalg.norm(start), rel=1e-5
        )
