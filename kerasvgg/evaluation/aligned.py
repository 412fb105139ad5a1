"""Aligned predictions: those of several runs or evaluations for the same pictures, in one order."""

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from kerasvgg.data.folder.manifest import read_manifest
from kerasvgg.data.targets import classes_of
from kerasvgg.errors import DataError
from kerasvgg.evaluation.metrics import metrics
from kerasvgg.evaluation.predictions import Prediction, read_predictions
from kerasvgg.evaluation.statistics import wilson
from kerasvgg.evaluation.test_access import count_accesses, scored_hash
from kerasvgg.files.reading import read_small, why_not_plain
from kerasvgg.files.run_folder import RunFolder

KNOWN = {"train": "were trained on", "validation": "were in validation, by which epoch and temperature were chosen"}


Key = tuple[str, str, int]
LARGEST = 500_000_000  # bytes of predictions


@dataclass(frozen=True)
class AlignedPredictions:
    """A folder's predictions by picture: its content, or its path where not all folders know contents, and its class.

    `contents` are the SHA-256 that split.csv has, by path; `scored` says what was scored: test, or validation, and
    whether something was selected on it; `known` how many of an evaluation's pictures its model came about by (see
    `known_before`); `multi_label` whether pictures have several classes; `tells` how many independent pictures one
    tells as much as, at most 1 (see `fold_accuracy`); `test_seen` how often they were scored, so far as somebody
    counted. Of a repeated cross-validation it is the first time.
    """

    folder: RunFolder
    class_names: tuple[str, ...]
    predictions: dict[Key, Prediction]
    contents: dict[str, str]
    scored: str
    known: Mapping[str, int]
    multi_label: bool
    tells: float
    test_seen: int

    @property
    def figures(self) -> dict[str, Any]:
        """What follows from the predictions (see `metrics`)."""
        found = metrics(self.class_names, list(self.predictions.values()), multi_label=self.multi_label)
        if self.tells == 1:
            return found
        independent = found["n"] * self.tells
        return found | {"interval_95": wilson(found["accuracy"] * independent, independent), "independent": independent}

    def confidence(self, one: Prediction) -> float:
        """Returns how probable the run takes what it says: of several classes, that just these are there."""
        if not self.multi_label:
            return max(one.probabilities)
        said = classes_of(one.predicted)
        pairs = zip(self.class_names, one.probabilities, strict=True)
        return math.prod(share if name in said else 1 - share for name, share in pairs)


def align_predictions(paths: Sequence[Path], common: bool = False) -> list[AlignedPredictions]:
    """Returns the folders with their predictions in one order of pictures.

    Raises DataError for other class names, and for other pictures, unless those that all have in `common` are asked
    for.
    """
    folders = [RunFolder(path) for path in paths]
    told = [_scored(folder) for folder in folders]
    read = [_read(folder, about.multi_label, about.times) for folder, about in zip(folders, told, strict=True)]
    contents = [_contents(folder) for folder in folders]
    by_content = all(
        one.path in known for (_, some), known in zip(read, contents, strict=True) for one in some
    )  # a folder without split.csv knows only paths
    found = [
        AlignedPredictions(
            folder,
            names,
            _keyed(some, has if by_content else {}),
            has,
            scored=about.scored,
            known=about.known,
            multi_label=about.multi_label,
            tells=about.tells,
            test_seen=_seen(some, has),
        )
        for folder, (names, some), has, about in zip(folders, read, contents, told, strict=True)
    ]
    _require_classes(found)
    shared = _shared(found, common)
    return [replace(one, predictions={key: one.predictions[key] for key in shared}) for one in found]


def _read(folder: RunFolder, multi_label: bool, times: int) -> tuple[tuple[str, ...], list[Prediction]]:
    path = folder.predictions
    reason = why_not_plain(path) or (f"more than {LARGEST:,} bytes" if path.stat().st_size > LARGEST else None)
    if reason:
        raise DataError(f"`{folder.path}` must be a run or an evaluation with {path.name} in it; {path.name}: {reason}")
    names, found = read_predictions(path)
    known = set(names)
    unknown = next((one for one in found if not known.issuperset(classes_of(one.true, multi_label))), None)
    if unknown or not found:
        received = f"{unknown.true!r} for {unknown.path}" if unknown else "no picture"
        raise DataError(
            f"`{path}` must have pictures whose true class is one of {', '.join(names)}; received {received}"
        )
    return names, found[: len(found) // times] if len(found) % times == 0 else found


def _contents(folder: RunFolder) -> dict[str, str]:
    if not folder.split.exists():
        return {}
    return {row["path"]: row["sha256"] for row in read_manifest(folder.split)}


def _keyed(predictions: Sequence[Prediction], contents: dict[str, str]) -> dict[Key, Prediction]:
    seen: Counter[tuple[str, str]] = Counter()
    keyed = {}
    for one in predictions:
        known = contents.get(one.path, one.path), one.true
        keyed[*known, seen[known]] = one
        seen[known] += 1  # the same picture may be there twice
    return keyed


class _Told(NamedTuple):
    """What the figures say of themselves; `times` is how often each picture is there."""

    scored: str = ""
    known: Mapping[str, int] = {}
    multi_label: bool = False
    times: int = 1
    tells: float = 1.0


def _scored(folder: RunFolder) -> _Told:
    try:
        figures: Any = json.loads(read_small(folder.metrics))
        part, role = str(figures["split"]), str(figures["role"])
        multi_label = figures.get("multi_label") is True
        times = max(1, int(figures.get("repeats", 1)))
        n = int(figures.get("n", 0)) or 1
        tells = min(1.0, max(1e-6, float(figures.get("independent", n)) * times / n))
        known = {name: int(count) for name, count in figures.get("known_before", {}).items() if name in KNOWN}
    except (DataError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError):
        return _Told()
    what = f"{part}, {role}"[:60] if part == "validation" else part[:60]
    what += f", the first of {times} times" if times > 1 else ""
    return _Told(what, known, multi_label, times, tells)


def _seen(predictions: Sequence[Prediction], contents: dict[str, str]) -> int:
    return count_accesses(scored_hash((one.true, contents.get(one.path, "")) for one in predictions))


def _require_classes(found: Sequence[AlignedPredictions]) -> None:
    first = found[0]
    for other in found[1:]:
        if other.multi_label != first.multi_label:
            several, one = (first, other) if first.multi_label else (other, first)
            raise DataError(
                "the runs must all say one class for a picture, or all several; received "
                f"`{several.folder.path}`, which says several, and `{one.folder.path}`, which says one"
            )
        if set(other.class_names) != set(first.class_names):
            both = f"`{first.folder.path}` has {', '.join(first.class_names[:20])}"
            raise DataError(
                f"the runs must know the same classes; {both}, `{other.folder.path}` has "
                f"{', '.join(other.class_names[:20])}"
            )


def _shared(found: Sequence[AlignedPredictions], common: bool) -> list[Key]:
    shared = [key for key in found[0].predictions if all(key in one.predictions for one in found)]
    if all(len(one.predictions) == len(shared) for one in found) or (common and shared):
        return shared
    counts = ", ".join(f"`{one.folder.path}` {len(one.predictions):,}" for one in found)
    hint = f"`--common` compares these {len(shared):,}" if shared else "there is nothing to compare"
    raise DataError(
        f"the runs must have scored the same pictures; {len(shared):,} are common to all of {counts}: {hint}"
    )
