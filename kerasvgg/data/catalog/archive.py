"""Safe unpacking of archives from anybody: nothing outside the folder, no bombs."""

import gzip
import stat
import struct
import tarfile
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from kerasvgg.errors import DataError, brief
from kerasvgg.files.atomic import staged_folder

MAX_MEMBERS = 200_000
MAX_BYTES = 8 << 30
# Pictures hardly shrink; what unpacks to a hundred times its size is no data set.
MAX_RATIO = 100
DEEPEST, LONGEST = 50, 1000  # folders and bytes of a member's name
ALWAYS_ALLOWED = 1 << 20
CHUNK = 1 << 20
# All of these come out of the standard library's readers on damaged archives.
TROUBLE = (
    OSError,
    EOFError,
    ValueError,
    LookupError,
    ArithmeticError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
    zipfile.BadZipFile,
    tarfile.TarError,
)


def extract(archive: Path, folder: Path, *, max_members: int = MAX_MEMBERS, max_bytes: int = MAX_BYTES) -> None:
    """Unpacks a zip or a tgz into `folder`, which must not exist yet and appears whole or not at all.

    Raises DataError, naming the member, for a damaged or encrypted archive, for anything but plain files and folders
    with names of their own below `folder`, and for more members or bytes than allowed.
    """
    try:
        allowed = min(max_bytes, max(ALWAYS_ALLOWED, MAX_RATIO * archive.stat().st_size))
        with staged_folder(folder) as fresh:
            fresh.mkdir()
            with closing(_members(archive, folder.parent, allowed)) as members:
                for member in _checked(members, max_members):
                    allowed -= _write(member, fresh, allowed)
    except _UnfitError as error:
        raise DataError(f"`{archive}` is refused: {error}") from error
    except TROUBLE as error:
        raise DataError(f"`{archive}` can't be unpacked: {_reason(error)}") from error


class _UnfitError(Exception):
    pass


@dataclass(frozen=True)
class _Member:
    name: str
    size: int
    is_folder: bool
    open: Callable[[], IO[bytes]]
    fault: str | None = None


def _members(archive: Path, scratch: Path, allowed: int) -> Generator[_Member, None, None]:
    with archive.open("rb") as file:
        start = file.read(4)
    if start[:2] == b"\x1f\x8b":
        return _tgz_members(archive, scratch, allowed)
    if start in (b"PK\x03\x04", b"PK\x05\x06"):
        return _zip_members(archive)
    raise _UnfitError(f"it must be a zip or a tgz, and it begins with {start!r}")


def _zip_members(archive: Path) -> Generator[_Member, None, None]:
    with zipfile.ZipFile(archive) as opened:
        for info in opened.infolist():
            yield _Member(info.orig_filename, info.file_size, info.is_dir(), _opener(opened, info), _zip_fault(info))


def _opener(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
    return lambda: opened.open(info)


def _zip_fault(info: zipfile.ZipInfo) -> str | None:
    if info.flag_bits & 1:
        return "is encrypted"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return f"is compressed by method {info.compress_type}; stored and deflated are known"
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "is a link or a device, not a file or a folder"
    return None


def _tgz_members(archive: Path, scratch: Path, allowed: int) -> Generator[_Member, None, None]:
    # Unpacked first: gzip's checksum then covers all of it, and a plain file can be sought in.
    with tempfile.TemporaryFile(dir=scratch) as tar:
        with gzip.open(archive) as packed:
            _copy(packed, tar, allowed)
        tar.seek(0)
        with tarfile.open(fileobj=tar, mode="r:") as opened:
            for info in opened:
                yield _Member(info.name, info.size, info.isdir(), _tar_opener(opened, info), _tar_fault(info))
            _require_end(tar, opened.offset)


def _tar_opener(opened: tarfile.TarFile, info: tarfile.TarInfo) -> Callable[[], IO[bytes]]:
    def content() -> IO[bytes]:
        if (reader := opened.extractfile(info)) is None:
            raise _UnfitError(f"member {brief(info.name)} has no content")
        return reader

    return content


def _tar_fault(info: tarfile.TarInfo) -> str | None:
    if not (info.isdir() or info.type in (tarfile.REGTYPE, tarfile.AREGTYPE)) or info.issparse():
        return "is a link or a device, not a file or a folder"
    return None


def _require_end(tar: IO[bytes], offset: int) -> None:
    # tarfile takes a damaged header for the end of the archive.
    tar.seek(offset)
    block = tar.read(tarfile.BLOCKSIZE)
    if len(block) < tarfile.BLOCKSIZE or block.strip(b"\0"):
        raise _UnfitError(f"it breaks off or is damaged at byte {offset:,} of the unpacked tar")


def _checked(members: Iterator[_Member], max_members: int) -> Iterator[_Member]:
    seen: set[str] = set()
    for count, member in enumerate(members, start=1):
        if count > max_members:
            raise _UnfitError(f"it has more than {max_members:,} members")
        fault = member.fault or _name_fault(member.name)
        # Some file systems take names for equal that differ in case or in how an accent is written.
        name = unicodedata.normalize("NFC", member.name.strip("/")).casefold()
        if fault or name in seen or member.size < 0:
            raise _UnfitError(f"member {brief(member.name)} {fault or 'comes twice or has no size'}")
        seen.add(name)
        yield member


def _name_fault(name: str) -> str | None:
    if name.startswith("/") or ".." in name.split("/"):
        return "leads out of the folder"
    if not name.isprintable() or any(letter in name for letter in '\\:*?"<>|'):
        return "has a character in its name that not every system allows"
    if name.count("/") > DEEPEST or len(name.encode()) > LONGEST:
        return "is too deep or too long"
    return None


def _write(member: _Member, fresh: Path, allowed: int) -> int:
    place = fresh / member.name
    try:
        if member.is_folder:
            place.mkdir(parents=True, exist_ok=True)
            return 0
        place.parent.mkdir(parents=True, exist_ok=True)
        with member.open() as content, place.open("xb") as file:
            written = _copy(content, file, allowed)
    except TROUBLE as error:
        raise _UnfitError(f"member {brief(member.name)} can't be unpacked ({_reason(error)})") from error
    if written != member.size:
        raise _UnfitError(f"member {brief(member.name)} should have {member.size:,} bytes and has {written:,}")
    return written


def _copy(source: IO[bytes] | gzip.GzipFile, target: IO[bytes], allowed: int) -> int:
    written = 0
    while chunk := source.read(CHUNK):
        written += len(chunk)
        if written > allowed:
            raise _UnfitError(f"it unpacks to more bytes than allowed, {MAX_RATIO} times its own size at most")
        target.write(chunk)
    return written


def _reason(error: BaseException) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
