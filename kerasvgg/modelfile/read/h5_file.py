"""An .h5 file, looked through without following a link or loading an array."""

import itertools
from collections.abc import Iterator
from typing import Any, BinaryIO

import h5py

from kerasvgg.errors import AmbiguousError, ModelFileError, TooMuchError
from kerasvgg.modelfile.read.saved import Danger, SavedArray

MOST_TIMES = 10  # Weights hardly shrink: what unpacks to ten times its size is no model.
ALWAYS_ALLOWED = 64 << 20  # bytes
MOST_OBJECTS = 30_000  # some ten times those of the largest of keras.applications with its optimizer
NUMBERS = "fiub"  # of numpy; bfloat16 and the like are kept as bytes, kind V
MOST_TEXT = 16 << 20  # bytes of one attribute
FILTERS = {1: "gzip", 2: "shuffle", 3: "fletcher32", 6: "scaleoffset", 32000: "lzf"}


def open_h5(file: BinaryIO) -> h5py.File:
    """Opens an open file as HDF5; raises ModelFileError where it is none or damaged."""
    try:
        return h5py.File(file, "r")
    except (OSError, RuntimeError, ValueError, KeyError) as error:
        raise ModelFileError(f"is damaged: {error}") from error


def dangers_of(h5: h5py.File, size: int) -> list[Danger]:
    """Returns the links, the data elsewhere, the unknown filters and the claims that `size` bytes can't keep."""
    found: list[Danger] = []
    arrays: list[str] = []

    def look_at_link(place: bytes, link: Any) -> str | None:
        """Ends the visit, as HDF5 has it, by returning something."""
        name = place.decode("utf-8", "surrogateescape")
        if len(arrays) + len(found) >= MOST_OBJECTS:
            return name
        if link.type != h5py.h5l.TYPE_HARD:
            other = h5.get(name, getlink=True)
            found.append(Danger("link", name, f"{type(other).__name__} to {_target(other)}"))
        else:
            arrays.append(name)
        return None

    try:
        # h5py's own visititems_links looks each link's target up as well, which takes ten times as long.
        if h5.id.links.visit(look_at_link, info=True) is not None:
            return [*found, Danger("bomb", "", f"it has more than {MOST_OBJECTS:,} parts")]
        found += [danger for name in arrays for danger in _of_array(h5, name)]
        total = sum(_declared(h5[name]) for name in arrays) if not found else 0
    except (OSError, RuntimeError, ValueError, KeyError, TypeError) as error:
        return [*found, Danger("damage", "", f"the groups can't all be read: {error}")]
    if total > ALWAYS_ALLOWED + MOST_TIMES * size:
        found.append(Danger("bomb", "", f"the arrays claim {total:,} bytes, in a file of {size:,}"))
    return found


def _target(link: Any) -> str:
    return ":".join(str(part) for part in (getattr(link, "filename", ""), getattr(link, "path", "?")) if part)


def _of_array(h5: h5py.File, name: str) -> Iterator[Danger]:
    item = h5[name]
    if not isinstance(item, h5py.Dataset):
        return
    if item.external:
        yield Danger("link", name, f"its numbers are in another file, {item.external[0][0]}")
    if item.is_virtual:
        yield Danger("link", name, "its numbers are those of other arrays or files (a virtual data set)")
    plan = item.id.get_create_plist()
    for number in (plan.get_filter(i)[0] for i in range(plan.get_nfilters())):
        if number not in FILTERS:
            yield Danger("code", name, f"HDF5 would load a plugin to read it (filter {number})")


def _declared(item: Any) -> int:
    return item.nbytes if isinstance(item, h5py.Dataset) else 0


def text(item: Any, name: str) -> str | None:
    """Returns an attribute as text, or None where there is none; raises ModelFileError where it is something else."""
    if name not in item.attrs:
        return None
    if item.attrs.get_id(name).get_storage_size() > MOST_TEXT:
        raise TooMuchError(f"has more than {MOST_TEXT:,} bytes in `{name}`")
    value = item.attrs[name]
    if not isinstance(value, str | bytes):
        raise ModelFileError(f"is damaged: `{name}` must be text, received {type(value).__name__}")
    return _utf8(value, name)


def _utf8(value: str | bytes, name: str) -> str:
    """Returns text that is UTF-8; h5py makes halves of letters of other bytes, and readers of those what they like."""
    try:
        return value.decode("utf-8") if isinstance(value, bytes) else value.encode("utf-8").decode("utf-8")
    except UnicodeError as error:
        raise AmbiguousError(f"must have text in UTF-8 in `{name}`: {error}"[:200]) from error


def names(group: Any, name: str) -> list[str]:
    """Returns an attribute that is a list of names; long ones are kept in parts, name0, name1 ..."""
    if name in group.attrs:
        return _decoded(group.attrs[name], name)
    found: list[str] = []
    for part in itertools.count():
        if f"{name}{part}" not in group.attrs:
            return found
        found += _decoded(group.attrs[f"{name}{part}"], name)
    return found


def _decoded(value: Any, name: str) -> list[str]:
    items = value.tolist() if hasattr(value, "tolist") else value
    if not isinstance(items, list) or not all(isinstance(item, str | bytes) for item in items):
        raise ModelFileError("is damaged: the names of layers and weights must be lists of text")
    return [_utf8(item, name) for item in items]


def array(h5: Any, path: str) -> SavedArray:
    """Returns what an array is; raises ModelFileError where there is none at `path`."""
    item = h5.get(path)
    if not isinstance(item, h5py.Dataset) or item.shape is None:
        raise ModelFileError(f"is damaged: `{path}` must be an array")
    if item.dtype.kind not in NUMBERS and (item.dtype.fields or item.dtype.kind != "V" or item.dtype.itemsize > 2):
        raise ModelFileError(f"is damaged: `{path}` must hold numbers, received {item.dtype}")
    return SavedArray(item.name.lstrip("/"), tuple(int(side) for side in item.shape), str(item.dtype))
