"""The fields of a MatConvNet struct by name, each of the type that it must have."""

from collections.abc import Mapping

import numpy as np

from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.read.mat5.values import Cell, Numbers, Struct, Text, Unread, Value

LARGEST = 1 << 31


class Fields:
    """A struct's fields; a field that is missing is the same as an empty one. `place` names the struct in messages."""

    def __init__(self, fields: Mapping[str, Value], place: str = "") -> None:
        self._fields, self._place = fields, place

    def value(self, name: str) -> Value | None:
        """Returns a field's value, None for an empty one."""
        value = self._fields.get(name)
        return None if isinstance(value, Numbers | Cell | Struct) and 0 in value.shape else value

    def struct(self, name: str) -> "Fields":
        """Returns the fields of a struct, none for an empty one."""
        value = self.value(name)
        if value is None:
            return Fields({}, self._named(name))
        if not isinstance(value, Struct) or len(value.items) != 1:
            raise self.wrong(name, "one struct")
        return Fields(value.items[0], self._named(name))

    def structs(self, name: str, most: int) -> list["Fields"]:
        """Returns the fields of each struct in a cell of `most` structs at most."""
        value = self.value(name)
        items = value.items if isinstance(value, Cell) else (value,)
        if len(items) > most:
            raise self.wrong(name, f"at most {most:,} {name}")
        if not all(isinstance(item, Struct) and len(item.items) == 1 for item in items):
            raise self.wrong(name, "a cell of structs")
        named = enumerate((item for item in items if isinstance(item, Struct)), start=1)
        return [Fields(item.items[0], f"{self._named(name)}{{{place}}}") for place, item in named]

    def text(self, name: str) -> str:
        """Returns a field's text, "" for an empty one."""
        value = self.value(name)
        return "" if value is None else self._text(name, value)

    def texts(self, name: str) -> tuple[str, ...]:
        """Returns the texts in a cell, or the rows of a char matrix without the blanks that fill them."""
        value = self.value(name)
        if value is None:
            return ()
        if isinstance(value, Text):
            return tuple(row.rstrip() for row in value.rows)
        if not isinstance(value, Cell):
            raise self.wrong(name, "a cell of texts")
        return tuple(self._text(name, item) for item in value.items)

    def integers(self, name: str, least: int) -> tuple[int, ...]:
        """Returns the whole numbers of a field, none for an empty one."""
        value = self.value(name)
        if value is None:
            return ()
        if not isinstance(value, Numbers) or value.values is None:
            raise self.wrong(name, "a few whole numbers")
        numbers = value.values.ravel(order="F")
        if not np.all((numbers >= least) & (numbers < LARGEST)) or np.any(numbers % 1):
            raise self.wrong(name, f"whole numbers from {least:,} on")
        return tuple(int(number) for number in numbers)

    def arrays(self, name: str) -> tuple[Numbers, ...]:
        """Returns the arrays in a cell, or the one that a field is."""
        value = self.value(name)
        items = () if value is None else value.items if isinstance(value, Cell) else (value,)
        arrays = tuple(item for item in items if isinstance(item, Numbers))
        if len(arrays) != len(items):
            raise self.wrong(name, "arrays of numbers")
        return arrays

    def array(self, name: str) -> Numbers | None:
        """Returns the array that a field is, None for an empty one."""
        value = self.value(name)
        if value is not None and not isinstance(value, Numbers):
            raise self.wrong(name, "an array of numbers")
        return value

    def wrong(self, name: str, allowed: str) -> ModelFileError:
        """Returns the error for a field that is not what is allowed."""
        value = self._fields.get(name)
        return ModelFileError(f"must have {allowed} in `{self._named(name)}`, received {_said(value)}")

    def _named(self, name: str) -> str:
        return f"{self._place}.{name}" if self._place else name

    def _text(self, name: str, value: Value) -> str:
        if isinstance(value, Numbers | Text) and not (value.shape if isinstance(value, Numbers) else value.rows):
            return ""
        if not isinstance(value, Text) or len(value.rows) > 1:
            raise self.wrong(name, "text")
        return "".join(value.rows)


def _said(value: Value | None) -> str:
    match value:
        case None:
            return "nothing"
        case Text(rows):
            return f"the text {rows[0][:40]!a}" if rows else "an empty text"
        case Unread(kind):
            return kind
        case Numbers(_, dtype, values) if values is not None and values.size <= 9:
            return f"{values.ravel(order='F').tolist()} ({dtype})"
    return f"a {type(value).__name__.lower()} of {' x '.join(map(str, value.shape))}"
