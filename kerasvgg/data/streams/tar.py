"""Tar shards: pictures beside what says their class, as WebDataset has them, or in class folders."""

import tarfile
from collections.abc import Iterator

from kerasvgg.data.streams.items import label_of
from kerasvgg.data.streams.remote import MOST, opened
from kerasvgg.errors import DataError
from kerasvgg.files.text import escape

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm")
LABEL, LONGEST = ".cls", 200  # WebDataset's suffix of a class, and how long one may be
Found = tuple[str, str, bytes | DataError]


def pictures_of_tar(address: str) -> Iterator[Found]:
    """Yields (member's name, class or "", bytes) of the shard's pictures; one sample is held at a time.

    A sample is what follows each other under one name up to the first dot. Its class is what its .cls says, or else the
    folder that it lies in. Members that are no plain files, hidden or of other suffixes are passed over.
    """
    with opened(address) as file:
        try:
            with tarfile.open(fileobj=file, mode="r|") as archive:
                yield from _samples(archive)
        except tarfile.TarError as error:
            raise DataError(f"`{escape(address)}` must be a whole tar file; reading it failed: {error}") from error


def _samples(archive: tarfile.TarFile) -> Iterator[Found]:
    held: list[tuple[str, bytes | DataError]] = []
    present, label = "", ""
    for member in archive:
        folder, _, name = member.name.rpartition("/")
        if not member.isfile() or name.startswith("."):
            continue
        sample = f"{folder}/{name.partition('.')[0]}"
        is_picture = name.lower().endswith(SUFFIXES)
        if sample != present or (is_picture and held):
            yield from ((one, label or label_of(one), data) for one, data in held)
            held, label = [], "" if sample != present else label
            present = sample
        if is_picture:
            held.append((member.name, _bytes(archive, member)))
        elif name.lower().endswith(LABEL) and member.size <= LONGEST:
            label = _read(archive, member).decode("utf-8", "replace").strip()
    yield from ((one, label or label_of(one), data) for one, data in held)


def _bytes(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes | DataError:
    if member.size > MOST:
        return DataError(f"more than {MOST:,} bytes")
    return _read(archive, member)


def _read(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    return file.read() if file else b""
