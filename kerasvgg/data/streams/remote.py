"""Files in object stores, by fsspec: what is listed a page at a time, and read again where a connection breaks."""

import random
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from kerasvgg.data.pictures.decode import may_be_picture
from kerasvgg.errors import ConfigError, DataError
from kerasvgg.files.reading import why_not_plain
from kerasvgg.files.text import escape

TRIES = 6  # of a request that breaks, with pauses of up to 2, 4, 8 ... seconds between them
SECONDS = 20  # without a byte, after which a connection counts as broken
MOST, FIRST = 1 << 30, 16  # bytes of a file that is one picture, and those that tell what it is
URL = re.compile(r"([a-z][a-z0-9+.-]+)://(.+)")
Done = TypeVar("Done")


class UnreachableError(DataError):
    """A file could not be read here and now: nothing is known of it, and it is to be tried again."""


def is_remote(address: str) -> bool:
    """Tells whether it is a URL and not a path."""
    return URL.match(address) is not None


def listed(url: str) -> Iterator[tuple[str, str, str]]:
    """Yields address, stamp and place of each file below a URL; of S3 a page of a thousand at a time is held."""
    system, path = _system(url)
    scheme = url.partition("://")[0]
    pages = _s3_pages(system, path) if scheme in ("s3", "s3a") else _walked(system, path)
    for page in pages:
        for found, about in page:
            place = found[len(path) :].lstrip("/")
            if not any(part.startswith(".") for part in place.split("/")) and not found.endswith("/"):
                yield f"{scheme}://{found}", _stamp(about), place


def remote_stamp(url: str) -> str:
    """Returns the stamp of a file, "" where there is none."""
    system, path = _system(url)
    try:
        about = _again(lambda: system.info(path), url)
    except FileNotFoundError:
        return ""
    return _stamp(about) if about.get("type") == "file" else ""


def read(address: str) -> bytes:
    """Returns the content of a file, a local one or one at a URL.

    Raises DataError for what is no plain file, UnreachableError where it is not there or not given now.
    """
    if not is_remote(address):
        return _local(Path(address))
    system, path = _system(address)

    try:
        content: bytes = _again(lambda: system.cat_file(path), address)
        return content
    except FileNotFoundError:
        raise UnreachableError(f"{escape(address)}: No such file") from None


def opened(address: str) -> Any:
    """Returns a file, a local one or one at a URL, opened to be read from its beginning. Raises DataError."""
    if not is_remote(address):
        _require_plain(Path(address))
        return Path(address).open("rb")
    system, path = _system(address)
    try:
        return _again(lambda: system.open(path, "rb"), address)
    except FileNotFoundError:
        raise UnreachableError(f"{escape(address)}: No such file") from None


def _local(path: Path) -> bytes:
    _require_plain(path)
    try:
        with path.open("rb") as file:
            start = file.read(FIRST)
            # Of what is no picture by its beginning, the rest need not be read to say so.
            return start + file.read() if may_be_picture(start) else start
    except OSError as error:
        raise UnreachableError(f"{escape(path)}: {error.strerror or error}") from error


def _require_plain(path: Path) -> None:
    """Raises DataError for what is no plain file, UnreachableError where nothing can be said of it."""
    try:
        there = path.exists()
    except (OSError, ValueError) as error:
        raise UnreachableError(f"{escape(path)}: {error}") from error
    if reason := why_not_plain(path):
        raise DataError(reason) if there else UnreachableError(f"{escape(path)}: {reason}")


def _again(ask: Callable[[], Done], address: str) -> Done:
    """Returns what is asked for, asking again where the connection or the store fails; never what it answered."""
    for attempt in range(TRIES):
        try:
            return ask()
        except (FileNotFoundError, DataError):
            raise
        except PermissionError:  # its text may hold keys
            raise UnreachableError(f"{escape(address)}: the store does not allow it with these credentials") from None
        except Exception as error:
            kind = type(error).__name__
            if attempt + 1 < TRIES:
                time.sleep(random.uniform(0, 2**attempt))
    raise UnreachableError(f"{escape(address)}: the store did not give it in {TRIES} tries: {kind}") from None


def _stamp(about: dict[str, Any]) -> str:
    mark = about.get("ETag") or about.get("etag") or about.get("mtime") or about.get("LastModified") or ""
    return f"{about.get('size', '')} {mark}"


def _system(url: str) -> tuple[Any, str]:
    """Returns fsspec's file system for a URL, and the path there.

    Raises ConfigError where it is not installed, and for a URL with a password, which would be in every table.
    """
    scheme, _, rest = url.partition("://")
    if "@" in rest.partition("/")[0]:
        raise ConfigError(f"a `{scheme}://` address must hold no user or password: the environment has credentials")
    try:
        import fsspec

        how: dict[str, Any] = {"use_listings_cache": False}
        if scheme in ("s3", "s3a"):
            times = {"read_timeout": SECONDS, "connect_timeout": SECONDS, "retries": {"max_attempts": 1}}
            how["config_kwargs"] = times
        system = fsspec.filesystem(scheme, **how)
        path: str = system._strip_protocol(url)
    except ImportError:
        raise ConfigError(f"`{scheme}://` needs what is not installed: `pip install 'kerasvgg[sources]'`") from None
    except Exception as error:  # each scheme raises what it happens to
        raise ConfigError(f"`{scheme}://` must be a scheme that fsspec opens so: {type(error).__name__}") from None
    return system, path


def _s3_pages(system: Any, path: str) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    bucket, _, below = path.partition("/")
    how: dict[str, Any] = {"Bucket": bucket, "Prefix": f"{below.rstrip('/')}/" if below else ""}
    while True:
        try:
            page = _again(lambda: system.call_s3("list_objects_v2", **how), f"s3://{path}")
        except FileNotFoundError:  # there is no such bucket
            return
        yield [
            (f"{bucket}/{one['Key']}", {"size": one["Size"], "ETag": one.get("ETag")})
            for one in page.get("Contents", ())
        ]
        if not page.get("IsTruncated"):
            return
        how["ContinuationToken"] = page["NextContinuationToken"]


def _walked(system: Any, path: str) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    for _, _, files in system.walk(path, detail=True, on_error="raise"):
        yield [(about["name"], about) for about in files.values()]
