"""Pydantic's errors as mistakes with places, in one line each."""

from typing import Any

from pydantic import ValidationError

from kerasvgg.config.contract import Contract
from kerasvgg.config.did_you_mean import did_you_mean
from kerasvgg.config.tree import Mistake, Node, shown, shown_key

Path = tuple[str | int, ...]


def explain(error: ValidationError, tree: Node) -> list[Mistake]:
    """Returns what is wrong with `tree`; a union that fails in each of its branches is one mistake."""
    details = error.errors(include_url=False)
    locations = {detail["loc"] for detail in details}
    causes = (detail for detail in details if not _follows(detail, locations))
    return list(dict.fromkeys(_mistake(detail, tree) for detail in causes))


def _follows(detail: Any, locations: set[Path]) -> bool:
    """Says whether an error follows from another: a default from a wrong field, or a list short of wrong items."""
    place: Path = detail["loc"]
    if detail["type"] == "too_short":
        return any(len(other) > len(place) and other[: len(place)] == place for other in locations)
    return detail["type"] == "default_factory_not_called"


def _mistake(detail: Any, tree: Node) -> Mistake:
    path, node = _reach(tree, detail["loc"])
    name, contract = _dotted(path), Contract.at(path)
    if detail["type"] == "extra_forbidden":
        return Mistake(node.key, f"`{name}` is not a key here{_nearest_key(path)}")
    if detail["type"] == "missing" and isinstance(node.value, dict):
        missing = (*path, detail["loc"][len(path)])
        return Mistake(node.place, f"`{_dotted(missing)}` is missing; it must be {Contract.at(missing).phrase()}")
    received = shown(node.plain())
    if detail["type"] == "value_error":
        return Mistake(node.place, f"`{name}` {detail['ctx']['error']}, received {received}")
    text = f"`{name}` must be {contract.phrase()}, received {received}{_advice(contract, node)}"
    return Mistake(node.place, text)


def _reach(node: Node, location: Path) -> tuple[Path, Node]:
    """Follows `location` as far as the tree has it: the rest of it names a union's branch or what is missing."""
    for depth, part in enumerate(location):
        known = node.value if isinstance(node.value, dict) else dict(enumerate(_items(node)))
        if part not in known:
            return location[:depth], node
        node = known[part]
    return location, node


def _items(node: Node) -> list[Node]:
    return node.value if isinstance(node.value, list) else []


def _dotted(path: Path) -> str:
    return ".".join(map(shown_key, path))


def _nearest_key(path: Path) -> str:
    keys, key = Contract.at(path[:-1]).keys(), str(path[-1])
    elsewhere = " or ".join(f"`{place}`" for place in Contract.paths_to(key))
    question = f"; did you mean {elsewhere}?" if elsewhere else did_you_mean(key, keys) or "."
    return f"{question} Allowed: {', '.join(keys)}"


def _advice(contract: Contract, node: Node) -> str:
    if isinstance(node.value, str):
        return did_you_mean(node.value, contract.words())
    if contract.is_text() and isinstance(node.value, int | float):
        return "; in quotes it is text"
    return ""
