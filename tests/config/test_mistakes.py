"""Every kind of mistake, in one table: what stands instead of what, where it's reported, and in which words."""

from collections.abc import Callable
from typing import NamedTuple

import pytest

from kerasvgg.config.load import load_experiments
from kerasvgg.errors import ConfigError


class Case(NamedTuple):
    name: str
    right: str
    wrong: str
    place: str
    words: tuple[str, ...]


SPLIT = "  split: {train: 0.6, validation: 0.2, test: 0.2}"
CASES = (
    Case("unknown key", "batch_size", "batchsize", "6:3", ("`data.batchsize` is not", "did you mean `batch_size`?")),
    Case("unknown word", "seed: 0", "zzz: 0", "1:1", ("`zzz` is not a key here. Allowed: seed, data,",)),
    Case("key of another mapping", "seed: 0", "batch_size: 4", "1:1", ("did you mean `data.batch_size`?",)),
    Case("key in a list", "epochs: 2", "epochs: 2\n    epoch: 3", "15:5", ("`train.0.epoch`", "`epochs`?")),
    Case("missing key", "dataset: pets", "interpolation: box", "2:1", ("`data.dataset` is missing", "be text")),
    Case("missing key in a list", "    epochs: 2\n", "", "13:5", ("`train.0.epochs` is missing", "at least 1")),
    Case("missing section", "model:\n  base: vgg16\n  head: {units: 16}\n", "", "1:1", ("`model` is missing",)),
    Case(
        "missing key in flow style",
        "train: 0.6, validation: 0.2",
        "train: 0.6",
        "7:10",
        ("`validation`, or `folds`",),
    ),
    Case(
        "copies of nothing",
        "augment: {zoom_range: 0.2}",
        "augment_copies: 5",
        "8:17",
        ("go together with `augment`", "received 5"),
    ),
    Case("no copies", "seed: 0", "augment_copies: 0", "1:17", ("`augment_copies`", "received 0")),
    Case("an unknown dtype", "seed: 0", "feature_dtype: half", "1:16", ("float32, float16", "received 'half'")),
    Case("zero", "batch_size: 4", "batch_size: 0", "6:15", ("whole number of at least 1", "received 0")),
    Case("negative", "seed: 0", "seed: -1", "1:7", ("of at least 0", "received -1")),
    Case("a seed numpy refuses", "seed: 0", "seed: 4294967296", "1:7", ("at most 4294967295",)),
    Case("fraction for a count", "epochs: 2", "epochs: 2.5", "14:13", ("whole number", "received 2.5")),
    Case("whole float for a count", "epochs: 2", "epochs: 2.0", "14:13", ("whole number", "received 2.0")),
    Case("quoted number", "batch_size: 4", "batch_size: '5'", "6:15", ("whole number", "received '5'")),
    Case("true for a count", "batch_size: 4", "batch_size: true", "6:15", ("whole number", "received True")),
    Case("true for a number", "1e-4", "true", "15:20", ("a number above 0", "received True")),
    Case("quoted rate", "1e-4", '"1e-4"', "15:20", ("`train.0.learning_rate`", "received '1e-4'")),
    Case("infinity", "1e-4", ".inf", "15:20", ("a number above 0", "received inf")),
    Case("too large for a float", "1e-4", "1e999", "15:20", ("a number above 0", "received inf")),
    Case("not a number", "1e-4", ".nan", "15:20", ("a number above 0", "received nan")),
    Case("underscores", "seed: 0", "seed: 1_000", "1:7", ("whole number", "received '1_000'")),
    Case("no value", "batch_size: 4", "batch_size:", "6:3", ("whole number", "received None")),
    Case("number for text", "pets", "5", "3:12", ("`data.dataset` must be text", "in quotes it is text")),
    Case("empty text", "pets", "''", "3:12", ("`data.dataset` must be text", "received ''")),
    Case("true as a class", "[cat, dog]", "[cat, true]", "4:18", ("`data.classes.1` must be text", "in quotes")),
    Case("one class", "[cat, dog]", "[cat]", "4:12", ("a list of at least 2 (each text), or null",)),
    Case("a class twice", "[cat, dog]", "[cat, dog, cat]", "4:12", ("must name each class once",)),
    Case("text for a list", "[cat, dog]", "cat", "4:12", ("a list of at least 2", "received 'cat'")),
    Case("mapping for a list", "[cat, dog]", "{cat: 1}", "4:12", ("a list of at least 2", "{'cat': 1}")),
    Case("one side", "[64, 48]", "[64]", "5:15", ("`data.image_size` must be a list of 2", "received [64]")),
    Case("three sides", "[64, 48]", "[64, 48, 3]", "5:15", ("a list of 2", "received [64, 48, 3]")),
    Case("one number for a pair", "[64, 48]", "64", "5:15", ("a list of 2", "received 64")),
    Case("small side", "[64, 48]", "[64, 7]", "5:20", ("`data.image_size.1`", "of at least 8 and at most 2048")),
    Case("large side", "[64, 48]", "[2049, 48]", "5:16", ("`data.image_size.0`", "received 2049")),
    Case("unknown fit", "batch_size: 4", "fit: padd", "6:8", ("squeeze, pad, crop", "'padd'; did you mean `pad`?")),
    Case("fit of rounds by folds", "batch_size: 4", "fit: auto", "1:1", ("must have `auto` for `data.fit: auto`",)),
    Case(
        "a fit that Keras' engine does not have",
        f"batch_size: 4\n{SPLIT}\naugment: {{zoom_range: 0.2}}",
        f"fit: crop\n{SPLIT}\naugment: {{engine: imagedatagenerator}}",
        "8:10",
        ("`augment` must have `engine: tfdata` with `data.fit: crop`",),
    ),
    Case(
        "unknown word of a choice", "vgg16", "vgg-16", "10:9", ("one of small_cnn, mnist_cnn,", "did you mean `vgg16`?")
    ),
    Case("choice in capitals", "vgg16", "VGG19", "10:9", ("received 'VGG19'", "did you mean `vgg19`?")),
    Case("yes for true", "zoom_range: 0.2", "vertical_flip: yes", "8:26", ("true or false, received 'yes'",)),
    Case("number for a mapping", "{units: 16}", "16", "11:9", ("`model.head` must be a mapping", "received 16")),
    Case("text for a section", "{zoom_range: 0.2}", "all", "8:10", ("a mapping, or null, received 'all'",)),
    Case("zoom above 1", "0.2}\nmodel", "1.5}\nmodel", "8:23", ("below 1, or a list of 2 (each", "received 1.5")),
    Case("zoom of three", "0.2}\nmodel", "[1, 2, 3]}\nmodel", "8:23", ("or a list of 2", "received [1, 2, 3]")),
    Case("zoom of text", "0.2}\nmodel", "[1, a]}\nmodel", "8:23", ("or a list of 2", "received [1, 'a']")),
    Case("zoom reversed", "0.2}\nmodel", "[2, 1]}\nmodel", "8:23", ("the lower bound first, received [2, 1]",)),
    Case("zoom from 0", "0.2}\nmodel", "[0, 1]}\nmodel", "8:23", ("`augment.zoom_range`", "received [0, 1]")),
    Case("rotation above 180", "zoom_range: 0.2", "rotation_range: 181", "8:27", ("at most 180, received 181",)),
    Case("shift of 1", "zoom_range: 0.2", "width_shift_range: 1", "8:30", ("below 1, received 1",)),
    Case("negative shear", "zoom_range: 0.2", "shear_range: -0.1", "8:24", ("at least 0, received -0.1",)),
    Case("units of 0", "units: 16", "units: 0", "11:17", ("`model.head.units`", "or a list (each", "received 0")),
    Case("a unit of text", "units: 16", "units: [16, a]", "11:22", ("`model.head.units.1`", "received 'a'")),
    Case("dropout of 1", "units: 16", "dropout: 1.0", "11:19", ("below 1, or a list (each a number",)),
    Case("weights of small_cnn", "vgg16", "small_cnn\n  weights: imagenet", "11:12", ("must be null for small_cnn",)),
    Case("unknown weights", "vgg16", "vgg16\n  weights: imagnet", "11:12", ("imagenet, or null", "`imagenet`?")),
    Case("no layers", "layers: head", "layers: []", "13:13", ("text, or a list of at least 1", "received []")),
    Case("a layer of no text", "layers: head", "layers: [head, 5]", "13:20", ("`train.0.layers.1` must be text",)),
    Case("mixed amounts", "train: 0.6", "train: 600", "7:10", ("`data.split` must be all whole", "or all fractions")),
    Case(
        "counts without train", "{train: 0.6, validation: 0.2, test: 0.2}", "{validation: 5}", "7:10", ("`train` too",)
    ),
    Case("more than everything", "train: 0.6", "train: 0.7", "7:10", ("sum to at most 1",)),
    Case("nothing to train on", "train: 0.6, validation: 0.2", "validation: 0.8", "7:10", ("pictures to train on",)),
    Case("amount of 0", "train: 0.6", "train: 0", "7:18", ("at least 1, or a number above 0 and below 1, or null",)),
    Case("amount of 1.0", "train: 0.6", "train: 1.0", "7:18", ("`data.split.train`", "received 1.0")),
    Case("amount of true", "train: 0.6", "train: true", "7:18", ("`data.split.train`", "received True")),
    Case("no validation", "validation: 0.2", "validation: null", "7:10", ("must say `validation`", ": None")),
    Case("folds and parts", "validation: 0.2", "validation: 0.2, folds: 5", "7:10", ("either `folds`",)),
    Case("one fold", "validation: 0.2", "folds: 1", "7:30", ("of at least 2 and at most 20", "received 1")),
    Case("folds of rounds", "train: 0.6, validation: 0.2, test: 0.2", "folds: 5", "1:1", ("must have `auto`",)),
    Case("stages that are flattened", "{units: 16}", "{stages: [block5]}", "11:18", ("`pooling: average`",)),
    Case("a stage that is not there", "{units: 16}", "{pooling: average, stages: [b]}", "11:9", ("not b",)),
    Case("rounds and a choice", "seed: 0", "auto: {}", "1:1", ("must leave out `train` with `auto`",)),
    Case("no time", "seed: 0", "auto: {minutes: 0}", "1:17", ("`auto.minutes`", "above 0", "received 0")),
    Case("long value", "pets", "[" + "1, " * 99 + "1]", "3:12", ("received [1, 1, 1,", "1, 1,...")),
    Case("key given twice", "seed: 0", "seed: 0\nseed: 1", "2:1", ("`seed` is given twice, first on line 1",)),
    Case("twice in flow style", "units: 16", "units: 16, units: 8", "11:21", ("`units` is given twice",)),
    Case("tag", "seed: 0", "seed: !!int 0", "1:7", ("tags are not allowed, received !!int",)),
    Case("python tag", "pets", "!!python/name:os.system pets", "3:12", ("received !!python/name:os.system",)),
    Case("bare tag", "pets", "! pets", "3:12", ("tags are not allowed, received !",)),
    Case("anchor", "{units: 16}", "&h {units: 16}", "11:9", ("anchors are not allowed, received &h",)),
    Case("alias", "{units: 16}", "*h", "11:9", ("aliases are not allowed, received *h",)),
    Case("number as a key", "units: 16", "units: 16, 5: 1", "11:21", ("a key must be text, received 5",)),
    Case("null as a key", "units: 16", "units: 16, null: 1", "11:21", ("a key must be text, received None",)),
    Case("list as a key", "units: 16", "units: 16, [a]: 1", "11:21", ("a key must be text, received ['a']",)),
    Case("merge key", "units: 16", "<<: {units: 16}", "11:10", ("`model.head.<<` is not a key here",)),
    Case("open bracket", "[64, 48]", "[64, 48", "6:13", ("cannot be read as YAML", "expected ',' or ']'")),
    Case("wrong indent", "  batch_size", " batch_size", "6:2", ("cannot be read as YAML",)),
    Case("tab", "  batch_size", "\tbatch_size", "6:1", ("cannot be read as YAML", "indent with spaces")),
    Case("bad escape", "pets", '"\\q"', "3:14", ("cannot be read as YAML", "unknown escape")),
    Case("impossible escape", "pets", '"\\UFFFFFFFF"', "3:3", ("cannot be read as YAML",)),
    Case("escaped NUL", "pets", '"a\\0"', "3:12", ("`data.dataset` must be text", "received 'a\\x00'")),
    Case("escaped surrogate", "pets", '"\\ud800"', "3:12", ("`data.dataset` must be text", "received '\\ud800'")),
    Case("NUL", "pets", "pe\0ts", "3:14", ("the character '\\x00' is not allowed",)),
    Case("control character", "pets", "pe\x1bts", "3:14", ("the character '\\x1b' is not allowed",)),
    Case("several documents", "model:", "---\nmodel:", "9:1", ("one YAML document",)),
    Case("too deep", "pets", "[" * 30 + "]" * 30, "3:30", ("nested at most 20 deep",)),
    Case("endless number", "seed: 0", "seed: " + "9" * 5000, "1:7", ("too long: 5000 digits",)),
    Case("default without variants", "seed: 0", "default: a", "1:10", ("the file has no variants",)),
)


def test_the_text_that_all_cases_change_is_right(write: Callable[[str], str], whole: str) -> None:
    assert list(load_experiments(write(whole))) == [""]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_mistake_is_told_once_with_its_place(write: Callable[[str], str], whole: str, case: Case) -> None:
    assert case.right in whole
    with pytest.raises(ConfigError) as caught:
        load_experiments(write(whole.replace(case.right, case.wrong, 1)))
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"x.yaml:{case.place}: ")
    assert [word for word in case.words if word not in line] == []


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(write: Callable[[str], str], whole: str) -> None:
    changes = {"seed: 0": "sead: 0\nsead: 1", "pets": "!!str 5", "batch_size: 4": "batch_size: 0", "1e-4": "fast"}
    for right, wrong in changes.items():
        whole = whole.replace(right, wrong)
    with pytest.raises(ConfigError) as caught:
        load_experiments(write(whole), ["train.0.epoch=5"])
    places = [line.split(": ")[0] for line in str(caught.value).splitlines()]
    files = [f"x.yaml:{place}" for place in ("1:1", "2:1", "4:12", "7:15", "16:20")]
    assert places == [*files, "override `train.0.epoch=5`"]


def test_what_follows_from_a_mistake_is_not_told(write: Callable[[str], str], whole: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_experiments(write(whole.replace("base: vgg16", "base: alexnet").replace("[cat, dog]", "[1, dog]")))
    assert [line.split(" must")[0] for line in str(caught.value).splitlines()] == [
        "x.yaml:4:13: `data.classes.0`",
        "x.yaml:10:9: `model.base`",
    ]


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n", "null"])
def test_an_empty_file_is_refused(write: Callable[[str], str], text: str) -> None:
    with pytest.raises(ConfigError, match=r"^x\.yaml:\d:1: an experiment must be a mapping, received nothing$"):
        load_experiments(write(text))


@pytest.mark.parametrize("text", ["[1]", "vgg16", "- seed: 0"])
def test_a_file_that_is_no_mapping_is_refused(write: Callable[[str], str], text: str) -> None:
    with pytest.raises(ConfigError, match=r"^x\.yaml:1:1: an experiment must be a mapping, received \S"):
        load_experiments(write(text))
