"""Every kind of wrong experiment through `kerasvgg run`: status 2, where and what, no traceback, nothing written."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest


class Case(NamedTuple):
    """What stands instead of what, where that is told, and in which words."""

    name: str
    right: str
    wrong: str
    place: str
    words: tuple[str, ...]


# Each is told by the file alone. The many more kinds of them are in tests/config.
IN_THE_FILE = (
    Case("misspelt key", "batch_size: 8", "batchsize: 8", "6:3", ("`data.batchsize`", "did you mean `batch_size`?")),
    Case("key in the wrong section", "seed: 1", "epochs: 1", "1:1", ("`epochs`", "did you mean `train.0.epochs`?")),
    Case("misspelt base", "small_cnn", "smal_cnn", "8:9", ("one of small_cnn", "did you mean `small_cnn`?")),
    Case("unknown optimizer", "{epochs", "{optimizer: adm, epochs", "11:17", ("rmsprop, adam, sgd", "`adam`?")),
    Case("number as text", "batch_size: 8", "batch_size: eight", "6:15", ("a whole number", "received 'eight'")),
    Case("no epochs", "epochs: 1", "epochs: 0", "11:14", ("`train.0.epochs`", "at least 1, received 0")),
    Case("negative rate", "1e-3", "-1e-3", "11:32", ("a number above 0", "received -0.001")),
    Case(
        "dropout of one",
        "units: 8",
        "dropout: 1",
        "9:19",
        ("`model.head.dropout`", "below 1, or a list (each a number"),
    ),
    Case("no phases", "  - {epochs: 1, learning_rate: 1e-3}", "  []", "1:1", ("must say in `train`", "`auto: {}`")),
    Case("no rate", ", learning_rate: 1e-3", "", "11:5", ("`train.0.learning_rate` is missing", "above 0")),
    Case("no model", "model:\n  base: small_cnn\n  head: {units: 8}\n", "", "1:1", ("`model` is missing",)),
    Case("no base", "  base: small_cnn\n", "", "7:1", ("`model.base` is missing", "vgg16_c, vgg16, vgg19")),
    Case("one side", "[48, 48]", "48", "5:15", ("`data.image_size` must be a list of 2", "received 48")),
    Case("weights for small_cnn", "base: small_cnn", "base: small_cnn\n  weights: imagenet", "9:12", ("must be null",)),
    Case("mixed amounts", "train: 6", "train: 0.6", "4:10", ("`data.split`", "all whole numbers", "or all fractions")),
    Case(
        "too large fractions", "{train: 6, validation: 3, test: 3}", "{validation: 0.5, test: 0.5}", "4:10", ("train",)
    ),
    Case("no validation", "validation: 3, ", "", "4:10", ("must say `validation`, or `folds`",)),
    Case("yes for true", "model:", "augment: {horizontal_flip: yes}\nmodel:", "7:28", ("true or false", "'yes'")),
    Case("key twice", "seed: 1", "seed: 1\nseed: 2", "2:1", ("`seed` is given twice, first on line 1",)),
    Case("open bracket", "[48, 48]", "[48, 48", "6:13", ("cannot be read as YAML",)),
    Case("tab", "  batch_size", "\tbatch_size", "6:1", ("cannot be read as YAML", "indent with spaces")),
    Case("tag", "pictures", "!!python/object:os.system x", "3:12", ("tags are not allowed",)),
    Case("wrong variant", "seed: 1", "variants: {a: {seed: x}}", "1:22", ("`seed`", "received 'x'")),
    Case("default of no variant", "seed: 1", "variants: {a: {}}\ndefault: b", "2:10", ("`b` is not a variant", "a")),
)

TO_BASE = "[48, 48]\n  batch_size: 8\nmodel:\n  base: small_cnn"
SMALL_VGG16 = "[48, 31]\nmodel:\n  base: vgg16\n  weights: null"

# These show when the pictures are looked at and the model is built, so they have no place, but a name.
LATER = (
    Case("too small for small_cnn", "[48, 48]", "[45, 48]", "", ("`image_size`", "at least 46 x 46", "45 x 48")),
    Case("too small for VGG16", TO_BASE, SMALL_VGG16, "", ("`image_size`", "at least 32 x 32 for vgg16", "48 x 31")),
    Case("no such layer", "{epochs", "{layers: conv9, epochs", "", ("`layers`", "conv1, conv2", "'conv9'")),
    Case("preprocessing as a layer", "{epochs", "{layers: [head, preprocessing], epochs", "", ("`layers`", "conv1")),
    Case("misspelt data set", "pictures", "digitz", "", ("one of digits, mnist", "'digitz'", "did you mean `digits`?")),
    Case("missing folder", "pictures", "no/where", "", ("a folder of pictures or", "'no/where', which is neither\n")),
    Case("a file for a folder", "pictures", "tiny.yaml", "", ("`tiny.yaml`", "folder of pictures, received a file")),
    Case("class that is not there", "image_size", "classes: [cat, cow]\n  image_size", "", ("cat, dog; received cow",)),
    Case("too few pictures", "train: 6", "train: 7", "", ("too few", "cat: wanted 13, found 12", "dog: wanted 13")),
    Case("missing split", "  split: {train: 6, validation: 3, test: 3}\n", "", "", ("`pictures` is not split", "say")),
    Case("split for a split source", "pictures", "own", "", ("`own` is split already", "give no amounts")),
    Case("fractions of too few", "{train: 6, validation: 3, test: 3}", "{validation: 0.01}", "", ("none of cat, dog",)),
)


@pytest.fixture
def refused(tiny: str, class_folders: Callable, standing: Callable) -> Callable[[Callable, Case], str]:
    """Runs the experiment with the case's mistake and returns what was told on stderr."""
    class_folders(per_class=6, root=Path("own/train"))
    class_folders(per_class=6, root=Path("own/validation"))

    def refuse(run: Callable, case: Case) -> str:
        right = Path(tiny).read_text()
        assert case.right in right
        Path(tiny).write_text(right.replace(case.right, case.wrong, 1))
        before = standing()
        done = run("run", tiny)
        assert (done.status, done.out) == (2, "")
        assert "Traceback" not in done.err
        assert [word for word in case.words if word not in done.err] == []
        assert standing() == before
        return done.err

    return refuse


@pytest.mark.slow
def test_the_experiment_that_all_cases_change_runs(cli: Callable, tiny: str) -> None:
    assert cli("run", tiny).status == 0
    assert Path("runs/tiny/1/model.keras").is_file()


@pytest.mark.parametrize("case", IN_THE_FILE, ids=[case.name for case in IN_THE_FILE])
def test_a_mistake_in_the_file_is_told_with_its_place(refused: Callable, cli: Callable, case: Case) -> None:
    (line,) = refused(cli, case).splitlines()
    assert line.startswith(f"tiny.yaml:{case.place}: ")


@pytest.mark.parametrize("case", LATER, ids=[case.name for case in LATER])
def test_a_mistake_that_shows_later_leaves_nothing_behind(refused: Callable, cli: Callable, case: Case) -> None:
    refused(cli, case)


@pytest.mark.parametrize(
    "case", [IN_THE_FILE[0], pytest.param(LATER[0], marks=pytest.mark.slow)], ids=lambda case: case.name
)
def test_a_real_process_ends_with_status_2_and_without_a_traceback(
    refused: Callable, process: Callable, case: Case
) -> None:
    *before, line = refused(process, case).splitlines()
    assert before == ["experiment: the file tiny.yaml"] * (case in LATER)
    assert line.startswith(f"tiny.yaml:{case.place}: " if case.place else "tiny.yaml: `")


def test_all_mistakes_are_told_at_once_also_those_of_overrides(cli: Callable, tiny: str, standing: Callable) -> None:
    text = Path(tiny).read_text().replace("seed: 1", "sead: 1").replace("small_cnn", "small")
    Path(tiny).write_text(text)
    before = standing()
    done = cli("run", tiny, "data.batch_size=0", "nonsense", "train.1.epochs=5")
    assert (done.status, done.out) == (2, "")
    places = [line.split(": ")[0] for line in done.err.splitlines()]
    assert places == [
        "tiny.yaml:1:1",
        "tiny.yaml:8:9",
        "override `data.batch_size=0`",
        "override `nonsense`",
        "override `train.1.epochs=5`",
    ]
    assert standing() == before


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "tiny.yaml:1:1: an experiment must be a mapping, received nothing"),
        (b"- 1\n", "tiny.yaml:1:1: an experiment must be a mapping, received [1]"),
        (b"seed: 1 # \xff\n", "tiny.yaml:1:11: must be UTF-8, received the byte 0xff"),
        (b"seed: \x00\n", "tiny.yaml:1:7: the character '\\x00' is not allowed"),
    ],
)
def test_a_file_that_is_no_experiment_is_refused(
    cli: Callable, tiny: str, standing: Callable, content: bytes, told: str
) -> None:
    Path(tiny).write_bytes(content)
    before = standing()
    assert cli("run", tiny) == (2, "", told + "\n")
    assert standing() == before


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ("missing.yaml",),
            "missing.yaml: there is no such file, and no experiment of that name comes with kerasvgg; "
            "`kerasvgg ls` lists those that do",
        ),
        (
            ("quikstart",),
            "quikstart: there is no such file, and no experiment of that name comes with kerasvgg; "
            "did you mean `quickstart`?",
        ),
        (("tiny.yaml", "--variant", "small"), "tiny.yaml: `small` is not a variant; the file has no variants"),
    ],
)
def test_a_file_or_variant_that_is_not_there_is_refused(
    cli: Callable, tiny: str, standing: Callable, words: tuple[str, ...], told: str
) -> None:
    before = standing()
    assert cli("run", *words) == (2, "", told + "\n")
    assert standing() == before
