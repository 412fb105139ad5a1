"""The .keras archive: a configuration as JSON and a store of weights in a zip."""

import io
import stat
import struct
import zipfile
import zlib
from collections import Counter
from typing import Any, BinaryIO

from kerasvgg.errors import ModelFileError, TooMuchError
from kerasvgg.modelfile.read.h5_file import ALWAYS_ALLOWED, MOST_TEXT, MOST_TIMES, dangers_of, open_h5
from kerasvgg.modelfile.read.h5_model import read_store
from kerasvgg.modelfile.read.saved import MEMBER, Danger, Saved, SavedLayer, tree


class Window(io.RawIOBase):
    """The `size` bytes from `start` on of a file that is open for reading."""

    def __init__(self, file: BinaryIO, start: int, size: int) -> None:
        self._file, self._start, self._size, self._at = file, start, size, 0

    def readable(self) -> bool:
        """Says yes."""
        return True

    def seekable(self) -> bool:
        """Says yes."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Goes to a place counted from the start, from here, or from the end."""
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence])
        return self._at

    def tell(self) -> int:
        """Returns the place."""
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fills the buffer as far as there are bytes and returns their number."""
        view = memoryview(buffer).cast("B")[: max(0, self._size - self._at)]
        self._file.seek(self._start + self._at)
        count: int = self._file.readinto(view)  # type: ignore[attr-defined]
        self._at += count
        return count


CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
MOST_UNPACKED = 64 << 20  # bytes of weights that were packed with compression, which Keras does not do
END = b"PK\5\6" + bytes(18)  # of an archive without a comment; Keras writes none
ENCRYPTED, UTF8 = 1, 1 << 11  # flags of a member


def read_archive(file: BinaryIO, size: int) -> Saved:
    """Returns a whole model as .keras keeps it. Raises ModelFileError for an archive that holds none."""
    try:
        with zipfile.ZipFile(file) as archive:
            return _read(archive, file, size)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise ModelFileError(f"is damaged: {error}") from error


def _read(archive: zipfile.ZipFile, file: BinaryIO, size: int) -> Saved:
    found = list(_dangers(archive, size))
    file.seek(max(0, size - len(END)))
    if not file.read().startswith(END[:4]):
        found.append(Danger("ambiguous", "", "something is behind the archive's end, where readers may see another"))
    if not {CONFIG, METADATA} & set(archive.namelist()):
        raise ModelFileError("must be a .keras file, received a zip archive without config.json")
    about = _tree(archive, METADATA, found) or {}
    config = _tree(archive, CONFIG, found)
    layers = [] if any(danger.kind == "bomb" for danger in found) else _weights(archive, file, found)
    if not found and size <= ALWAYS_ALLOWED and (name := archive.testzip()) is not None:
        found.append(Danger("damage", name, "it is not what was written, its CRC says"))
    return Saved(
        container="keras",
        keras_version=str(about.get("keras_version", ""))[:40],
        backend="",
        config=config if isinstance(config, dict) else {},
        training=_training(config, found),
        layers=tuple(layers),
        description=_bytes(archive, MEMBER).decode(errors="surrogateescape") if MEMBER in archive.namelist() else None,
        dangers=tuple(found),
    )


def _dangers(archive: zipfile.ZipFile, size: int) -> list[Danger]:
    members = archive.infolist()
    found = [
        Danger("ambiguous", name, f"the archive has {count} files of this name: readers differ in which they take")
        for name, count in Counter(archive.namelist()).items()
        if count > 1
    ]
    found += [danger for member in members if (danger := _danger(member)) is not None]
    total = sum(member.file_size for member in members)
    if total > ALWAYS_ALLOWED + MOST_TIMES * size:
        found.append(Danger("bomb", "", f"it unpacks to {total:,} bytes, from {size:,}"))
    return found


def _danger(member: zipfile.ZipInfo) -> Danger | None:
    parts = member.filename.replace("\\", "/").split("/")
    if member.filename.startswith(("/", "\\")) or ".." in parts or ":" in parts[0]:
        return Danger("path", member.filename, "unpacked, it would lie outside the folder")
    if stat.S_ISLNK(member.external_attr >> 16):
        return Danger("link", member.filename, "unpacked, it would be a link")
    if member.flag_bits & ENCRYPTED:
        return Danger("damage", member.filename, "it is encrypted")
    return None


def _tree(archive: zipfile.ZipFile, name: str, found: list[Danger]) -> dict[str, Any] | None:
    if name not in archive.namelist():
        found.append(Danger("damage", name, "the archive does not have it"))
        return None
    try:
        return tree(_bytes(archive, name), name, found)
    except (ValueError, OSError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        found.append(Danger("damage", name, f"it can't be read: {error}"))
        return None


def _bytes(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as member:
        content = member.read(MOST_TEXT + 1)
    if len(content) > MOST_TEXT:
        raise TooMuchError(f"has more than {MOST_TEXT:,} bytes in {name}")
    return content


def _training(config: dict[str, Any] | None, found: list[Danger]) -> dict[str, Any] | None:
    training = (config or {}).get("compile_config")
    if not training or isinstance(training, dict):
        return training or None
    found.append(Danger("damage", "compile_config", f"it must be an object, received a {type(training).__name__}"))
    return None


def _weights(archive: zipfile.ZipFile, file: BinaryIO, found: list[Danger]) -> list[SavedLayer]:
    if WEIGHTS not in archive.namelist():
        found.append(Danger("damage", WEIGHTS, "the archive does not have it"))
        return []
    try:
        with weights_of(archive, file) as h5:
            found += dangers_of(h5, archive.getinfo(WEIGHTS).file_size)
            return read_store(h5, found)
    except (ModelFileError, OSError, RuntimeError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        found.append(Danger("damage", WEIGHTS, str(error)))
        return []


def weights_of(archive: zipfile.ZipFile, file: BinaryIO) -> Any:
    """Returns the archive's weights as an open HDF5 file; read in place where, as usual, they are not compressed."""
    member = archive.getinfo(WEIGHTS)
    if member.compress_type == zipfile.ZIP_STORED:
        return open_h5(Window(file, start_of(member, file), member.file_size))  # type: ignore[arg-type]
    with archive.open(member) as packed:
        content = packed.read(MOST_UNPACKED + 1)
    if len(content) > MOST_UNPACKED:
        raise ModelFileError(f"has more than {MOST_UNPACKED:,} bytes of weights that are compressed")
    return open_h5(io.BytesIO(content))


def check_archive(file: BinaryIO) -> None:
    """Reads the whole archive; raises ModelFileError for a member that is not what was once written."""
    file.seek(0)
    with zipfile.ZipFile(file) as archive:
        if (name := archive.testzip()) is not None:
            raise ModelFileError(f"is damaged: {name} is not what was written, its CRC says")


def start_of(member: zipfile.ZipInfo, file: BinaryIO) -> int:
    """Returns where a member's content begins: behind a header of 30 bytes, its name and its extra field."""
    file.seek(member.header_offset)
    header = file.read(30)
    if len(header) < 30 or header[:4] != b"PK\x03\x04":
        raise ModelFileError(f"is damaged: {member.filename} is not where the archive's list says")
    name, extra = struct.unpack("<HH", header[26:30])
    if file.read(name) != member.orig_filename.encode("utf-8" if member.flag_bits & UTF8 else "cp437"):
        raise ModelFileError(f"is damaged: {member.filename} has another name where the archive's list says it is")
    return member.header_offset + 30 + int(name) + int(extra)
