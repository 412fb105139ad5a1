"""What a file is by its first bytes, whatever its name says."""

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


def signature(start: bytes) -> str | None:
    """Returns what the file's first 16 bytes tell, None if nothing known."""
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "WEBP"
    if start[4:8] == b"ftyp":
        return BRANDS.get(start[8:12], "a film")
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    known = {**BEGINNINGS, **TEXTS}
    return next((known[first] for first in known if (text if first in TEXTS else start).startswith(first)), None)
