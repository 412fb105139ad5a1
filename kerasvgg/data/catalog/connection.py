"""One HTTP request for a binary file, from any byte on."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException, HTTPMessage, HTTPResponse, InvalidURL
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from kerasvgg.files.text import escape
from kerasvgg.process.environment import own_version

CHUNK = 1 << 18
LONGEST_TAG = 1000
MAY_PASS = {408, 425, 429, 500, 502, 503, 504}


class RefusedError(Exception):
    """What came is not what was asked for, and asking again would not change that."""


class BrokenOffError(Exception):
    """The connection failed in a way that another one may not."""


class ChangedError(BrokenOffError):
    """What is there of the file cannot be continued; it has to start over."""


@dataclass(frozen=True)
class Answer:
    """The bytes from `start` on, out of `total` (None: not announced), of the file's version `tag` (None: unnamed)."""

    start: int
    total: int | None
    tag: str | None
    chunks: Iterator[bytes]


@contextmanager
def ask(url: str, timeout: float, start: int = 0, tag: str | None = None) -> Iterator[Answer]:
    """Asks for the bytes of `url` from `start` on, if it is still the version `tag`; else the answer starts at 0.

    `timeout` is in seconds without a byte. Raises BrokenOffError, ChangedError or RefusedError, here or while the
    chunks are read.
    """
    with _open(url, timeout, _headers(start, tag)) as response:
        _refuse_a_page(response, timeout)
        first, total = _extent(response, start)
        version = _tag(response.headers)
        if first and tag and version and version != tag:
            raise ChangedError("the file has changed at its origin")
        left = None if total is None else total - first
        yield Answer(first, total, version, _chunks(response, left, timeout))


def _headers(start: int, tag: str | None) -> dict[str, str]:
    headers = {"User-Agent": f"kerasvgg/{own_version()}", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    if start and tag:
        headers["If-Range"] = tag
    return headers


def _open(url: str, timeout: float, headers: dict[str, str]) -> HTTPResponse:
    if not _is_http(url):
        raise RefusedError("the address must begin with https:// or http://")
    try:
        response: HTTPResponse = build_opener(_Redirects).open(Request(url, headers=headers), timeout=timeout)
    except HTTPError as error:
        error.close()
        raise _failure(error) from None
    except TimeoutError:
        raise BrokenOffError(f"no answer came for {timeout:g} s") from None
    except URLError as error:
        raise BrokenOffError(f"no connection ({error.reason})") from None
    except (InvalidURL, ValueError) as error:
        raise RefusedError(f"this is not an address ({error})") from None
    except (OSError, HTTPException) as error:
        raise BrokenOffError(f"no answer ({escape(str(error).strip()) or type(error).__name__})") from None
    return response


def _failure(error: HTTPError) -> Exception:
    if error.code == 416:
        return ChangedError("the file ends before the bytes asked for")
    kind = BrokenOffError if error.code in MAY_PASS else RefusedError
    return kind(f"the server answered {error.code} {escape(str(error.reason))}")


class _Redirects(HTTPRedirectHandler):
    def redirect_request(  # noqa: PLR0917 (the standard library calls it so)
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        if not _is_http(newurl) or (_scheme(req.full_url) == "https" and _scheme(newurl) != "https"):
            fp.close()
            raise RefusedError(f"it redirects to {newurl}, and from https only https is followed")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _scheme(url: str) -> str:
    try:
        return urlsplit(url).scheme.lower()
    except ValueError:
        return ""


def _is_http(url: str) -> bool:
    return _scheme(url) in ("http", "https")


def _refuse_a_page(response: HTTPResponse, timeout: float) -> None:
    if response.headers.get_content_type() in ("text/html", "application/xhtml+xml"):
        beginning = " ".join(next(_chunks(response, None, timeout), b"")[:200].decode("utf-8", "replace").split())
        raise RefusedError(f"a web page came instead of the file; it begins with {beginning[:80]!r}")


def _extent(response: HTTPResponse, start: int) -> tuple[int, int | None]:
    if response.status == 200:
        return 0, response.length
    if response.status != 206:
        raise RefusedError(f"the server answered {response.status} {escape(response.reason)}")
    received = response.headers.get("Content-Range", "")
    match = re.fullmatch(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18}|\*)", received.strip())
    if not match or int(match[1]) != start:
        raise ChangedError(f"the bytes from {start:,} on were asked for, received the range {received!r}")
    return start, None if match[2] == "*" else int(match[2])


def _tag(headers: Message) -> str | None:
    etag = headers.get("ETag")
    # A weak ETag does not promise equal bytes, and If-Range may not carry one.
    tag = etag if etag and not etag.startswith("W/") else headers.get("Last-Modified")
    return tag if tag and tag.isascii() and tag.isprintable() and len(tag) <= LONGEST_TAG else None


def _chunks(response: HTTPResponse, left: int | None, timeout: float) -> Iterator[bytes]:
    while left is None or left > 0:
        try:
            # read1 returns what has come, so that a stall loses nothing.
            chunk = response.read1(CHUNK if left is None else min(CHUNK, left))
        except TimeoutError:
            raise BrokenOffError(f"the connection stalled for {timeout:g} s") from None
        except (OSError, HTTPException) as error:
            raise BrokenOffError(f"the connection was cut ({type(error).__name__})") from None
        if not chunk:
            break
        left = None if left is None else left - len(chunk)
        yield chunk
    if left:
        raise BrokenOffError("the connection was cut")
