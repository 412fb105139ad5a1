"""What kind of file it is, told from its first bytes, and the reading of that kind."""

import os
import zipfile
from dataclasses import replace
from typing import BinaryIO

from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.read.h5_file import dangers_of, open_h5
from kerasvgg.modelfile.read.h5_model import is_legacy, is_store, read_legacy, read_store
from kerasvgg.modelfile.read.keras_archive import CONFIG, METADATA, read_archive
from kerasvgg.modelfile.read.saved import Danger, Saved

HDF5 = b"\x89HDF\r\n\x1a\n"
ZIP = b"PK\x03\x04"
MAT5 = b"MATLAB 5.0 MAT-file"
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


def is_mat(file: BinaryIO) -> bool:
    """Tells whether an open file is a MAT file of version 5."""
    file.seek(0)
    first = file.read(len(MAT5))
    file.seek(0)
    return first == MAT5


def read_container(file: BinaryIO) -> Saved:
    """Returns what an open file holds. Raises ModelFileError for a file of another kind."""
    size = os.fstat(file.fileno()).st_size
    first = file.read(4096)
    file.seek(0)
    if not first:
        raise ModelFileError(f"{WANTED} an empty file")
    if first.startswith(MAT5):
        raise ModelFileError("must be a Keras model, received a .mat file, which can be inspected only")
    if zipfile.is_zipfile(file):
        return _only(_zip(file, size)) if _begins_as_h5(first) or _has_user_block(file) else _zip(file, size)
    if HDF5 in first or _has_user_block(file):
        return _h5(file, size)
    if first.startswith(ZIP):
        raise ModelFileError("is damaged: the end of the archive is missing")
    raise ModelFileError(f"{WANTED} {_foreign(first)}")


def _zip(file: BinaryIO, size: int) -> Saved:
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
    if not {CONFIG, METADATA} & set(names):
        what = "a PyTorch file, a zip" if any(name.split("/")[-1] == "data.pkl" for name in names) else "a zip"
        raise ModelFileError(f"{WANTED} {what} archive without {CONFIG}")
    return read_archive(file, size)


def _begins_as_h5(first: bytes) -> bool:
    return first.startswith(HDF5)


def _only(saved: Saved) -> Saved:
    """Returns what is in the archive of a file that is HDF5 too: Keras may see another model than the one shown."""
    danger = Danger("path", "", "it is an archive and HDF5 in one: which model is opened depends on who opens it")
    return replace(saved, dangers=(*saved.dangers, danger))


def _has_user_block(file: BinaryIO) -> bool:
    """Tells whether HDF5 begins later: at 512 bytes or a doubling of it."""
    for place in (512 << i for i in range(12)):
        file.seek(place)
        if file.read(len(HDF5)) == HDF5:
            return True
    return False


def _h5(file: BinaryIO, size: int) -> Saved:
    with open_h5(file) as h5:
        found = dangers_of(h5, size)
        if is_legacy(h5) or not is_store(h5):
            return read_legacy(h5, found)
        layers = tuple(read_store(h5, found))
        return Saved("weights.h5", "", "", None, None, layers, None, tuple(found))


def _foreign(first: bytes) -> str:
    for offset, sign, name in FOREIGN:
        if first[offset:].startswith(sign):
            return name
    return f"a file that begins with {first[:8].hex(' ')}"
