"""Which pictures an evaluation scores."""

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kerasvgg.data.folder.manifest import read_manifest
from kerasvgg.data.folder.scan import ScannedFile, scan
from kerasvgg.data.picture import Picture
from kerasvgg.data.targets import all_classes
from kerasvgg.errors import DataError, did_you_mean
from kerasvgg.evaluation.aligned import KNOWN
from kerasvgg.files.hashing import content_hash
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.files.text import escape, printable
from kerasvgg.modelfile.description import Description
from kerasvgg.process.threads import in_threads
from kerasvgg.runs.pictures import RunPicture, run_pictures, run_source

AHEAD = 256
UNLABELLED = "unlabelled.csv"  # in a run's folder: pictures of which only what a teacher says was learnt
MOST_NAMED = 10


@dataclass(frozen=True)
class EvaluationSet:
    """Pictures below `root`; `part` is test, validation or train, or "all" where a folder has no parts.

    `left_out` pairs paths with the reason why they are no pictures.
    """

    root: Path
    part: str
    pictures: tuple[Picture, ...]
    left_out: tuple[tuple[str, str], ...] = ()


def evaluation_set_of_run(folder: RunFolder) -> EvaluationSet:
    """Returns the run's test pictures, or those of validation where it has none, where they lie now.

    Raises DataError unless all are there with the contents that split.csv has of them.
    """
    rows = read_manifest(folder.split)
    part = next((part for part in ("test", "validation") if any(row["split"] == part for row in rows)), "test")
    names = [row["path"] for row in rows if row["split"] == part]
    if not names or (part == "validation" and folder.choices.is_file()):
        raise DataError(
            f"`{folder.path}` must have test or validation pictures; it was fitted on all there are, and its figures "
            "are of pictures held out in turn: evaluate it on others"
        )
    source = run_source(folder)
    there = [one for one in run_pictures(folder, source) if one.split == part]
    known = {one.name for one in there}
    bad = [f"{name}: it is missing" for name in names if name not in known]
    looked = in_threads(_why_other, there, AHEAD)
    bad += [f"{one.name}: {why}" for one, why in zip(there, looked, strict=True) if why]
    if bad:
        named = "; ".join(bad[:MOST_NAMED]) + (f" and {len(bad) - MOST_NAMED:,} more" if len(bad) > MOST_NAMED else "")
        wanted = f"the {part} pictures in `{folder.split}` must be where and what they were when the run began"
        raise DataError(f"{wanted}; received {named}")
    paths = (one.path.relative_to(source.root).as_posix() for one in there)
    found = (
        Picture(path, "", one.label, part, one.sha256, group=one.group) for path, one in zip(paths, there, strict=True)
    )
    return EvaluationSet(source.root, part, tuple(found))


def evaluation_set_of_folder(root: Path, description: Description) -> EvaluationSet:
    """Returns the pictures of class folders, of a flat folder, or of a split folder's test part (without one: all).

    Raises DataError for a class that the model does not know, and for several for a picture where it knows but one.
    """
    found, class_names = scan(root), description.class_names
    if found.multi_label and not description.multi_label:
        raise DataError(
            f"pictures in `{escape(root)}` must have one class each, as the model says one; received such with several"
        )
    has_test = any(file.split == "test" for file in found.files)
    files = [file for file in found.files if not has_test or file.split == "test"]
    require_classes(root, all_classes((file.label for file in files), found.multi_label), class_names)
    pictures, bad = _with_hashes(root, files)
    part = "test" if has_test else "all"
    return EvaluationSet(root, part, tuple(replace(one, split=part) for one in pictures), (*found.left_out, *bad))


def require_classes(source: Path | str, found: Iterable[str], class_names: Sequence[str]) -> None:
    """Raises DataError where a class that was found in the source is none of the model's."""
    unknown = sorted(set(found) - set(class_names))
    if unknown:
        question = did_you_mean(unknown[0], class_names)
        allowed = ", ".join(class_names[:50]) + (" ..." if len(class_names) > 50 else "")
        received = escape(", ".join(unknown[:MOST_NAMED])) + question
        raise DataError(f"classes in `{escape(source)}` must be among the model's: {allowed}; received {received}")


def known_before(asked: EvaluationSet, folder: RunFolder) -> dict[str, int]:
    """Returns how many of the pictures the run has trained on, and how many were in its validation, by content."""
    if not (folder.split.is_file() and folder.history.is_file()):  # a model file that is in no run
        return {}
    parts = contents_by_part(folder)
    found = Counter(next((part for part in KNOWN if one.sha256 in parts[part]), None) for one in asked.pictures)
    return {part: found[part] for part in KNOWN if found[part] and part != asked.part}


def contents_by_part(folder: RunFolder) -> dict[str, set[str]]:
    """Returns the SHA-256 of a run's pictures by part; those without labels that it has learnt from are of training."""
    found: dict[str, set[str]] = {part: set() for part in (*KNOWN, "test")}
    for row in read_manifest(folder.split):
        found.setdefault(row["split"], set()).add(row["sha256"])
    listed = folder.path / UNLABELLED
    if listed.is_file():
        with listed.open(encoding="utf-8", newline="") as file:
            found["train"].update(row["sha256"] for row in csv.DictReader(file) if row.get("sha256"))
    return found


def known_words(known: Mapping[str, int]) -> str:
    """Returns in words what `known_before` counts."""
    return ", ".join(f"{known[part]:,} {words}" for part, words in KNOWN.items() if part in known)


def _why_other(picture: RunPicture) -> str | None:
    try:
        same = content_hash(picture.path) == picture.sha256
    except OSError as error:
        return error.strerror or str(error)
    return None if same else "its content has changed"


def _with_hashes(root: Path, files: Iterable[ScannedFile]) -> tuple[list[Picture], list[tuple[str, str]]]:
    good, bad = [], []
    files = list(files)
    for file, content in zip(files, in_threads(lambda file: _hash_or_why(root / file.path), files, AHEAD), strict=True):
        if isinstance(content, OSError):
            bad.append((printable(file.path), content.strerror or str(content)))
        else:
            good.append(Picture(file.path, file.place, file.label, "", content, group=file.group))
    return good, bad


def _hash_or_why(path: Path) -> str | OSError:
    try:
        return content_hash(path)
    except OSError as error:
        return error
