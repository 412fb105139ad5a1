"""Evaluation as a job: what the ledger has of pictures whose classes are known, as one pass over them."""

from collections.abc import Iterator
from dataclasses import replace

from kerasvgg.cluster.ledger import Ledger
from kerasvgg.cluster.tables import predictions
from kerasvgg.data.picture import Picture
from kerasvgg.data.streams.items import Item
from kerasvgg.data.targets import all_classes, classes_of, joined_classes
from kerasvgg.errors import DataError
from kerasvgg.files.text import escape, printable
from kerasvgg.modelfile.description import Description
from kerasvgg.runs.evaluate import Scored, require_probabilities
from kerasvgg.runs.evaluation_set import require_classes

PART = "all"


def with_known_classes(found: Iterator[Item], source: str, about: Description) -> Iterator[Item]:
    """Yields the files; raises DataError at the first one of a class that the model does not know."""
    for one in found:
        if one.label:
            require_classes(source, all_classes([one.label], about.multi_label), about.class_names)
        yield one


def scored_by(ledger: Ledger, source: str, about: Description) -> Scored:
    """Returns the predictions of all pictures of a job, whose addresses are their paths.

    Raises DataError for pictures without a class, or of one that the model does not know.
    """
    scored, pictures = [], []
    labels: set[str] = set()
    for one, seen in predictions(ledger, about, unknown=False):
        if not seen.label and not about.multi_label:
            raise DataError(
                f"each picture of `{escape(source)}` must have a class, by its folder, shard, table or list; "
                f"received none for {escape(seen.address)}"
            )
        require_probabilities(one.probabilities, about.multi_label)
        label = joined_classes(classes_of(seen.label, about.multi_label))
        labels.add(label)
        scored.append(replace(one, true=label))
        pictures.append(Picture(printable(seen.address), "", label, PART, (seen.sha256 or b"").hex()))
    require_classes(source, all_classes(labels, about.multi_label), about.class_names)
    bad = [(printable(seen.address), printable(seen.reason)) for seen, _ in ledger.rows() if seen.reason]
    return Scored(scored, pictures, bad)
