"""Changes from the command line: `key.sub=value`, where the value is YAML."""

from collections.abc import Sequence
from dataclasses import dataclass

from kerasvgg.config.problems import Mistake, Mistakes, Node, Place
from kerasvgg.config.reader import DEPTH, read_tree
from kerasvgg.errors import brief, brief_key


@dataclass(frozen=True)
class Override:
    """A new value and the keys that lead to its place; an index into a list is a key of digits."""

    keys: tuple[str, ...]
    value: Node

    def apply(self, tree: Node, mistakes: Mistakes) -> Node:
        """Returns `tree` with the value in its place, or `tree` itself and a mistake where there is no such place."""
        try:
            return _replaced(tree, self.keys, 0, self.value)
        except LookupError as error:
            mistakes.append(Mistake(self.value.place, str(error.args[0])))
            return tree


def read_overrides(texts: Sequence[str], mistakes: Mistakes) -> list[Override]:
    """Reads overrides; a mistake's place is the override as a whole."""
    read = (_read_override(text, mistakes) for text in texts)
    return [override for override in read if override]


def _read_override(text: str, mistakes: Mistakes) -> Override | None:
    place = Place(f"override `{brief_key(text)}`")
    path, equals, value = text.partition("=")
    keys = tuple(path.split("."))
    if not equals or not all(keys) or len(keys) > DEPTH:
        mistakes.append(Mistake(place, "must look like key=value or key.sub=value"))
        return None
    node = read_tree(value, lambda line, column: place, mistakes)
    return Override(keys, node) if node else None


def _replaced(node: Node, keys: tuple[str, ...], depth: int, new: Node) -> Node:
    if depth == len(keys):
        return new
    if isinstance(node.value, list):
        index = _index(node.value, keys, depth)
        items = list(node.value)
        items[index] = _replaced(items[index], keys, depth + 1, new)
        return Node(items, node.place, node.key)
    if node.value is not None and not isinstance(node.value, dict):
        raise LookupError(f"`{_dotted(keys[:depth])}` has no keys, it is {brief(node.plain())}")
    children = dict(node.value or {})
    child = children.get(keys[depth], Node(None, new.place, new.place))
    children[keys[depth]] = _replaced(child, keys, depth + 1, new)
    return Node(children, node.place, node.key)


def _index(items: list[Node], keys: tuple[str, ...], depth: int) -> int:
    index = keys[depth]
    if index in map(str, range(len(items))):
        return int(index)
    allowed = f"from 0 to {len(items) - 1}" if items else "of nothing: the list is empty"
    raise LookupError(f"`{_dotted(keys[: depth + 1])}` must end in an index {allowed}, received {brief(index)}")


def _dotted(keys: Sequence[str]) -> str:
    return ".".join(map(brief_key, keys))
