from collections.abc import Callable

import pytest

from kerasvgg.config.experiment import Experiment
from kerasvgg.config.load import load_experiments
from kerasvgg.errors import ConfigError

Write = Callable[[str], str]


def _load(path: str, *overrides: str) -> Experiment:
    (experiment,) = load_experiments(path, overrides).values()
    return experiment


def test_values_are_yaml(write: Write, whole: str) -> None:
    changed = _load(write(whole), "data.image_size=[32, 40]", "data.split=null", "train.0.learning_rate=2e-5", "seed=7")
    assert changed.data.image_size == (32, 40)
    assert changed.data.split is None
    assert (changed.train[0].learning_rate, changed.seed) == (2e-5, 7)


def test_a_value_may_hold_equals_signs_and_be_a_mapping(write: Write, whole: str) -> None:
    changed = _load(write(whole), "data.dataset=a=b", "model.head={units: [], pooling: average}")
    assert (changed.data.dataset, changed.model.head.units) == ("a=b", ())


def test_the_last_override_of_a_key_wins(write: Write, whole: str) -> None:
    assert _load(write(whole), "seed=1", "seed=2").seed == 2


@pytest.mark.parametrize("augment", ["augment: null", ""])
def test_a_mapping_that_is_missing_or_null_is_begun(write: Write, whole: str, augment: str) -> None:
    changed = _load(write(whole.replace("augment: {zoom_range: 0.2}", augment)), "augment.rotation_range=40")
    assert changed.augment is not None
    assert (changed.augment.rotation_range, changed.augment.zoom_range) == (40.0, 0.0)


def test_an_override_mends_a_file(write: Write, whole: str) -> None:
    assert _load(write(whole.replace("epochs: 2", "epochs: 0")), "train.0.epochs=3").train[0].epochs == 3


def test_overrides_change_each_chosen_variant_after_its_merge(write: Write, variants: str) -> None:
    path = write(variants)
    experiments = load_experiments(path, ["train.0.epochs=9"], ("book", "small"))
    assert [experiment.train[0].epochs for experiment in experiments.values()] == [9, 9]
    assert load_experiments(path, ["train.1.epochs=9"], ("small",))["small"].train[1].epochs == 9


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("train.0.epoch=5", "`train.0.epoch` is not a key here; did you mean `epochs`? Allowed: layers, epochs"),
        ("dat.batch_size=5", "`dat` is not a key here; did you mean `data`?"),
        ("batch_size=5", "`batch_size` is not a key here; did you mean `data.batch_size`?"),
        ("variants={a: {}}", "`variants` is not a key here"),
        (f"train.0.steps_per_epoch={9 * 10**18}", "must be a whole number of at least 1 and at most 1000000"),
        (f"stochastic_passes={10**30}", "must be a whole number of at least 1 and at most 10000"),
        ("train.0.epochs=0", "`train.0.epochs` must be a whole number of at least 1, received 0"),
        ("train.0.epochs=", "`train.0.epochs` must be a whole number of at least 1, received None"),
        ("train.1.epochs=5", "`train.1` must end in an index from 0 to 0, received '1'"),
        ("train.-1.epochs=5", "`train.-1` must end in an index from 0 to 0, received '-1'"),
        ("train.x=5", "`train.x` must end in an index from 0 to 0, received 'x'"),
        ("train.0.epochs.x=5", "`train.0.epochs` has no keys, it is 2"),
        ("seed", "must look like key=value or key.sub=value"),
        ("=5", "must look like key=value"),
        ("data..batch_size=5", "must look like key=value"),
        (".".join("a" * 21) + "=5", "must look like key=value"),
        ("data.image_size=[64", "cannot be read as YAML: expected ',' or ']'"),
        ("seed=!!int 5", "tags are not allowed, received !!int"),
        ("data.dataset=a\nb: c", "cannot be read as YAML"),
        ("data.dataset=\udcff", "the character '\\udcff' is not allowed"),
        ("data.split.train=5", None),
    ],
)
def test_a_wrong_override_is_told_as_itself(write: Write, whole: str, override: str, words: str | None) -> None:
    with pytest.raises(ConfigError) as caught:
        load_experiments(write(whole), [override])
    (line,) = str(caught.value).splitlines()
    # What only disagrees with the file is told at the file's own place.
    assert line.startswith("override `" if words else "x.yaml:7:10: `data.split` must be all")
    assert (words or "") in line


def test_a_wrong_override_names_its_text(write: Write, whole: str) -> None:
    with pytest.raises(ConfigError, match=r"^override `seed=x`: `seed` must be"):
        load_experiments(write(whole), ["seed=x"])


def test_an_index_into_an_empty_list_is_out_of_range(write: Write, whole: str) -> None:
    with pytest.raises(ConfigError, match="the list is empty, received '0'"):
        load_experiments(write(whole.replace("units: 16", "units: []")), ["model.head.units.0=5"])
