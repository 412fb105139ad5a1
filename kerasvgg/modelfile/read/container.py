"""What kind of file it is, by all that a reader could take it for, and the reading of that kind."""

import os
import struct
import zipfile
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from kerasvgg.errors import AmbiguousError, ModelFileError
from kerasvgg.modelfile.read.h5_file import dangers_of, open_h5
from kerasvgg.modelfile.read.h5_model import is_legacy, is_store, read_legacy, read_store
from kerasvgg.modelfile.read.keras_archive import CONFIG, METADATA, WEIGHTS, read_archive, start_of
from kerasvgg.modelfile.read.mat5.stream import read_at
from kerasvgg.modelfile.read.saved import Saved

HDF5 = b"\x89HDF\r\n\x1a\n"
ZIP = b"PK\x03\x04"
MAT5 = b"MATLAB 5.0 MAT-file"
UNZIPPED = (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError, struct.error)
WANTED = "must be a Keras model (.h5, .keras, .weights.h5) or a MatConvNet .mat file, received"
# What else comes by, by its first bytes (at the offset).
FOREIGN = (
    (0, b"MATLAB 7.3 MAT-file", "a MATLAB 7.3 file: save it in MATLAB with -v7"),
    (0, b"\x80\x02", "a Python pickle, which runs code when it is opened (old PyTorch files are such)"),
    (0, b"\x80\x03", "a Python pickle, which runs code when it is opened"),
    (0, b"\x80\x04", "a Python pickle, which runs code when it is opened"),
    (0, b"\x80\x05", "a Python pickle, which runs code when it is opened"),
    (4, b"TFL3", "a TensorFlow Lite file"),
    (0, b"GGUF", "a GGUF file"),
    (0, b"\x93NUMPY", "a NumPy array"),
    (0, b"\x1f\x8b", "a gzip file: unpack it first"),
    (0, b"\xfd7zXZ", "an xz file: unpack it first"),
    (0, b"\x89PNG", "a PNG picture"),
    (0, b"\xff\xd8\xff", "a JPEG picture"),
    (0, b"version https://git-lfs", "a Git LFS pointer: the model itself was not fetched"),
    (0, b"<", "a web page or XML: the download went wrong"),
)


IN_WORDS = {"mat": "a MAT file", "keras": "an archive", "h5": "HDF5"}


class Reading(NamedTuple):
    """What a reader can take a file for: `kind` is mat, keras or h5, `start` where it begins."""

    kind: str
    start: int


def kind_of(file: BinaryIO) -> str:
    """Returns whether an open file is mat, keras or h5.

    A MAT file is known by its head, an archive by its end, HDF5 by its signature at 0, 512 or a doubling of it. Raises
    AmbiguousError for what is two of these, and ModelFileError for a file of another kind.
    """
    size = os.fstat(file.fileno()).st_size
    file.seek(0)
    first = file.read(4096)
    if not first:
        raise ModelFileError(f"{WANTED} an empty file")
    damage: list[str] = []
    found = [Reading("mat", 0)] if first.startswith(MAT5) else []
    found += [*_archive(file, first, damage), *_hdf5(file, size, damage)]
    file.seek(0)
    if not found:
        raise ModelFileError(damage[0] if damage else f"{WANTED} {_foreign(first) or _beginning(first)}")
    words = [IN_WORDS[one.kind] for one in found]
    if len(found) == 1 and _is_hidden(found[0], first):
        words.insert(0, _foreign(first) or "something else")
    if len(words) > 1:
        raise AmbiguousError(f"is {' and '.join(words)} in one: what is opened depends on who opens it")
    return found[0].kind


def _archive(file: BinaryIO, first: bytes, damage: list[str]) -> Iterator[Reading]:
    """What looks like an archive's end, as weights may by chance, is none where no list of members is before it."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except UNZIPPED as error:
        if first.startswith(ZIP):
            is_whole = zipfile.is_zipfile(file)
            damage.append(f"is damaged: {error}" if is_whole else "is damaged: the end of the archive is missing")
        return
    if members:
        yield Reading("keras", min(member.header_offset for member in members))


def _hdf5(file: BinaryIO, size: int, damage: list[str]) -> Iterator[Reading]:
    """HDF5 takes the first signature for its own: where that is none, as in weights by chance, none is behind it."""
    place = 0
    while place + len(HDF5) <= size and read_at(file, place, len(HDF5)) != HDF5:
        place = 2 * place or 512
    if place + len(HDF5) > size:
        return
    try:
        with open_h5(file) as h5:
            is_store = "model_config" not in h5.attrs
    except ModelFileError as error:
        damage.append(str(error))
        return
    if not is_store or not _is_of_archive(file, place):
        yield Reading("h5", place)


def _is_of_archive(file: BinaryIO, place: int) -> bool:
    """Tells whether what is there is the archive's own store of weights, which happens to begin at a doubling."""
    try:
        with zipfile.ZipFile(file) as archive:
            return place > 0 and start_of(archive.getinfo(WEIGHTS), file) == place
    except (*UNZIPPED, KeyError, ModelFileError):
        return False


def _is_hidden(one: Reading, first: bytes) -> bool:
    """Tells whether it is behind something else that the file could be taken for."""
    return one.start > 0 and (one.kind == "keras" or bool(_foreign(first)))


def read_container(file: BinaryIO) -> Saved:
    """Returns what an open file of Keras' holds. Raises as `kind_of` does, and for a MAT file."""
    kind, size = kind_of(file), os.fstat(file.fileno()).st_size
    if kind == "mat":
        raise ModelFileError("must be a Keras model, received a .mat file, which can be inspected only")
    return _zip(file, size) if kind == "keras" else _h5(file, size)


def _zip(file: BinaryIO, size: int) -> Saved:
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
    if not {CONFIG, METADATA} & set(names):
        what = "a PyTorch file, a zip" if any(name.split("/")[-1] == "data.pkl" for name in names) else "a zip"
        raise ModelFileError(f"{WANTED} {what} archive without {CONFIG}")
    return read_archive(file, size)


def _h5(file: BinaryIO, size: int) -> Saved:
    with open_h5(file) as h5:
        found = dangers_of(h5, size)
        if is_legacy(h5) or not is_store(h5):
            return read_legacy(h5, found)
        layers = tuple(read_store(h5, found))
        return Saved("weights.h5", "", "", None, None, layers, None, tuple(found))


def _foreign(first: bytes) -> str:
    return next((name for offset, sign, name in FOREIGN if first[offset:].startswith(sign)), "")


def _beginning(first: bytes) -> str:
    return f"a file that begins with {first[:8].hex(' ')}"
