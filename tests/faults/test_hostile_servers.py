"""Downloads from servers that mean harm, over real connections: the right file or none, and not a byte elsewhere."""

import dataclasses
import gzip
import hashlib
import io
import re
import resource
import socket
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from kerasvgg.data.catalog.catalog import CATALOG
from kerasvgg.data.catalog.download import download
from kerasvgg.data.catalog.fetch import fetch
from kerasvgg.errors import DataError

BODY = bytes(range(256)) * 400
RIGHT = hashlib.sha256(BODY).hexdigest()
LONGEST = 10  # seconds
MOST_MEMORY = 64 << 20  # bytes more than before
BOMB = gzip.compress(bytes(50 << 20))
END = b"\r\n\r\n"


class Request(NamedTuple):
    """What the server sees: the byte to start from, how often it was asked before, and its own address."""

    start: int
    count: int
    url: str


Answer = Callable[[Request], Iterator[bytes | float]]


class Hostile:
    """Answers each connection with the pieces of `answer`, raw; a number among them is a pause in seconds."""

    def __init__(self, answer: Answer) -> None:
        self.answer, self.count, self.closing = answer, 0, threading.Event()
        self.heard: list[bytes] = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}/file.zip"
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    def _serve(self) -> None:
        while not self.closing.is_set():
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        asked = b""
        try:
            connection.settimeout(5)
            while END not in asked and (more := connection.recv(65536)):
                asked += more
            start = re.search(rb"Range: bytes=(\d+)-", asked)
            request = Request(int(start[1]) if start else 0, self.count, self.url)
            self.count += 1
            self.heard.append(asked)
            for piece in self.answer(request):
                if self.closing.is_set():
                    return
                self.closing.wait(piece) if isinstance(piece, float) else connection.sendall(piece)
            connection.shutdown(socket.SHUT_WR)
            connection.recv(1)
        except OSError:
            return
        finally:
            connection.close()

    def close(self) -> None:
        self.closing.set()
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join()


def head(status: str = "200 OK", length: int | None = len(BODY), *more: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/zip", *more]
    lines += [] if length is None else [f"Content-Length: {length}"]
    return "\r\n".join(lines).encode("latin-1") + END


def ranged(request: Request, *more: str, shift: int = 0) -> bytes:
    """The right head for what was asked."""
    if not request.start:
        return head("200 OK", len(BODY), *more)
    place = f"Content-Range: bytes {request.start + shift}-{len(BODY) - 1}/{len(BODY)}"
    return head("206 Partial Content", len(BODY) - request.start, place, *more)


def cut(request: Request, *more: str) -> Iterator[bytes]:
    yield ranged(request, *(more or ('ETag: "one"',)))
    rest = BODY[request.start :]
    yield rest[: len(rest) // 2 + 1] if request.count < 3 else rest


def stalled(request: Request) -> Iterator[bytes | float]:
    yield from cut(request)
    yield 1.0


def drip(request: Request) -> Iterator[bytes | float]:
    yield ranged(request, 'ETag: "one"')
    for start in range(request.start, len(BODY), 1500):
        yield BODY[start : start + 1500]
        yield 0.01


def slow_head(request: Request) -> Iterator[bytes | float]:
    for byte in head()[:20]:
        yield bytes([byte])
        yield 0.01
    yield 1.0


def silent(request: Request) -> Iterator[bytes | float]:
    yield 1.0


def to_a_file(request: Request) -> Iterator[bytes]:
    yield head("302 Found", 0, "Location: file:///etc/passwd")


def to_ftp(request: Request) -> Iterator[bytes]:
    yield head("302 Found", 0, "Location: ftp://127.0.0.1/file.zip")


def in_circles(request: Request) -> Iterator[bytes]:
    yield head("302 Found", 0, f"Location: {request.url}")


def ever_further(request: Request) -> Iterator[bytes]:
    yield head("302 Found", 0, f"Location: {request.url}?{request.count}")


def to_nonsense(request: Request) -> Iterator[bytes]:
    yield head("302 Found", 0, "Location: http://[::1\x1b[2J")


def announces_more(request: Request) -> Iterator[bytes]:
    yield head(length=len(BODY) + 100) + BODY


def announces_less(request: Request) -> Iterator[bytes]:
    yield head(length=len(BODY) - 100) + BODY


def announces_terabytes(request: Request) -> Iterator[bytes]:
    yield head(length=10**15) + BODY


def announces_less_than_nothing(request: Request) -> Iterator[bytes]:
    yield head(length=-5) + BODY + b"more"


def two_lengths(request: Request) -> Iterator[bytes]:
    yield head("200 OK", len(BODY), "Content-Length: 5") + BODY


def whole_instead_of_rest(request: Request) -> Iterator[bytes]:
    yield from [head() + BODY] if request.start else cut(request)


def another_place(request: Request) -> Iterator[bytes]:
    """Says that it begins somewhere else than asked, then begins somewhere else than it says."""
    yield from cut(request) if not request.start else [ranged(request, shift=7) + BODY[request.start :]]


def lies_about_its_place(request: Request) -> Iterator[bytes]:
    yield from (
        cut(request) if not request.start else [ranged(request, 'ETag: "one"') + BODY[: len(BODY) - request.start]]
    )


def another_version(request: Request) -> Iterator[bytes]:
    yield from cut(request) if not request.start else [ranged(request, 'ETag: "two"') + bytes(len(BODY))]


def ranges_in_parts(request: Request) -> Iterator[bytes]:
    parts = head("206 Partial Content", 200, "Content-Type: multipart/byteranges; boundary=x")
    yield from cut(request) if not request.start else [parts + b"--x\r\n" * 40]


def unasked_range(request: Request) -> Iterator[bytes]:
    yield head("206 Partial Content", 100, f"Content-Range: bytes 500-599/{len(BODY)}") + BODY[500:600]


def a_tag_with_a_header_in_it(request: Request) -> Iterator[bytes]:
    yield from cut(request, 'ETag: "one"\r\n Evil: yes')


def a_huge_tag(request: Request) -> Iterator[bytes]:
    yield from cut(request, f'ETag: "{"x" * 60_000}"')


def endless(request: Request) -> Iterator[bytes]:
    yield head(length=None)
    while True:
        yield BODY


def endless_chunks(request: Request) -> Iterator[bytes]:
    yield head("200 OK", None, "Transfer-Encoding: chunked")
    while True:
        yield b"10000\r\n" + bytes(65536) + b"\r\n"


def a_chunk_of_negative_size(request: Request) -> Iterator[bytes]:
    yield head("200 OK", None, "Transfer-Encoding: chunked") + b"-5\r\n" + BODY


def a_chunk_of_no_size(request: Request) -> Iterator[bytes]:
    yield head("200 OK", None, "Transfer-Encoding: chunked") + b"size\r\n" + BODY


def a_chunk_of_terabytes(request: Request) -> Iterator[bytes]:
    yield head("200 OK", None, "Transfer-Encoding: chunked") + b"ffffffffffffff\r\n" + BODY


def a_page(request: Request) -> Iterator[bytes]:
    page = b"<html><title>\x1b[2JPlease pay</title>"
    yield b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d" % len(page) + END + page


def a_page_in_disguise(request: Request) -> Iterator[bytes]:
    yield head(length=30) + b"<html><title>Please pay</title>"[:30]


def packed(request: Request) -> Iterator[bytes]:
    yield head("200 OK", len(BOMB), "Content-Encoding: gzip") + BOMB


def ill_then_well(request: Request) -> Iterator[bytes]:
    yield head("500 Oh no", 0) if request.count % 2 == 0 else ranged(request) + BODY[request.start :]


def well(request: Request) -> Iterator[bytes]:
    yield ranged(request) + BODY[request.start :]


def ill(request: Request) -> Iterator[bytes]:
    yield head("503 Later", 0)


def a_reason_for_the_terminal(request: Request) -> Iterator[bytes]:
    yield head("404 \x1b[2J\x1b]0;owned\x07", 0)


def an_unknown_status(request: Request) -> Iterator[bytes]:
    yield head("299 \x1b[2J") + BODY


def no_http(request: Request) -> Iterator[bytes]:
    yield b"\x1b[2J" + BODY


def another_protocol(request: Request) -> Iterator[bytes]:
    yield b"HTTP/9.9 200 OK\r\n\r\n" + BODY


def a_huge_header(request: Request) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nX: "
    yield b"x" * (5 << 20)


def many_headers(request: Request) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 300_000


def nothing(request: Request) -> Iterator[bytes]:
    yield b""


ANY_FAULT = r"."
# What becomes of a file whose hash is known: None where it arrives, or else words of the message.
FATES: dict[Answer, str | None] = {
    cut: None,
    stalled: None,
    drip: None,
    slow_head: "no answer|stalled",
    silent: "no answer",
    to_a_file: "not allowed|redirects to",
    to_ftp: "redirects to",
    in_circles: "answered 302",
    ever_further: "answered 302",
    to_nonsense: "not an address|redirects to",
    announces_more: "bytes are expected|was cut",
    announces_less: "bytes are expected|hash",
    announces_terabytes: "are expected|are taken",
    announces_less_than_nothing: "bytes are expected|hash",
    two_lengths: "are expected|hash",
    whole_instead_of_rest: None,
    another_place: "the range",
    lies_about_its_place: "hash",
    another_version: "changed at its origin",
    ranges_in_parts: "the range",
    unasked_range: "the range",
    a_tag_with_a_header_in_it: None,
    a_huge_tag: None,
    endless: "are expected|are taken",
    endless_chunks: "are expected|are taken",
    a_chunk_of_negative_size: ANY_FAULT,
    a_chunk_of_no_size: "was cut",
    a_chunk_of_terabytes: ANY_FAULT,
    a_page: "a web page came",
    a_page_in_disguise: "are expected|hash",
    packed: "are expected|hash",
    ill_then_well: None,
    ill: "answered 503",
    a_reason_for_the_terminal: "answered 404",
    an_unknown_status: "answered 299",
    no_http: "no answer",
    another_protocol: "no answer",
    a_huge_header: "no answer",
    many_headers: "no answer",
    nothing: "no answer",
}


@pytest.fixture
def hostile(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Answer], Hostile]]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    servers: list[Hostile] = []

    def start(answer: Answer) -> Hostile:
        servers.append(Hostile(answer))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.mark.parametrize("pinned", ["hash", pytest.param("size", marks=pytest.mark.slow)])
@pytest.mark.parametrize("answer", FATES, ids=lambda answer: answer.__name__)
def test_a_hostile_server_gives_the_right_file_or_none(
    hostile: Callable, tmp_path: Path, capsys: pytest.CaptureFixture, answer: Answer, pinned: str
) -> None:
    (tmp_path / "mine.txt").write_text("the user's")
    path, told, server = tmp_path / "datasets" / "file.zip", "", hostile(answer)
    start, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    known = {"hash": {"sha256": RIGHT, "largest": 1 << 20}, "size": {"size": len(BODY)}}
    try:
        download(server.url, path, timeout=0.1, attempts=2, **known[pinned])
    except DataError as error:
        told = str(error)
    assert time.monotonic() - start < LONGEST
    assert all(len(asked) < 1_000 and b"Evil" not in asked for asked in server.heard)
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) << 10 < MOST_MEMORY
    assert "".join((told, *capsys.readouterr())).replace("\n", "").isprintable()
    if pinned != "size":
        assert bool(told) == (FATES[answer] is not None), told
        assert re.search(FATES[answer] or "", told), told
        assert not path.exists() or path.read_bytes() == BODY
    assert path.exists() == (not told)
    assert not path.exists() or path.stat().st_size == len(BODY)
    left = {str(one.relative_to(tmp_path)) for one in tmp_path.rglob("*")} - {"datasets/file.zip"}
    assert left - {"datasets/file.zip.part", "datasets/file.zip.part.json"} == {"mine.txt", "datasets"}
    assert all(one.stat().st_size < 2 << 20 for one in tmp_path.rglob("*"))


@pytest.mark.parametrize(
    "answer", [cut, lies_about_its_place, a_page, announces_more, endless, a_tag_with_a_header_in_it]
)
def test_what_a_hostile_server_left_does_not_harm_the_next_download(
    hostile: Callable, tmp_path: Path, answer: Answer
) -> None:
    path = tmp_path / "file.zip"
    with pytest.raises(DataError):
        download(
            hostile(answer).url,
            path,
            timeout=0.1,
            attempts=1,
            size=len(BODY) if answer is endless else None,
            sha256=RIGHT,
        )
    assert not path.exists()
    assert download(hostile(well).url, path, sha256=RIGHT) == RIGHT


def zipped() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for label in ("Cat", "Dog"):
            for index in range(10):
                archive.writestr(f"PetImages/{label}/{index}.jpg", label * 99)
    return content.getvalue()


ARCHIVE = zipped()
WRONG = {
    "the whole": (head(length=len(ARCHIVE)) + ARCHIVE, ""),
    "a part, and says so": (head(length=len(ARCHIVE) - 50) + ARCHIVE, "can't be"),
    "a part, and ends": (head(length=None) + ARCHIVE[:-50], "can't be"),
    "a page in disguise": (head(length=20) + b"<html>Please pay now", "must be a zip or a tgz"),
    "an archive of other things": (head(length=22) + b"PK\5\6" + bytes(18), "must hold cats_and_dogs"),
    "gzip around it": (
        head("200 OK", len(gzip.compress(ARCHIVE)), "Content-Encoding: gzip") + gzip.compress(ARCHIVE),
        "breaks off|can't be",
    ),
    "without end": (head(length=None) + bytes(120 * len(ARCHIVE)), "are taken"),
}


@pytest.mark.parametrize(("answer", "words"), WRONG.values(), ids=WRONG)
def test_without_a_known_hash_the_content_must_be_the_data_set(
    hostile: Callable, tmp_path: Path, answer: bytes, words: str
) -> None:
    changes = {"pictures": 20, "exact": False, "size": len(ARCHIVE), "sha256": None}
    url = hostile(lambda request: iter([answer])).url
    dataset, told = dataclasses.replace(CATALOG["cats_and_dogs"], url=url, **changes), ""
    try:
        fetch(dataset, tmp_path / "sets" / "cats_and_dogs")
    except DataError as error:
        told = str(error)
    assert bool(told) == bool(words)
    assert re.search(words, told), told
    assert (tmp_path / "sets" / "cats_and_dogs").exists() == (not words)
    assert {one.name for one in (tmp_path / "sets").iterdir()} <= {"cats_and_dogs", "cats_and_dogs.zip"}
