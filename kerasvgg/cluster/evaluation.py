"""Evaluation as a job: what the ledger has of pictures whose classes are known, as one pass over them."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from kerasvgg.cluster.ledger import Ledger, Seen
from kerasvgg.cluster.tables import predictions
from kerasvgg.data.picture import SPLITS, Picture
from kerasvgg.data.streams.items import Item
from kerasvgg.data.streams.records import MEMBER, holds_many
from kerasvgg.data.streams.remote import is_remote
from kerasvgg.data.targets import all_classes, classes_of, joined_classes
from kerasvgg.errors import DataError
from kerasvgg.files.text import escape, printable
from kerasvgg.modelfile.description import Description
from kerasvgg.runs.evaluate import Scored, require_probabilities
from kerasvgg.runs.evaluation_set import require_classes


def test_part(source: str) -> tuple[str, str]:
    """Returns the source, of a split folder its test part, and what part that is: test, or "all" of what has none."""
    if is_remote(source):
        return source, "all"
    folder = Path(source).resolve()
    named = {SPLITS[one.name.lower()]: one for one in _folders(folder) if one.name.lower() in SPLITS}
    return (str(named["test"]), "test") if len(named) > 1 and "test" in named else (str(folder), "all")


def _folders(folder: Path) -> list[Path]:
    return [one for one in folder.iterdir() if one.is_dir()] if folder.is_dir() else []


def listing(found: Iterator[Item], source: str, about: Description, listed: set[str]) -> Iterator[Item]:
    """Yields the files and gathers their addresses as `listed`.

    Raises DataError at the first one of a class that the model does not know, of none, or of a second part of a split.
    """
    parts: set[str] = set()
    for one in found:
        if one.label:
            require_classes(source, all_classes([one.label], about.multi_label), about.class_names)
        elif not about.multi_label and not holds_many(one):
            raise _no_class(source, one.address)
        parts |= _part_of(one.address, source)
        if len(parts) > 1:
            raise DataError(
                f"`{escape(source)}` must be one part of a split, received {' and '.join(sorted(parts))}: "
                f"say {escape(source.rstrip('/'))}/test"
            )
        listed.add(one.address)
        yield one


def scored_by(ledger: Ledger, source: str, about: Description, part: str, listed: set[str]) -> Scored:
    """Returns the predictions of the pictures of a job that were listed this time; their addresses are their paths.

    Raises DataError for pictures without a class, or of one that the model does not know.
    """
    scored, pictures = [], []
    labels: set[str] = set()
    for one, seen in predictions(ledger, about, unknown=False):
        if not _is_listed(seen, listed):
            continue
        if not seen.label and not about.multi_label:
            raise _no_class(source, seen.address)
        require_probabilities(one.probabilities, about.multi_label)
        label = joined_classes(classes_of(seen.label, about.multi_label))
        labels.add(label)
        scored.append(replace(one, true=label))
        pictures.append(Picture(printable(seen.address), "", label, part, (seen.sha256 or b"").hex()))
    require_classes(source, all_classes(labels, about.multi_label), about.class_names)
    bad = ((seen.address, seen.reason) for seen, _ in ledger.rows() if seen.reason and _is_listed(seen, listed))
    return Scored(scored, pictures, [(printable(address), printable(why)) for address, why in bad])


def _is_listed(seen: Seen, listed: set[str]) -> bool:
    return seen.address in listed or seen.address.rpartition(MEMBER)[0] in listed


def _part_of(address: str, source: str) -> set[str]:
    """Returns the part that a file's first folder below the source says, if it says one."""
    below = f"{source.rstrip('/')}/"
    first, inside, _ = address.removeprefix(below).partition("/")
    is_part = address.startswith(below) and inside and first.lower() in SPLITS
    return {SPLITS[first.lower()]} if is_part else set()


def _no_class(source: str, address: str) -> DataError:
    return DataError(
        f"each picture of `{escape(source)}` must have a class, by its folder, shard, table or list; "
        f"received none for {escape(address)}"
    )
