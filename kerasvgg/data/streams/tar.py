"""Tar shards: pictures beside what says their class, as WebDataset has them, or in class folders."""

import tarfile
from collections import Counter
from collections.abc import Iterator
from typing import Any

from kerasvgg.data.streams.items import label_of
from kerasvgg.data.streams.remote import MOST, opened
from kerasvgg.errors import DataError

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm")
LABEL, LONGEST = ".cls", 200  # WebDataset's suffix of a class, and how long one may be
MOST_HELD, MOST_NAMES = 16, 100_000  # pictures of one sample, and names among which doubles are told apart
Found = tuple[str, str, bytes | DataError]


def pictures_of_tar(address: str) -> Iterator[Found]:
    """Yields (member's name, class or "", bytes) of the shard's pictures; one sample is held at a time.

    A sample is what follows each other under one name up to the first dot. Its class is what its .cls says, or else the
    folder that it lies in. Members that are no plain files, hidden or of other suffixes are passed over. Raises what
    tarfile and the file do.
    """
    with opened(address) as file, tarfile.open(fileobj=file, mode="r|", tarinfo=_Member) as archive:
        yield from _samples(archive)


class _Member(tarfile.TarInfo):
    """A member whose damaged head is an error: tarfile takes it for the archive's end, once there was a first one."""

    @classmethod
    def fromtarfile(cls, archive: Any) -> Any:
        """Reads the next head. Raises DataError for one that is none."""
        try:
            return super().fromtarfile(archive)
        except tarfile.HeaderError as error:
            if type(error).__name__ == "EOFHeaderError":  # which is no damage
                raise
            raise DataError(f"a damaged head of a member: {error}") from error


def _samples(archive: Any) -> Iterator[Found]:
    held: list[tuple[str, bytes | DataError]] = []
    present, label, names = "", "", Counter[str]()
    try:
        for member, folder, name in _plain(archive):
            sample = f"{folder}/{name.partition('.')[0]}"
            if sample != present:
                yield from _labelled(held, label)
                held, present, label = [], sample, ""
            if name.lower().endswith(SUFFIXES):
                if len(names) < MOST_NAMES:
                    names[member.name] += 1  # a name may be there twice
                again = f" ({names[member.name]})" if names.get(member.name, 0) > 1 else ""
                held.append((member.name + again, _bytes(archive, member)))
                if len(held) > MOST_HELD:  # names with dots, and no samples
                    yield from _labelled([held.pop(0)], label)
            elif name.lower().endswith(LABEL) and member.size <= LONGEST:
                label = _read(archive, member).decode("utf-8", "replace").strip()
    except Exception:  # what came before damage is whole
        yield from _labelled(held, label)
        raise
    yield from _labelled(held, label)


def _plain(archive: Any) -> Iterator[tuple[tarfile.TarInfo, str, str]]:
    """Yields members that are plain files and not hidden, with folder and name."""
    for member in archive:
        archive.members.clear()  # which would hold all of them
        folder, _, name = member.name.rpartition("/")
        if member.isfile() and not name.startswith("."):
            yield member, folder, name


def _labelled(held: list[tuple[str, bytes | DataError]], label: str) -> Iterator[Found]:
    return ((name, label or label_of(name), data) for name, data in held)


def _bytes(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes | DataError:
    if member.size > MOST or member.issparse():  # a few bytes may stand for many
        return DataError("a sparse member" if member.issparse() else f"more than {MOST:,} bytes")
    return _read(archive, member)


def _read(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    return file.read() if file else b""
