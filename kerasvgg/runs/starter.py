"""The experiment to begin with for a folder of pictures: `kerasvgg init` writes it, `kerasvgg run FOLDER` runs it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

from kerasvgg.config.writer import IN_FOLDS, IS_SPLIT, PARTS, WITHOUT_VALIDATION, starter
from kerasvgg.data.folder.scan import Source, scan
from kerasvgg.data.picture import UNWRITABLE
from kerasvgg.data.pictures.decode import glance
from kerasvgg.data.targets import classes_of
from kerasvgg.errors import ConfigError, DataError
from kerasvgg.files.atomic import write_text
from kerasvgg.files.text import escape
from kerasvgg.process.progress import say
from kerasvgg.selection.folds import FOLDS

FEWEST = 1_000  # pictures that are divided into parts; fewer are held out in folds
FEWEST_OF_A_CLASS = 20  # in parts, of which a test has three
USUAL, QUICK, TINY = 224, 150, 96  # pixels, of both sides
LOOKED_AT = 50  # pictures whose size is looked at


@dataclass(frozen=True)
class Starter:
    """An experiment for so many `files` of these `classes`, written to `path` or, if it is not new, found there."""

    path: Path
    files: int
    classes: tuple[str, ...]
    is_new: bool


def write_starter(
    folder: Path,
    places: Iterable[Path],
    labels: Path | None = None,
    *,
    quick: bool = False,
    minutes: float | None = None,
    resume: bool = False,
) -> Starter:
    """Writes the YAML file for a folder of pictures to the first of `places` that is free, or holds it already.

    The machine is not always as fast when it is measured for `minutes`, so that with `resume` one for another size of
    the pictures is taken, too.
    Raises ConfigError for names that YAML can't hold, DataError for a folder without pictures of two classes.
    """
    for name, path in {"folder": folder, "labels": labels}.items():
        require_writable(name, path)
    found, sizes = _with_sizes(scan(folder, labels=labels))
    classes = found.classes
    split, sides = _split(found), [_side(sizes, quick)]
    if minutes is not None:
        sides += [one for one in (QUICK, TINY) if one < sides[0]]
        sides = [_side_in_time(sides, found, FOLDS if split is IN_FOLDS else 0, minutes), *(sides if resume else ())]
    how: dict[str, Any] = {"split": split, "quick": quick}
    how |= {"labels": str(labels) if labels is not None else None, "minutes": minutes}
    for path in places:
        require_writable("output", path)
        texts = [starter(str(folder), classes, str(path), side=side, **how) for side in sides]
        is_new = not path.exists()
        if is_new:
            write_text(path, texts[0])
        elif not path.is_file() or path.read_bytes() not in [text.encode() for text in texts]:
            continue
        return Starter(path, len(found.files), classes, is_new)
    raise ConfigError("`output` must be a file that is not there yet")


def starter_places(folder: Path, runs: Path) -> Iterator[Path]:
    """Yields where `kerasvgg run FOLDER` may write the experiment: beside the runs that are named after it."""
    name = folder_name(folder)
    yield runs / f"{name}.yaml"
    yield from (runs / f"{name}-{number}.yaml" for number in range(2, 10_000))


def folder_name(folder: Path) -> str:
    """Returns what runs on a folder of pictures are named after."""
    return folder.resolve().name or "pictures"


def require_writable(name: str, path: Path | None) -> None:
    """Raises ConfigError for a path that YAML can't hold; `name` is what was given as it."""
    if UNWRITABLE.search(str(path)):
        raise ConfigError(f"`{name}` must have a name in UTF-8 without control characters, received {str(path)!r}")


def _side_in_time(sides: Sequence[int], found: Source, folds: int, minutes: float) -> int:
    # It measures with TensorFlow, which an experiment without limit does not need.
    from kerasvgg.runs.estimate import fitting_side

    n, classes = len(found.files), len(found.classes)
    return fitting_side(sides, n, classes, folds, minutes, multi_label=found.multi_label)


def _split(found: Source) -> str:
    parts = {file.split for file in found.files}
    if found.is_split:
        return IS_SPLIT if "validation" in parts else WITHOUT_VALIDATION
    counts = Counter(name for file in found.files for name in classes_of(file.label, found.multi_label))
    rarest, fewest = min(counts.items(), key=lambda pair: pair[1])
    if len(found.files) >= FEWEST and fewest < FEWEST_OF_A_CLASS:
        told = f"{escape(rarest)} has {fewest}"
        say(f"in folds, because a test part needs {FEWEST_OF_A_CLASS} pictures of each class, and {told}")
    return IN_FOLDS if len(found.files) < FEWEST or fewest < FEWEST_OF_A_CLASS else PARTS


def _with_sizes(source: Source) -> tuple[Source, list[int]]:
    """Returns the files of classes that have pictures, as a run takes them, and the longer sides of some pictures.

    Of each class it opens files until one is a picture. Raises DataError where fewer than two classes have one: an
    experiment on them would only fail later.
    """
    waiting, sizes = set(source.classes), []
    step = max(1, len(source.files) // LOOKED_AT)
    for number, file in enumerate(source.files):
        names = classes_of(file.label, source.multi_label)
        if not waiting.isdisjoint(names) or number % step == 0:
            try:
                sizes.append(max(glance(source.root / file.path).size))
            except DataError:
                continue
            waiting.difference_update(names)
    files = tuple(file for file in source.files if waiting.isdisjoint(classes_of(file.label, source.multi_label)))
    found = replace(source, files=files)
    if waiting and len(found.classes) < 2:
        listed = ", ".join(sorted(waiting))
        raise DataError(f"`{source.root}` must hold pictures of two classes; received none of {listed}")
    return found, sizes


def _side(sizes: list[int], quick: bool) -> int:
    """Returns the side in pixels to train at; pictures that are much smaller have nothing to show at more."""
    return min(QUICK if quick else USUAL, max(TINY, 2 * int(median(sizes))))
