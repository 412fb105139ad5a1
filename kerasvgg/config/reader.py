"""YAML 1.2 with the place of everything, in memory that does not grow with what it promises."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
)

from kerasvgg.config.problems import Mistake, Mistakes, Node, Place
from kerasvgg.errors import ConfigError, brief, brief_key

WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
INTEGER = re.compile(r"[-+]?[0-9]+")
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
SPECIAL = re.compile(r"([-+]?)\.(inf|Inf|INF|nan|NaN|NAN)")
PREFIXED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")


def scalar(text: str) -> str | int | float | bool | None:
    """Returns the value of an unquoted scalar; raises ValueError for an integer too long for Python to read."""
    if text in WORDS:
        return WORDS[text]
    if INTEGER.fullmatch(text):
        return int(text)
    if PREFIXED.fullmatch(text):
        return int(text, 0)
    if FLOAT.fullmatch(text):
        return float(text)
    special = SPECIAL.fullmatch(text)
    return float("".join(special.groups())) if special else text


DEPTH = 20
MOST_VALUES = 5_000  # ruamel reads some 40,000 a second, and an experiment has a hundred
FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
Locate = Callable[[int, int], Place]


def read_tree(text: str, locate: Locate, mistakes: Mistakes) -> Node | None:
    """Returns the document in `text` (an empty one is null), or None where it cannot be read to its end.

    What is wrong is added to `mistakes`; `locate` makes a place of a line and a column that count from 1.
    """
    forbidden = FORBIDDEN.search(text)
    if forbidden:
        where = locate(*position(text, forbidden.start()))
        mistakes.append(Mistake(where, f"the character {forbidden.group()!r} is not allowed"))
        return None
    builder = _Builder(text, locate, mistakes)
    try:
        return builder.document()
    except _UnreadableError as error:
        mistakes.append(error.mistake)
    except MarkedYAMLError as error:
        mistakes.append(_syntax_mistake(error, builder))
    except ConfigError:
        raise
    except Exception as error:  # On odd texts ruamel raises more than its own errors, such as OverflowError.
        mistakes.append(Mistake(builder.last, f"cannot be read as YAML: {_one_line(error)}"))
    return None


def position(text: str, index: int) -> tuple[int, int]:
    """Returns the line and the column, both from 1, of the character at `index`."""
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


class _UnreadableError(Exception):
    def __init__(self, place: Place, text: str) -> None:
        super().__init__(text)
        self.mistake = Mistake(place, text)


class _Builder:
    """Builds nodes from ruamel's events: composing them itself would recurse as deep as the text says."""

    def __init__(self, text: str, locate: Locate, mistakes: Mistakes) -> None:
        self._events: Iterator[Any] = YAML(typ="safe", pure=True).parse(text)
        self._locate, self._mistakes = locate, mistakes
        self.last = locate(1, 1)
        self._count = 0

    def document(self) -> Node:
        root, documents = Node(None, self.last, self.last), 0
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _UnreadableError(self.place(event.start_mark), "must be one YAML document, not several")
                root = self._node(next(self._events), 1)
        return root

    def place(self, mark: Any) -> Place:
        return self._locate(mark.line + 1, mark.column + 1)

    def _node(self, event: Any, depth: int, key: Place | None = None) -> Node:
        self.last = self.place(event.start_mark)
        self._count += 1
        if self._count > MOST_VALUES:
            raise _UnreadableError(self.last, f"must hold at most {MOST_VALUES:,} keys and values")
        self._refuse_decoration(event)
        if isinstance(event, AliasEvent):
            return Node(None, self.last, key or self.last)
        if isinstance(event, ScalarEvent):
            # A value left out has the place of whatever comes next.
            place = self.last if event.value or event.style or not key else key
            return Node(self._scalar(event), place, key or place)
        if depth > DEPTH:
            raise _UnreadableError(self.last, f"must be nested at most {DEPTH} deep")
        place = self.last if event.flow_style else key or self.last
        read = self._mapping if isinstance(event, MappingStartEvent) else self._sequence
        return Node(read(depth), place, key or place)

    def _mapping(self, depth: int) -> dict[str, Node]:
        children: dict[str, Node] = {}
        while not isinstance(event := next(self._events), MappingEndEvent):
            key = self._node(event, depth + 1)
            child = self._node(next(self._events), depth + 1, key.key)
            if not isinstance(key.value, str):
                self._refuse(key.key, f"a key must be text, received {brief(key.plain())}")
            elif key.value in children:
                first = children[key.value].key
                self._refuse(key.key, f"`{brief_key(key.value)}` is given twice, first on line {first.line}")
            else:
                children[key.value] = child
        return children

    def _sequence(self, depth: int) -> list[Node]:
        children = []
        while not isinstance(event := next(self._events), SequenceEndEvent):
            children.append(self._node(event, depth + 1))
        return children

    def _scalar(self, event: ScalarEvent) -> Any:
        # A tagged scalar is read as if the tag weren't there; it has been refused by then.
        if event.style is not None:
            return event.value
        try:
            return scalar(event.value)
        except ValueError:
            raise _UnreadableError(self.last, f"the number is too long: {len(event.value)} digits") from None

    def _refuse_decoration(self, event: Any) -> None:
        if isinstance(event, AliasEvent):
            self._refuse(self.last, f"aliases are not allowed, received *{brief_key(event.anchor)}")
        elif event.anchor is not None:
            self._refuse(self.last, f"anchors are not allowed, received &{brief_key(event.anchor)}")
        if getattr(event, "tag", None) is not None:
            self._refuse(self.last, f"tags are not allowed, received {brief_key(_short(event.tag))}")

    def _refuse(self, place: Place, text: str) -> None:
        self._mistakes.append(Mistake(place, text))


def _syntax_mistake(error: MarkedYAMLError, builder: _Builder) -> Mistake:
    mark = error.problem_mark or error.context_mark
    text = _one_line(" ".join(filter(None, (error.problem, error.context))))
    if "'\\t'" in text:
        text += " (indent with spaces, not with tabs)"
    return Mistake(builder.place(mark) if mark else builder.last, f"cannot be read as YAML: {text}")


def _short(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!")


def _one_line(text: object) -> str:
    return " ".join(str(text).split())
