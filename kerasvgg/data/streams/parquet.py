"""Parquet tables with a column of pictures: plain bytes, or Hugging Face's image column of bytes and a path."""

import json
from collections.abc import Iterator
from typing import Any

from kerasvgg.data.streams.remote import opened
from kerasvgg.errors import ConfigError, DataError
from kerasvgg.files.text import escape

ROWS = 16  # that are held at a time
PICTURES, LABELS = ("image", "img", "picture", "jpg", "png", "bytes", "content"), ("label", "class", "cls")
Found = tuple[str, str, bytes | DataError]


def pictures_of_table(address: str) -> Iterator[Found]:
    """Yields (the row's number from 0, class or "", bytes) of each row.

    The pictures' column is the only one of bytes, or the one called `image`; that of classes is called `label`, whose
    numbers get their names where the table has them as Hugging Face writes them. Raises DataError for another table,
    and what pyarrow and the file do.
    """
    try:
        import pyarrow as arrow
        from pyarrow.parquet import ParquetFile
    except ImportError:
        raise ConfigError("Parquet needs pyarrow, which is not installed: `pip install 'kerasvgg[sources]'`") from None
    with opened(address) as file:
        table = ParquetFile(file)
        schema = table.schema_arrow
        picture, label = _picture_column(schema, arrow), next((one for one in LABELS if one in schema.names), None)
        if picture is None:
            raise DataError(f"must have a column `image` of bytes, received {escape(', '.join(schema.names))}")
        names, number = _class_names(schema, label), 0
        for batch in table.iter_batches(ROWS, columns=[picture, *([label] if label else [])]):
            labels = batch.column(label).to_pylist() if label else [None] * len(batch)
            for cell, given in zip(batch.column(picture), labels, strict=True):
                yield str(number), _named(given, names), _bytes(cell.as_py())
                number += 1


def _picture_column(schema: Any, arrow: Any) -> str | None:
    def holds_bytes(kind: Any) -> bool:
        if arrow.types.is_struct(kind):
            return any(field.name == "bytes" and holds_bytes(field.type) for field in kind)
        return bool(arrow.types.is_binary(kind) or arrow.types.is_large_binary(kind))

    there = [field.name for field in schema if holds_bytes(field.type)]
    return there[0] if len(there) == 1 else next((name for name in PICTURES if name in there), None)


def _class_names(schema: Any, label: str | None) -> list[str]:
    """Returns the names of the classes that Hugging Face notes in the table, or none."""
    try:
        features = json.loads(schema.metadata[b"huggingface"])["info"]["features"]
        return [str(name) for name in features[label]["names"]]
    except (KeyError, TypeError, ValueError, RecursionError):
        return []


def _named(given: Any, names: list[str]) -> str:
    if given is None:
        return ""
    return names[given] if isinstance(given, int) and 0 <= given < len(names) else str(given)


def _bytes(cell: Any) -> bytes | DataError:
    data = cell.get("bytes") if isinstance(cell, dict) else cell
    return data if isinstance(data, bytes) else DataError("the row holds no bytes of a picture")
