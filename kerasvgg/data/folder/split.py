"""Which picture goes to train, validation or test."""

import hashlib
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from kerasvgg.data.duplicates.pairs import DuplicatePair, near_duplicates
from kerasvgg.data.folder.amounts import Amounts, check_asked, proportions
from kerasvgg.data.folder.earlier import with_earlier_parts
from kerasvgg.data.folder.grouped_split import Amount, grouped_split
from kerasvgg.data.folder.scan import ScannedFile, Source, natural, scan
from kerasvgg.data.folder.verify import verify_pictures, without_pictures
from kerasvgg.data.picture import Picture
from kerasvgg.data.targets import all_classes, strata, targets
from kerasvgg.errors import DataError

MOST_COMPARED = 50_000  # pictures; near duplicates among more take too long to find


@dataclass(frozen=True)
class Split:
    """Pictures of one folder, by split, class and natural name order; `left_out` names the files that are none.

    With `multi_label` a picture's label may be several classes joined by |, or none.
    """

    root: Path
    pictures: tuple[Picture, ...]
    left_out: tuple[tuple[str, str], ...] = ()
    class_names: tuple[str, ...] = ()
    multi_label: bool = False

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """Class names, `class_names` or those there are in alphabetical order; their positions are the labels."""
        return self.class_names or all_classes((picture.label for picture in self.pictures), self.multi_label)

    def part(self, name: str) -> tuple[Picture, ...]:
        """Returns the pictures of train, validation or test."""
        return tuple(picture for picture in self.pictures if picture.split == name)

    @cached_property
    def doubles(self) -> tuple[DuplicatePair, ...] | None:
        """The pictures that show the same in different parts, None where there are too many to look."""
        return tuple(near_duplicates(self.pictures, across=True)) if len(self.pictures) <= MOST_COMPARED else None

    @property
    def sha256(self) -> str:
        """Returns one hash of which contents are in which split and class."""
        lines = sorted(f"{picture.split}/{picture.label}/{picture.sha256}\n" for picture in self.pictures)
        return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def plan_split(
    source: Path | Source,
    *,
    train: Amount = None,
    validation: Amount = None,
    test: Amount = None,
    seed: int = 0,
    classes: Sequence[str] | None = None,
    stratify: bool = True,
    leave_out_last: int = 0,
    keep_together: bool = False,
    folds: bool = False,
    conflicting: Literal["keep", "skip"] = "keep",
    earlier: Sequence[Mapping[str, str]] = (),
) -> Split:
    """Plans a split of the pictures in `source`, a folder or what was found in one, without writing anything.

    Whole numbers take so many pictures of each class in natural name order: train first, then validation, then
    test. Fractions draw int(n x fraction) of each class at random by `seed`; without `train`, or if the fractions
    add up to 1, the rest trains. A source that is split already keeps its split and takes no amounts; if it has no
    validation part, a `validation` fraction is drawn from its train part. `classes` takes these classes alone.
    Without `stratify` fractions are of all pictures together. A picture of several classes counts as one of the rarest.
    Of each class, the last `leave_out_last` files are not taken. Pictures of one group are all in one part and, with
    `keep_together`, those that show the same (see `grouped_split`). With `folds` nothing is divided and all train.
    `conflicting` says whether the same file in two classes is kept or skipped. Pictures in the rows of an `earlier`
    split.csv keep their part, those that belong together with them or show the same come to it, and amounts are of the
    others; whole numbers are then proportions.
    Raises DataError if a class has too few pictures or the amounts do not fit together.
    """
    amounts = {"train": train, "validation": validation, "test": test}
    found = source if isinstance(source, Source) else scan(source)
    check_asked(found, amounts, classes, leave_out_last, folds=folds, earlier=bool(earlier), together=keep_together)
    pictures, bad = _taken(found, classes, leave_out_last, skip=conflicting == "skip")
    how: dict[str, Any] = {"seed": seed, "stratify": stratify, "multi_label": found.multi_label}
    parts = _in_parts(found.root, pictures, amounts, earlier, folds=folds, keep_together=keep_together, **how)
    planned = Split(found.root, tuple(parts), tuple(sorted((*found.left_out, *bad))), multi_label=found.multi_label)
    _require_every_class(planned, pictures, ("train",) if folds else ("train", "validation"))
    return planned


def _taken(
    found: Source, classes: Sequence[str] | None, leave_out_last: int, *, skip: bool
) -> tuple[list[Picture], list[tuple[str, str]]]:
    """Returns the pictures that can be read, and (path, reason) of what is left out; `skip` conflicting files."""
    asked = _choose_classes(found, classes)
    good, bad = verify_pictures(found.root, asked)
    bad += without_pictures(asked, (file for file, _ in good))
    pictures = [Picture(file.path, file.place, file.label, file.split or "", *seen, file.group) for file, seen in good]
    if skip:
        pictures, contradicted = _without_conflicts(pictures)
        bad += contradicted
    return _without_last(pictures, leave_out_last), bad


def _in_parts(
    root: Path,
    pictures: list[Picture],
    amounts: Amounts,
    earlier: Sequence[Mapping[str, str]],
    *,
    folds: bool,
    keep_together: bool,
    **how: Any,
) -> list[Picture]:
    if folds:
        return [replace(picture, split="train") for picture in pictures]
    if earlier:
        pictures = with_earlier_parts(root, pictures, earlier)
        new, kept = ([one for one in pictures if bool(one.split) is known] for known in (False, True))
        return _divide(new, proportions(amounts), kept=kept, **how)
    if not any(amounts.values()):
        return pictures
    rest, kept = ([one for one in pictures if (one.split == "test") is known] for known in (False, True))
    return _divide(rest, amounts, keep_together=keep_together, **how) + kept


def _without_conflicts(pictures: list[Picture]) -> tuple[list[Picture], list[tuple[str, str]]]:
    """Returns the pictures whose file is in one class only, and (path, reason) for the others."""
    first: dict[str, Picture] = {}
    others: dict[str, Picture] = {}  # by content, one of another class
    for picture in pictures:
        if first.setdefault(picture.sha256, picture).label != picture.label:
            others[picture.sha256] = picture
    skipped = [picture for picture in pictures if picture.sha256 in others]
    pairs = ((one, first[one.sha256], others[one.sha256]) for one in skipped)
    reasons = [
        (one.path, f"the same file is in another class: {(a if a.label != one.label else b).path}")
        for one, a, b in pairs
    ]
    return [picture for picture in pictures if picture.sha256 not in others], reasons


def _choose_classes(found: Source, classes: Sequence[str] | None) -> list[ScannedFile]:
    if unknown := sorted(set(classes or ()) - set(found.classes)):
        raise DataError(f"`classes` must be among {', '.join(found.classes)}; received {', '.join(unknown)}")
    return [file for file in found.files if not classes or file.label in classes]


def _by_class(pictures: Iterable[Picture]) -> dict[str, list[Picture]]:
    found = defaultdict(list)
    for picture in pictures:
        found[picture.label].append(picture)
    return found


def _by_rarest(pictures: Sequence[Picture]) -> dict[str, list[Picture]]:
    """Returns pictures of several classes by the rarest that they have, "" for those without."""
    labels = [picture.label for picture in pictures]
    classes = all_classes(labels, multi_label=True)
    found = defaultdict(list)
    for picture, number in zip(pictures, strata(targets(labels, classes, multi_label=True)), strict=True):
        found[(*classes, "")[number]].append(picture)
    return found


def _without_last(pictures: list[Picture], count: int) -> list[Picture]:
    if not count:
        return pictures
    kept = []
    for part in sorted({picture.split for picture in pictures}):
        for group in _by_class(picture for picture in pictures if picture.split == part).values():
            kept += sorted(group, key=lambda picture: natural(picture.place))[:-count]
    return kept


def _divide(
    pictures: list[Picture],
    amounts: Amounts,
    *,
    seed: int,
    stratify: bool,
    keep_together: bool = True,
    kept: Sequence[Picture] = (),
    multi_label: bool = False,
) -> list[Picture]:
    by_class = _by_rarest(pictures) if multi_label else _by_class(pictures)
    if pictures and not stratify:
        by_class = {"": pictures}
    _require_enough(by_class, amounts)
    draw = random.Random(seed)
    chosen = list(kept)
    # The rarest of several classes come first, because their groups take others with them.
    labels = sorted(by_class, key=lambda label: (len(by_class[label]) if multi_label else 0, label))
    if keep_together or any(picture.group for picture in pictures):
        parts_of_classes = grouped_split([by_class[label] for label in labels], amounts, draw, keep_together, kept)
    else:
        parts_of_classes = [_parts(by_class[label], amounts, draw) for label in labels]
    for parts in parts_of_classes:
        chosen += [replace(picture, split=name) for name, part in parts.items() for picture in part]
    order = list(amounts)
    return sorted(chosen, key=lambda p: (order.index(p.split), p.label, natural(p.place)))


def _require_enough(by_class: dict[str, list[Picture]], amounts: Amounts) -> None:
    wanted = sum(amount for amount in amounts.values() if isinstance(amount, int))
    short = [f"{label}: wanted {wanted:,}, found {len(has):,}" for label, has in by_class.items() if len(has) < wanted]
    if short:
        raise DataError(f"too few pictures for the split ({'; '.join(short)})")


def _parts(pictures: list[Picture], amounts: Amounts, draw: random.Random) -> dict[str, list[Picture]]:
    if isinstance(amounts["validation"], int):
        return _first(pictures, amounts)
    parts = {}
    rest = list(pictures)
    for name in ("validation", "test"):
        taken = set(draw.sample(range(len(rest)), int(len(pictures) * (amounts[name] or 0))))
        parts[name] = [picture for place, picture in enumerate(rest) if place in taken]
        rest = [picture for place, picture in enumerate(rest) if place not in taken]
    if amounts["train"] is not None and sum(amount or 0 for amount in amounts.values()) < 1 - 1e-9:
        rest = draw.sample(rest, int(len(pictures) * amounts["train"]))
    return {"train": rest, **parts}


def _first(pictures: list[Picture], amounts: Amounts) -> dict[str, list[Picture]]:
    parts, start = {}, 0
    for name, amount in amounts.items():
        parts[name] = pictures[start : start + int(amount or 0)]
        start += int(amount or 0)
    return parts


def _require_every_class(planned: Split, pictures: Sequence[Picture], parts: Sequence[str]) -> None:
    labels = all_classes((picture.label for picture in pictures), planned.multi_label)
    for name in (*parts, *({"test"} & {picture.split for picture in planned.pictures})):
        there = all_classes((picture.label for picture in planned.part(name)), planned.multi_label)
        missing = set(labels) - set(there)
        if missing or len(labels) < 2:
            raise DataError(
                f"`{planned.root}`: {name} must have pictures of at least two classes and of each class; "
                f"received none of {', '.join(sorted(missing)) or 'a second class'}"
            )
