"""What a file is by its first bytes, and what Pillow has to say of it."""

import threading
import warnings
from types import TracebackType

BEGINNINGS = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"BM": "BMP",
    b"GIF8": "GIF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"%PDF": "PDF",
    b"%!PS": "PostScript",
    b"\xc5\xd0\xd3\xc6": "PostScript",
    b"8BPS": "Photoshop",
    b"\0\0\1\0": "an icon",
    b"PK\3\4": "a ZIP archive",
    b"\0\0\0\x0cjP  ": "JPEG 2000",
}
TEXTS = {b"<!doctype html": "a web page", b"<html": "a web page", b"<svg": "SVG", b"<?xml": "XML or SVG"}
BRANDS = {b"avif": "AVIF", b"avis": "AVIF", b"heic": "HEIC", b"heix": "HEIC", b"mif1": "HEIC"}


def format_of(start: bytes) -> str | None:
    """Returns what the file's first 16 bytes tell, None if nothing known."""
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "WEBP"
    if start[4:8] == b"ftyp":
        return BRANDS.get(start[8:12], "a film")
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    known = {**BEGINNINGS, **TEXTS}
    return next((known[first] for first in known if (text if first in TEXTS else start).startswith(first)), None)


class PillowWarnings:
    """A context in which decompression bombs are errors and remarks about odd metadata are not heard.

    Python keeps one list of filters for all threads, and `catch_warnings` in several of them at a time would put
    back the wrong one. So the first thread to come in sets the filters and the last to go out puts them back.
    """

    def __init__(self) -> None:
        self._lock, self._inside = threading.Lock(), 0
        self._before = warnings.catch_warnings()

    def __enter__(self) -> None:
        from PIL.Image import DecompressionBombWarning

        with self._lock:
            if not self._inside:
                self._before = warnings.catch_warnings()
                self._before.__enter__()
                warnings.simplefilter("error", DecompressionBombWarning)
                warnings.filterwarnings("ignore", category=UserWarning)
            self._inside += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._before.__exit__(kind, error, trace)
