"""The pictures of a source, one after another: files, members of tar shards, rows of Parquet tables."""

import tarfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from kerasvgg.data.pictures.decode import Content
from kerasvgg.data.streams.items import Item, items
from kerasvgg.data.streams.parquet import pictures_of_table
from kerasvgg.data.streams.remote import MOST, UnreachableError, is_remote, read
from kerasvgg.data.streams.tar import pictures_of_tar
from kerasvgg.errors import ConfigError, DataError
from kerasvgg.files.text import escape

MEMBER = "::"  # between a file's address and what names a picture in it
MANY = {".tar": pictures_of_tar, ".parquet": pictures_of_table}  # suffixes of files that hold more than one


class Record(NamedTuple):
    """A picture by its `address`, with its class or "".

    `load` returns its bytes, or raises DataError for what has none; UnreachableError where a store does not give them
    now.
    """

    address: str
    label: str
    load: Callable[[], Content]


def holds_many(item: Item) -> bool:
    """Tells whether the file is one of many pictures."""
    return item.address.lower().endswith(tuple(MANY))


def records(item: Item, class_names: tuple[str, ...] = ()) -> Iterator[Record]:
    """Yields the pictures in a file; numbers that it has as labels are those of the `class_names`.

    Raises DataError for a tar or Parquet file that is damaged, and UnreachableError as `Record.load` does.
    """
    address = item.address
    if not holds_many(item):
        yield Record(address, item.label, partial(_whole, item))
        return
    for name, label, data in _inside(item):
        place = f"{address}{MEMBER}{name}"
        is_number = label.isdecimal() and label not in class_names and int(label) < len(class_names)
        yield Record(
            place, (class_names[int(label)] if is_number else label) or item.label, partial(_given, place, data)
        )


def _inside(item: Item) -> Iterator[tuple[str, str, bytes | DataError]]:
    """Yields what is in a file of many, whose readers raise whatever the damaged part happens to cause."""
    address = item.address
    (read_all,) = (pictures for suffix, pictures in MANY.items() if address.lower().endswith(suffix))
    try:
        yield from read_all(address)
    except (UnreachableError, ConfigError):
        raise
    except DataError as error:
        raise DataError(f"{escape(address)}: {error}") from error
    except Exception as error:
        if is_remote(address) and not isinstance(error, (tarfile.TarError, ValueError)):
            raise UnreachableError(f"{escape(address)}: it broke off: {type(error).__name__}") from None
        if isinstance(error, PermissionError | FileNotFoundError):
            raise UnreachableError(f"{escape(address)}: {error.strerror}") from None
        raise DataError(f"{escape(address)}: damaged: {str(error) or type(error).__name__}") from error


def is_stream(source: str) -> bool:
    """Tells whether it is a URL, a list, a file of many pictures, or a folder of those."""
    if is_remote(source) or source.lower().endswith((".csv", *MANY)):
        return True
    return Path(source).is_dir() and any(one.suffix.lower() in MANY for one in Path(source).iterdir())


def stream(source: str, class_names: tuple[str, ...], left_out: list[tuple[str, str]]) -> Iterator[Record]:
    """Yields all the pictures of a source (see `items`); files that can't be read to their end are noted in `left_out`.

    Raises DataError for a source that is not there.
    """
    for item in items(source):
        try:
            yield from records(item, class_names)
        except DataError as error:
            left_out.append((item.address, str(error)))


def _whole(item: Item) -> Content:
    address = item.address
    try:
        if item.size > MOST:
            raise DataError(f"more than {MOST:,} bytes")
        return Content(address, read(address))
    except UnreachableError as error:
        if item.stamp or is_remote(address):
            raise
        raise DataError(str(error)) from error  # it was not there when it was listed
    except DataError as error:
        raise DataError(f"{escape(address)}: {error}") from error


def _given(place: str, data: bytes | DataError) -> Content:
    if isinstance(data, DataError):
        raise DataError(f"{escape(place)}: {data}")
    return Content(place, data)
