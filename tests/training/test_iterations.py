"""Every batch by itself: in the history of iterations, in windows, with a loss that is summed."""

import numpy as np
import pytest

from kerasvgg.errors import ConfigError, DataError
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.recipes import feature_extraction, from_scratch
from kerasvgg.training.checkpoint import CheckpointWriter, WriteThrottle

SMALL = {"image_size": (46, 46), "batch_size": 10, "units": (8,), "epochs": 3, "seed": 3}
WINDOWS = {"steps_per_epoch": 4, "windows": {"least": 3, "most": 7, "last_start": 8}}
STILL = {"learning_rate": 1e-30, "optimizer": "sgd"}  # so slow that the weights stay what they are


@pytest.fixture(scope="module")
def arrays(noisy):
    return noisy(side=46)


@pytest.mark.very_slow
def test_the_epochs_of_the_history_are_the_means_of_their_batches(arrays):
    plain = from_scratch(arrays, arrays, **SMALL)
    logged = from_scratch(arrays, arrays, **SMALL, log_iterations=True)
    assert plain.iterations == []
    assert [(row["epoch"], row["iteration"]) for row in logged.iterations] == [
        (epoch, 3 * epoch - 3 + batch) for epoch in (1, 2, 3) for batch in (1, 2, 3)
    ]
    for mine, keras_own, epoch in zip(logged.history, plain.history, (1, 2, 3), strict=True):
        for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
            assert mine[name] == pytest.approx(keras_own[name], rel=1e-5)
        rows = [row for row in logged.iterations if row["epoch"] == epoch]
        for name in ("loss", "accuracy"):
            mean = np.average([row[name] for row in rows], weights=[10, 10, 4])
            assert mine[name] == pytest.approx(mean, rel=1e-9)


@pytest.mark.slow
def test_a_summed_loss_is_the_sum_over_the_batch(arrays):
    trained = [
        from_scratch(arrays, arrays, **SMALL, **STILL, loss=loss, log_iterations=True) for loss in ("mean", "sum")
    ]
    means, sums = ([row["loss"] for row in one.iterations] for one in trained)
    assert sums == pytest.approx([mean * n for mean, n in zip(means, [10, 10, 4] * 3, strict=True)], rel=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("output", ["sigmoid", "softmax"])
def test_a_sum_trains_as_a_mean_at_a_rate_as_many_times_as_high(arrays, output):
    sgd = {**SMALL, "optimizer": "sgd", "batch_size": 24, "output": output}
    mean = from_scratch(arrays, arrays, **sgd, learning_rate=24e-3)
    summed = from_scratch(arrays, arrays, **sgd, learning_rate=1e-3, loss="sum")
    accuracies = [[(row["accuracy"], row["val_accuracy"]) for row in one.history] for one in (mean, summed)]
    assert accuracies[0] == accuracies[1]
    for one, other in zip(mean.model.get_weights(), summed.model.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


@pytest.mark.slow
def test_windows_have_their_own_sizes(arrays):
    losses = [
        [
            row["loss"]
            for row in from_scratch(
                arrays, arrays, **SMALL, **STILL, **WINDOWS, loss=loss, log_iterations=True
            ).iterations
        ]
        for loss in ("mean", "sum")
    ]
    sizes = {round(total / mean) for mean, total in zip(*losses, strict=True)}
    assert sizes <= set(range(3, 8))
    assert len(sizes) > 2


class Killed(BaseException):
    """What no handler of errors catches."""


@pytest.mark.slow
def test_batches_are_kept_and_taken_up_like_the_history(arrays, tmp_path, monkeypatch):
    options = {**SMALL, **WINDOWS, "dropout": 0.5, "log_iterations": True}
    whole = from_scratch(arrays, arrays, **options)
    monkeypatch.setattr(WriteThrottle, "is_due", True)

    def killed_after_writing(keeper, record, written=CheckpointWriter.__call__):
        written(keeper, record)
        if len(record.rows) == 2:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(CheckpointWriter, "__call__", killed_after_writing)
        with pytest.raises(Killed):
            from_scratch(arrays, arrays, **options, run_folder=tmp_path)
    folder = RunFolder.open(tmp_path)
    assert folder.read_iterations() == whole.iterations[:8]
    max(folder.checkpoints.glob("state*")).unlink()  # as if it had not been due: the batches are ahead of the state
    resumed = from_scratch(arrays, arrays, **options, run_folder=tmp_path, resume=True)
    assert resumed.resumed_after == [1]
    assert resumed.iterations == folder.read_iterations() == whole.iterations
    assert folder.iteration_curves.is_file()


def test_what_does_not_go_together_is_refused(arrays):
    with pytest.raises(ConfigError, match="the options must say `steps_per_epoch` too, because `windows`"):
        from_scratch(arrays, arrays, **SMALL, windows=WINDOWS["windows"])
    with pytest.raises(DataError, match="at most the 24 training pictures, received 25"):
        from_scratch(arrays, arrays, **SMALL, steps_per_epoch=2, windows={**WINDOWS["windows"], "last_start": 25})
    with pytest.raises(ConfigError, match="`loss` must be one of mean, sum, received 'max'"):
        from_scratch(arrays, arrays, **SMALL, loss="max")
    with pytest.raises(ConfigError, match=r"`windows.size` is not a key here.*Allowed: least, most, last_start"):
        from_scratch(arrays, arrays, **SMALL, steps_per_epoch=2, windows={"size": 3})


@pytest.mark.very_slow
def test_windows_larger_than_a_batch_pass_frozen_layers(arrays):
    how = {**SMALL, **WINDOWS, "batch_size": 2, "weights": None, "pooling": "average", "epochs": 1}
    trained = feature_extraction(arrays, arrays, **how, augment={"horizontal_flip": True}, log_iterations=True)
    assert len(trained.iterations) == 4
