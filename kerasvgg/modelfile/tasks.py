"""What the child process can be asked: each task takes open files and returns JSON."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, BinaryIO

from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.arrays import blocks, opened_arrays
from kerasvgg.modelfile.container import is_mat, read_container
from kerasvgg.modelfile.difference import differences
from kerasvgg.modelfile.examine import examine
from kerasvgg.modelfile.facts import UNREADABLE, Facts, Numbers
from kerasvgg.modelfile.keras_archive import check_archive
from kerasvgg.modelfile.mat_facts import mat_facts
from kerasvgg.modelfile.network_facts import leaves_of
from kerasvgg.modelfile.statistics import numbers
from kerasvgg.modelfile.weights_facts import with_numbers


def _saved(file: BinaryIO) -> dict[str, Any]:
    return asdict(read_container(file))


def _facts(file: BinaryIO) -> dict[str, Any]:
    return asdict(_examined(file))


def _weights(file: BinaryIO) -> dict[str, Any]:
    if is_mat(file):
        return asdict(mat_facts(file, with_weights=True))
    return asdict(_read_through(file, _examined(file)))


def _opening(file: BinaryIO) -> dict[str, Any]:
    saved = read_container(file)
    facts = _read_through(file, examine(saved, str(file.name), os.fstat(file.fileno()).st_size))
    return {"verdict": facts.verdict, "reasons": facts.reasons, "saved": asdict(saved)}


def _read_through(file: BinaryIO, facts: Facts) -> Facts:
    if facts.container == "keras":
        check_archive(file)
    return with_numbers(facts, *read_numbers(file, facts))


def read_numbers(file: BinaryIO, facts: Facts) -> tuple[dict[str, Numbers], str]:
    """Returns the numbers of each array of the layers, by name, and the fingerprint of all of them together."""
    whole = hashlib.sha256()
    names = [array.name for leaf in leaves_of(facts.layers) for array in leaf.layer.arrays]
    with opened_arrays(file, facts.container) as h5:
        return {name: numbers(blocks(h5, name), whole) for name in names}, whole.hexdigest()


def _difference(first: BinaryIO, second: BinaryIO) -> dict[str, Any]:
    ones, others = _examined(first), _examined(second)
    for facts, place in ((ones, "first"), (others, "second")):
        if facts.container == "mat" or facts.verdict == UNREADABLE:
            raise ModelFileError(f"can't be compared: the {place} is {facts.container}, {facts.verdict}")
    with opened_arrays(first, ones.container) as left, opened_arrays(second, others.container) as right:
        found = differences(ones, others, lambda name: blocks(left, name), lambda name: blocks(right, name))
    return {"layers": [asdict(one) for one in found]}


def _examined(file: BinaryIO) -> Facts:
    if is_mat(file):
        return mat_facts(file)
    return examine(read_container(file), str(file.name), os.fstat(file.fileno()).st_size)


TASKS: dict[str, Callable[..., dict[str, Any]]] = {
    "saved": _saved,
    "facts": _facts,
    "weights": _weights,
    "opening": _opening,
    "difference": _difference,
}
