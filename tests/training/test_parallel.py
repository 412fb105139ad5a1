"""What several processes can not train as one is refused; how they train is tested in tests/cli/test_workers.py."""

import keras
import pytest

from kerasvgg.config.experiment import Experiment
from kerasvgg.errors import ConfigError
from kerasvgg.models.freezing import CutModel
from kerasvgg.training.member import Member
from kerasvgg.training.parallel import require_shareable
from kerasvgg.training.phase import Phase

PHASES = (Phase(layers=("head",), epochs=1, learning_rate=0.1), Phase(layers=("b",), epochs=1, learning_rate=0.1))


def model() -> keras.Model:
    taken = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(2, 3, name="a_conv")(taken)
    x = keras.layers.BatchNormalization(name="b_norm")(keras.layers.Conv2D(2, 3, name="b_conv")(x))
    return keras.Model(taken, keras.layers.Dense(2, name="head_output")(keras.layers.GlobalAveragePooling2D()(x)))


def test_batch_normalisation_that_trains_is_refused_and_one_that_is_frozen_or_fixed_is_not(monkeypatch) -> None:
    monkeypatch.setattr("kerasvgg.training.parallel.member", lambda: Member(0, 2))
    layers = [phase.layers for phase in PHASES]
    with pytest.raises(ConfigError, match=r"as b_norm does: .*`model.batch_statistics: fixed`"):
        require_shareable(CutModel(model(), layers), PHASES, 2)
    require_shareable(CutModel(model(), layers, fixed_statistics=True), PHASES, 2)
    require_shareable(CutModel(model(), layers[:1]), PHASES[:1], 2)
    with pytest.raises(ConfigError, match="must be 1, but where `kerasvgg run` begins them all; received 3"):
        require_shareable(CutModel(model(), layers[:1]), PHASES[:1], 3)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"log_iterations": True}, "must leave out `log_iterations` with several `workers`"),
        ({"precision": "float16"}, "must leave out `precision: float16`"),
        ({"train": (), "auto": {}}, "must leave out `workers` with `auto`"),
    ],
)
def test_what_takes_no_equal_steps_is_refused(changed: dict, told: str) -> None:
    asked = {
        "data": {"dataset": "pictures", "image_size": (48, 48)},
        "model": {"base": "vgg16"},
        "train": ({"epochs": 1, "learning_rate": 0.1},),
        "workers": 2,
    }
    with pytest.raises(ValueError, match=told):
        Experiment.model_validate({**asked, **changed})
