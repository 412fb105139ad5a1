"""Downloads that go on where they were interrupted, and are what they should be or not there."""

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kerasvgg.data.catalog.connection import Answer, BrokenOffError, ChangedError, RefusedError, ask
from kerasvgg.errors import DataError
from kerasvgg.files.atomic import sync_folder, write_text
from kerasvgg.files.lock import locked
from kerasvgg.process.progress import progress, say


@dataclass(frozen=True)
class PartialDownload:
    """The unfinished content of `path`: `path.part`, described by `path.part.json`."""

    path: Path

    @property
    def content(self) -> Path:
        """Returns the path of the bytes that have arrived."""
        return self.path.with_name(self.path.name + ".part")

    @property
    def size(self) -> int:
        """Returns how many bytes have arrived."""
        return self.content.stat().st_size if self.content.exists() else 0

    def begin(self, url: str, tag: str | None, total: int | None) -> None:
        """Starts over, with nothing of the version `tag` of `url`, which has `total` bytes."""
        # In this order: a kill in between leaves no bytes under the wrong description.
        self.content.write_bytes(b"")
        write_text(self._note, json.dumps({"url": url, "tag": tag, "total": total}) + "\n")

    def resume(self, url: str, unnamed: bool) -> tuple[int, str | None, int | None]:
        """Returns how many bytes of `url` are here, their version's tag and their total; drops what can't be continued.

        A version without a tag can be continued only if `unnamed`, that is if a hash will tell.
        """
        try:
            note = json.loads(self._note.read_text(encoding="utf-8"))
            tag, total = note["tag"], note["total"]
            usable = note["url"] == url and (tag or unnamed)
        except (OSError, ValueError, LookupError, TypeError):
            usable = False
        if not usable:
            self.drop()
            return 0, None, None
        return self.size, tag, total

    def drop(self) -> None:
        """Removes what has arrived."""
        self.content.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    @property
    def _note(self) -> Path:
        return self.path.with_name(self.path.name + ".part.json")


LARGEST = 8 << 30


def download(
    url: str,
    path: Path,
    *,
    size: int | None = None,
    largest: int = LARGEST,
    sha256: str | None = None,
    md5: str | None = None,
    label: str | None = None,
    timeout: float = 30.0,
    attempts: int = 4,
) -> str:
    """Brings the content of `url` to `path` and returns its SHA-256.

    What arrives waits in `path.part`; after an interruption, also of the whole process, the next call continues
    there. A file that is at `path` already is checked and kept. `size` is in bytes; where it isn't known, more than
    `largest` is refused. `timeout` is in seconds without a byte; after `attempts` connections in a row without
    anything new it gives up.

    Raises DataError, which says what to do.
    """
    expected = _Expected(size, largest if size is None else size, sha256, md5)
    by_hand = f"or put the file by hand at `{path}`"
    try:
        with locked(path.with_name(f".{path.name}.lock")):
            if path.exists():
                return _check_what_is_there(path, expected)
            part = PartialDownload(path)
            _fill(part, url, expected, label=label or path.name, timeout=timeout, attempts=attempts)
            return _finish(part, expected)
    except BrokenOffError as error:
        raise DataError(f"{url}: {error}. Run it again to resume, {by_hand}") from error
    except RefusedError as error:
        raise DataError(f"{url}: {error}. Run it again later, {by_hand}") from error
    except OSError as error:
        raise DataError(f"`{path}` can't be written: {error.strerror or error}") from error


@dataclass(frozen=True)
class _Expected:
    size: int | None
    largest: int
    sha256: str | None
    md5: str | None

    def check(self, file: Path) -> str:
        received = file.stat().st_size
        if self.size not in (None, received):
            raise RefusedError(f"{self.size:,} bytes are expected, received {received:,}")
        self.refuse_more(received)
        for kind, wanted in (("md5", self.md5), ("sha256", self.sha256)):
            if wanted and (seen := _digest(file, kind)) != wanted.lower():
                raise RefusedError(f"the {kind} hash {wanted} is expected, received {seen}")
        return _digest(file, "sha256")

    def refuse_more(self, count: int) -> None:
        if count > self.largest:
            raise RefusedError(f"at most {self.largest:,} bytes are taken, received {count:,}")


def _digest(file: Path, kind: str) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, lambda: hashlib.new(kind, usedforsecurity=False)).hexdigest()


def _check_what_is_there(path: Path, expected: _Expected) -> str:
    try:
        return expected.check(path)
    except RefusedError as error:
        raise DataError(f"`{path}` is not the right file: {error}. Remove it and run again") from error


def _fill(part: PartialDownload, url: str, expected: _Expected, *, label: str, timeout: float, attempts: int) -> None:
    failures, furthest = 0, part.size
    while True:
        try:
            return _receive(part, url, expected, label, timeout)
        except BrokenOffError as error:
            if isinstance(error, ChangedError):
                part.drop()
            failures = 1 if part.size > furthest else failures + 1
            furthest = max(furthest, part.size)
            if failures >= attempts:
                raise
            pause = min(timeout, 2.0 ** (failures - 1))
            say(f"{label}: {error}; {part.size:,} bytes kept, trying again in {pause:g} s")
        time.sleep(pause)


def _receive(part: PartialDownload, url: str, expected: _Expected, label: str, timeout: float) -> None:
    start, tag, total = part.resume(url, unnamed=bool(expected.sha256 or expected.md5))
    if start and start == total:
        return
    with ask(url, timeout, start, tag) as answer:
        if None not in (answer.total, expected.size) and answer.total != expected.size:
            raise RefusedError(f"{expected.size:,} bytes are expected, the server announces {answer.total:,}")
        expected.refuse_more(answer.total or 0)
        if answer.start == 0:
            part.begin(url, answer.tag, answer.total)
        elif answer.total != total:
            raise ChangedError("the file has another length than before")
        with _reported(answer, label) as advance, part.content.open("ab") as file:
            for chunk in answer.chunks:
                file.write(chunk)
                advance(len(chunk))
                if file.tell() > expected.largest:
                    break  # whoever sends too much may send for ever


@contextmanager
def _reported(answer: Answer, label: str) -> Iterator[Callable[[int], None]]:
    if answer.total is None:
        say(f"{label}: downloading, the server does not say how much")
        yield lambda done: None
        return
    with progress(f"{label}: downloading", answer.total, " bytes") as advance:
        advance(answer.start)
        yield advance


def _finish(part: PartialDownload, expected: _Expected) -> str:
    try:
        digest = expected.check(part.content)
    except RefusedError:
        part.drop()
        raise
    with part.content.open("rb+") as content:
        os.fsync(content.fileno())
    part.content.replace(part.path)
    sync_folder(part.path.parent)
    part.drop()
    return digest
