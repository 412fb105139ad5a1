"""Pydantic's errors as mistakes with places, in one line each."""

from itertools import islice
from typing import Any

from pydantic import ValidationError

from kerasvgg.config.contract import Contract
from kerasvgg.config.experiment import Experiment
from kerasvgg.config.problems import MOST, Mistake, Node
from kerasvgg.errors import brief, brief_key, did_you_mean
from kerasvgg.settings import Section

Path = tuple[str | int, ...]
TAGS = ("range", "list")  # what a value is known to be by its form
ENOUGH = 2 * MOST  # a union's branches are details of their own


def explain(error: ValidationError, tree: Node, of: type[Section] = Experiment) -> list[Mistake]:
    """Returns what is wrong with `tree`, a file `of` a kind; a union that fails in each of its branches is one mistake.

    Of very many, the first are enough.
    """
    details = error.errors(include_url=False)
    above = {detail["loc"][:depth] for detail in details for depth in range(len(detail["loc"]))}
    causes = (detail for detail in details if not _follows(detail, above))
    return list(dict.fromkeys(_mistake(detail, tree, of) for detail in islice(causes, ENOUGH)))


def _follows(detail: Any, above: set[Path]) -> bool:
    """Says whether an error follows from another: a default from a wrong field, or a list short of wrong items.

    `above` has all places that have a wrong one inside them.
    """
    return detail["type"] == "default_factory_not_called" or (detail["type"] == "too_short" and detail["loc"] in above)


def _mistake(detail: Any, tree: Node, of: type[Section]) -> Mistake:
    path, node = _reach(tree, detail["loc"])
    name, contract = _dotted(path), Contract.at(path, of)
    if detail["type"] == "extra_forbidden":
        return Mistake(node.key, f"`{name}` is not a key here{_nearest_key(path, of)}")
    if detail["type"] == "missing" and isinstance(node.value, dict):
        missing = (*path, detail["loc"][-1])
        return Mistake(node.place, f"`{_dotted(missing)}` is missing; it must be {Contract.at(missing, of).phrase()}")
    received = brief(node.plain())
    if detail["type"] == "value_error":
        return Mistake(node.place, f"`{name}` {detail['ctx']['error']}, received {received}")
    text = f"`{name}` must be {contract.phrase()}, received {received}{_advice(contract, node)}"
    return Mistake(node.place, text)


def _reach(node: Node, location: Path) -> tuple[Path, Node]:
    """Follows `location` as far as the tree has it: the rest of it names a union's branch or what is missing.

    The name of a branch that is known beforehand, as a range's, is passed over.
    """
    path: Path = ()
    for part in location:
        inner = _inner(node.value, part)
        if inner is None and part not in TAGS:
            return path, node
        if inner is not None:
            path, node = (*path, part), inner
    return path, node


def _inner(value: Any, part: str | int) -> Node | None:
    if isinstance(value, dict):
        return value.get(part)
    is_there = isinstance(value, list) and isinstance(part, int) and part < len(value)
    return value[part] if is_there else None


def _dotted(path: Path) -> str:
    return ".".join(map(brief_key, path))


def _nearest_key(path: Path, of: type[Section]) -> str:
    around = Contract.at(path[:-1], of)
    keys, key = around.keys(), str(path[-1])
    elsewhere = " or ".join(f"`{place}`" for place in around.paths_to(key))
    question = f"; did you mean {elsewhere}?" if elsewhere else did_you_mean(key, keys) or "."
    return f"{question} Allowed: {', '.join(keys)}"


def _advice(contract: Contract, node: Node) -> str:
    if isinstance(node.value, str):
        return did_you_mean(node.value, contract.words())
    if contract.is_text() and isinstance(node.value, int | float):
        return "; in quotes it is text"
    return ""
