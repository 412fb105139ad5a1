import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import kerasvgg
from kerasvgg.config.load import load_experiments
from kerasvgg.config.problems import Mistakes, Place
from kerasvgg.config.reader import read_tree
from kerasvgg.config.schema import schema, text
from kerasvgg.config.writer import dump_experiment

Write = Callable[[str], str]
PACKAGE = Path(kerasvgg.__file__).parent
EXPERIMENTS = sorted((PACKAGE.parent / "experiments").rglob("*.yaml"))


def _plain(yaml: str) -> Any:
    tree = read_tree(yaml, lambda line, column: Place("", line, column), Mistakes())
    assert tree is not None
    return tree.plain()


def _valid(yaml: str) -> bool:
    return jsonschema.Draft202012Validator(schema()).is_valid(_plain(yaml))


def test_the_shipped_schema_is_current() -> None:
    shipped = (PACKAGE / "config" / "experiment.schema.json").read_text(encoding="utf-8")
    assert shipped == text(), "run: python -m kerasvgg.config.schema kerasvgg/config/experiment.schema.json"


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(text()))


@pytest.mark.parametrize("path", EXPERIMENTS, ids=lambda path: path.stem)
def test_every_shipped_experiment_is_valid(path: Path) -> None:
    assert _valid(path.read_text(encoding="utf-8"))
    assert load_experiments(path, variants=("all",))


def test_experiments_with_and_without_variants_are_valid(whole: str, variants: str, write: Write) -> None:
    assert _valid(whole)
    assert _valid(variants)
    assert _valid(dump_experiment(load_experiments(write(whole))[""]))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("split: null", "spilt: null"),
        ("default: book", "default: 5"),
        ("  book:", "  all:"),
        ("base: small_cnn", "base: alexnet"),
        ("{epochs: 1, learning_rate: 1e-3}", "{epochs: 1}"),
        ("dropout: 0.5", "dropout: 1"),
    ],
)
def test_a_wrong_file_with_variants_is_invalid(variants: str, right: str, wrong: str) -> None:
    assert right in variants
    assert not _valid(variants.replace(right, wrong))


@pytest.mark.parametrize("line", ["  dataset: pets\n", "    epochs: 2\n", "  base: vgg16\n"])
def test_only_variants_may_leave_something_out(whole: str, line: str) -> None:
    assert not _valid(whole.replace(line, ""))


def test_what_the_variants_complete_may_be_left_out(variants: str, write: Write) -> None:
    text = variants.replace("dataset: pets, ", "").replace("{split: null}", "{split: null, dataset: a}")
    text = text.replace("    model: {", "    data: {dataset: b}\n    model: {")
    assert _valid(text)
    assert list(load_experiments(write(text), variants=("all",))) == ["book", "small", "unsplit"]
