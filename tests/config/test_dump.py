from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kerasvgg.config.data import Data, Split
from kerasvgg.config.experiment import Experiment
from kerasvgg.config.load import load_experiments
from kerasvgg.config.model import Head, Model
from kerasvgg.config.writer import dump_experiment
from kerasvgg.data.augmentation.augment import Augmentation
from kerasvgg.training.phase import Phase

Write = Callable[[str], str]

NAMES = ("no", "1", "null", "~", "true", ".5", "1e-5", "0x1F", "a b", "a: b", "- a", "# a", "'", '"', "\\", "{a}", "*a")
NAMES += ("kätzchen", "猫", "🐈", "\u2028", "\ufeff", "\xad", "\U000e0001", " a ", "&a", "!a", "%a", "@a", "a,b", "[a]")


def _experiment(*classes: str, rate: float = 1e-5) -> Experiment:
    return Experiment(
        data=Data(dataset="a/b", classes=classes, image_size=(64, 64), split=Split(validation=0.1)),
        augment=Augmentation(zoom_range=(0.5, 1.5), rotation_range=40),
        model=Model(base="vgg16", head=Head(units=(8, 4), pooling="average")),
        train=(Phase(epochs=1, learning_rate=rate), Phase(layers=("block5", "head"), epochs=2, learning_rate=1e20)),
    )


def _reloaded(write: Write, experiment: Experiment) -> Experiment:
    return load_experiments(write(dump_experiment(experiment)))[""]


def test_an_experiment_survives_the_way_out_and_back(write: Write) -> None:
    experiment = _experiment(*NAMES)
    assert _reloaded(write, experiment) == experiment


def test_the_dump_says_every_value_also_the_defaults(write: Write, whole: str) -> None:
    text = dump_experiment(load_experiments(write(whole))[""])
    lines = text.splitlines()
    assert "  weights: imagenet" in lines
    assert "  - layers: [head]" in lines
    assert "    learning_rate: 0.0001" in lines
    assert "keep: best" in lines


def test_each_variant_survives_the_way_out_and_back(write: Write, variants: str) -> None:
    for experiment in load_experiments(write(variants), variants=("all",)).values():
        assert _reloaded(write, experiment) == experiment


def test_a_split_keeps_the_kind_of_its_amounts(write: Write, whole: str) -> None:
    (experiment,) = load_experiments(write(whole), ["data.split={train: 3, validation: 2}"]).values()
    assert repr(_reloaded(write, experiment).data.split).startswith("Split(train=3, validation=2, test=None, ")


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters=[*map(chr, range(32)), "\x7f"]), min_size=1
    ),
    rate=st.floats(min_value=0, exclude_min=True, allow_infinity=False),
)
def test_any_class_name_and_any_rate_survive(write: Write, name: str, rate: float) -> None:
    experiment = _experiment(name, name + "x", rate=rate)
    assert _reloaded(write, experiment) == experiment


def test_experiments_compare_and_hash_by_value(write: Write) -> None:
    assert len({_experiment("a", "b"), _experiment("a", "b"), _experiment("a", "c")}) == 2
    with pytest.raises(ValueError, match="frozen"):
        _experiment("a", "b").seed = 1
