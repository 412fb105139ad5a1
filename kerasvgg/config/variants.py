"""The variants of an experiment file: partial experiments, each merged over the rest of the file."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kerasvgg.config.problems import Mistake, Mistakes, Node, Place
from kerasvgg.errors import brief, brief_key, did_you_mean

# A variant names a folder of runs; `all` asks for every variant.
NAME = r"(?!all$)[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}"
ALL = "all"
MOST = 100
SHOWN = 10


@dataclass(frozen=True)
class Variants:
    """The whole experiment of each variant, and which of them run when none is asked for.

    A file without variants has one, called "".
    """

    trees: dict[str, Node]
    default: tuple[str, ...]

    def chosen(self, asked: Sequence[str], place: Place, mistakes: Mistakes) -> tuple[str, ...]:
        """Returns the names to run; a name in `asked` that isn't there is a mistake at `place`."""
        if ALL in asked or not asked:
            return tuple(self.trees) if asked else self.default
        return tuple(name for name in asked if _known(name, (*self.trees, ALL), place, mistakes))


def read_variants(root: Node, mistakes: Mistakes) -> Variants:
    """Takes `variants` and `default` out of a file's tree and merges each variant over what is left."""
    rest = {key: child for key, child in root.value.items() if key not in ("variants", "default")}
    base = Node(rest, root.place, root.key)
    trees = {"": base}
    if "variants" in root.value:
        trees = {name: _merge(base, part) for name, part in _parts(root.value["variants"], mistakes).items()}
    return Variants(trees, _default(root.value.get("default"), trees, mistakes))


def _parts(variants: Node, mistakes: Mistakes) -> dict[str, Node]:
    if not isinstance(variants.value, dict) or not variants.value:
        text = "`variants` must be a mapping from names to partial experiments"
        mistakes.append(Mistake(variants.place, f"{text}, received {brief(variants.plain())}"))
        return {}
    if len(variants.value) > MOST:
        mistakes.append(Mistake(variants.place, f"`variants` must be at most {MOST}, received {len(variants.value):,}"))
        return {}
    return {name: part for name, part in variants.value.items() if _usable(name, part, mistakes)}


def _usable(name: str, part: Node, mistakes: Mistakes) -> bool:
    if not re.fullmatch(NAME, name):
        text = "a variant's name must be at most 100 letters, digits, `_`, `-` and `.`, and not `all`"
        mistakes.append(Mistake(part.key, f"{text}, received {brief(name)}"))
        return False
    if not isinstance(part.value, dict):
        text = f"`variants.{brief_key(name)}` must be a mapping ({{}} changes nothing)"
        mistakes.append(Mistake(part.place, f"{text}, received {brief(part.plain())}"))
        return False
    return True


def _default(node: Node | None, trees: dict[str, Node], mistakes: Mistakes) -> tuple[str, ...]:
    if node is None:
        return tuple(trees)
    names = node.value if isinstance(node.value, list) else [node]
    if not names or not all(isinstance(name.value, str) for name in names):
        text = "`default` must be a variant's name or a list of them"
        mistakes.append(Mistake(node.place, f"{text}, received {brief(node.plain())}"))
        return ()
    return tuple(name.value for name in names if _known(name.value, tuple(trees), name.place, mistakes))


def _known(name: str, names: Sequence[str], place: Place, mistakes: Mistakes) -> bool:
    if name in names and name:
        return True
    question = did_you_mean(name, names) or "."
    advice = "; the file has no variants" if "" in names else f"{question} Allowed: {', '.join(names[:SHOWN])}"
    mistakes.append(Mistake(place, f"`{brief_key(name)}` is not a variant{advice}"))
    return False


def _merge(base: Node, part: Node) -> Node:
    if not (isinstance(base.value, dict) and isinstance(part.value, dict)):
        return part
    merged = {key: _merge(base.value[key], child) if key in base.value else child for key, child in part.value.items()}
    return Node({**base.value, **merged}, base.place, base.key)
