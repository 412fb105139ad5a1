"""The way from an experiment file to validated experiments."""

from collections.abc import Sequence
from functools import partial
from os import PathLike
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from kerasvgg.config.experiment import Experiment
from kerasvgg.config.explain import explain
from kerasvgg.config.overrides import read_overrides
from kerasvgg.config.problems import MOST, Mistake, Mistakes, Node, Place
from kerasvgg.config.reader import MOST_VALUES, position, read_tree
from kerasvgg.config.variants import read_variants
from kerasvgg.config.writer import dump_experiment, values_of
from kerasvgg.errors import ConfigError, brief
from kerasvgg.settings import Section

SectionType = TypeVar("SectionType", bound=Section)
LARGEST = 100_000  # bytes; the experiments at hand have 1,000 to 2,500


def load_experiments(
    path: str | PathLike[str], overrides: Sequence[str] = (), variants: Sequence[str] | None = None
) -> dict[str, Experiment]:
    """Returns the experiments of a YAML file by variant; a file without variants has one, called "".

    `variants` picks by name, ("all",) takes all; without it the file's `default` runs, or all. `overrides` such as
    `train.0.epochs=5` change every picked variant. Raises one ConfigError for everything that is wrong with the
    file, also with the variants that were not picked.
    """
    mistakes = Mistakes()
    edits = read_overrides(overrides, mistakes)
    root = _read_file(Path(path), mistakes)
    if root is None:
        raise mistakes.error()
    file = read_variants(root, mistakes)
    chosen = file.chosen(variants or (), Place(str(path)), mistakes)
    trees = dict(file.trees)
    for edit in edits:
        trees |= {name: edit.apply(trees[name], mistakes) for name in chosen}
    experiments = _validated(trees, mistakes)
    if not mistakes:
        _refuse_what_grows_too_long(experiments, root, mistakes)
    if mistakes:
        raise mistakes.error()
    return {name: experiments[name] for name in chosen}


def load_section(path: Path, of: type[SectionType], overrides: Sequence[str] = ()) -> SectionType:
    """Returns a YAML file of another kind. Raises one ConfigError for everything that is wrong with it."""
    mistakes = Mistakes()
    edits = read_overrides(overrides, mistakes)
    tree = _read_file(path, mistakes, "the file")
    if tree is None:
        raise mistakes.error()
    for edit in edits:
        tree = edit.apply(tree, mistakes)
    try:
        found = of.model_validate(tree.plain())
    except ValidationError as error:
        for mistake in explain(error, tree, of):
            mistakes.append(mistake)
    if mistakes:
        raise mistakes.error()
    return found


def _read_file(path: Path, mistakes: Mistakes, what: str = "an experiment") -> Node | None:
    text = _text(path)
    root = read_tree(text, partial(Place, str(path)), mistakes)
    if root and not isinstance(root.value, dict):
        received = "nothing" if root.value is None else brief(root.plain())
        mistakes.append(Mistake(root.place, f"{what} must be a mapping, received {received}"))
        return None
    return root


def _text(path: Path) -> str:
    content = _bytes(path)
    if len(content) > LARGEST:
        place = Place(str(path), 1 + content.count(b"\n"), 1)
        raise ConfigError(f"{place}: the file must be at most {LARGEST:,} bytes long")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8-sig")
        place = Place(str(path), *position(before, len(before)))
        raise ConfigError(f"{place}: must be UTF-8, received the byte 0x{content[error.start]:02x}") from None


def _bytes(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise ConfigError(f"{path}: {'is not a file' if path.exists() else 'there is no such file'}")
        with path.open("rb") as stream:
            return stream.read(LARGEST + 1)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None


def _validated(trees: dict[str, Node], mistakes: Mistakes) -> dict[str, Experiment]:
    """Validates each tree; a mistake in the file that only some variants make names them.

    Where mistakes abound, the trees that are left are not looked at.
    """
    experiments: dict[str, Experiment] = {}
    found: dict[Mistake, list[str]] = {}
    looked_at = 0
    for name, tree in trees.items():
        if len(found) >= MOST:
            break
        looked_at += 1
        try:
            experiments[name] = Experiment.model_validate(tree.plain())
        except ValidationError as error:
            for mistake in explain(error, tree):
                found.setdefault(mistake, []).append(name)
    # What the YAML reader has refused is no more what was written: the first mistake at a place is the true one.
    refused = {mistake.place for mistake in mistakes}
    for mistake, names in found.items():
        if mistake.place not in refused:
            general = len(names) == looked_at or not mistake.place.line
            mistakes.append(mistake if general else _of_variants(mistake, names))
    return experiments


def _refuse_what_grows_too_long(experiments: dict[str, Experiment], root: Node, mistakes: Mistakes) -> None:
    """A run's folder holds its experiment with every default said, which has to be readable, too."""
    for name, experiment in experiments.items():
        # Counted first, because thousands of phases take long to write.
        count = values_of(experiment)
        size = len(dump_experiment(experiment).encode()) if count <= MOST_VALUES else 0
        if count > MOST_VALUES or size > LARGEST:
            limit = f"{MOST_VALUES:,} keys and values, received {count:,}"
            limit = limit if count > MOST_VALUES else f"{LARGEST:,} bytes, received {size:,}"
            mistake = Mistake(root.place, f"with all its defaults, an experiment must have at most {limit}")
            mistakes.append(_of_variants(mistake, [name]) if name else mistake)
            return


def _of_variants(mistake: Mistake, names: list[str]) -> Mistake:
    listed = ", ".join(f"`{name}`" for name in names)
    return Mistake(mistake.place, f"{mistake.text} (in variant {listed})")
