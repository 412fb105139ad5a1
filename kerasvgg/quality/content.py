"""Findings about single pictures: what is unusual about them, and what the decoder does with it."""

from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from statistics import median

from kerasvgg.data.pictures.thumbnail import FAINTEST, SIDE
from kerasvgg.quality.kinds import Finding
from kerasvgg.quality.survey import Facts, Survey, Surveyed

SUFFIXES = {
    "jpg": "JPEG", "jpeg": "JPEG", "jpe": "JPEG", "jfif": "JPEG", "mpo": "JPEG", "png": "PNG", "apng": "PNG",
    "bmp": "BMP", "dib": "BMP", "gif": "GIF", "webp": "WEBP", "tif": "TIFF", "tiff": "TIFF",
    "ppm": "PPM", "pgm": "PPM", "pbm": "PPM", "pnm": "PPM",
}  # fmt: skip
LARGEST, TIMES = 20_000_000, 10  # pixels, and of the usual
ASPECT = 4
FACTS: dict[str, tuple[Callable[[Facts], object], str]] = {
    "cmyk": (lambda one: one.mode == "CMYK", "{0.format}, {0.mode}"),
    "many-bits": (lambda one: one.bits > 8, "{0.bits} bits a channel"),
    "palette": (lambda one: one.mode == "P", "{0.format}, a palette"),
    "black-or-white": (lambda one: one.mode == "1", "{0.format}, 1 bit"),
    "transparent": (lambda one: one.transparent, "{0.format}, {0.mode}"),
    "animated": (lambda one: one.frames > 1, "{0.frames} pictures"),
    "turned": (lambda one: one.orientation > 1, "EXIF orientation {0.orientation}"),
    "colour-profile": (lambda one: one.profile and "srgb" not in one.profile.lower(), "{0.profile}"),
}


def content(survey: Survey) -> Iterator[Finding]:
    """Yields what is unusual about each picture, some of it by what is usual in this folder."""
    if not survey.surveyed:
        return
    side = median(min(one.size) for one in survey.surveyed)
    pixels = median(one.size[0] * one.size[1] for one in survey.surveyed)
    colours = sum(one.facts.mode != "L" for one in survey.surveyed) > len(survey.surveyed) / 2
    for one in survey.surveyed:
        path = (one.picture.path,)
        for kind, (holds, words) in FACTS.items():
            if holds(one.facts):
                yield Finding(kind, path, words.format(one.facts))
        if colours and one.facts.mode == "L":
            yield Finding("gray-among-colours", path)
        if told := _told(one):
            yield Finding("wrong-suffix", path, f"{one.facts.format}, called {told}")
        yield from (Finding(kind, path, text) for kind, text in _sizes(one, side, pixels))


def _told(one: Surveyed) -> str:
    """Returns the suffix that a picture of this format has no right to, "" if there is none."""
    suffix = PurePosixPath(one.picture.path).suffix.lower()
    return suffix if SUFFIXES.get(suffix[1:], one.facts.format) != one.facts.format else ""


def _sizes(one: Surveyed, side: float, pixels: float) -> Iterator[tuple[str, str]]:
    width, height = one.size
    text = f"{width:,} x {height:,} pixels"
    if one.spread < FAINTEST:
        yield "one-colour", text
    if min(one.size) < SIDE and min(one.size) < side / 2:
        yield "tiny", text
    if width * height > max(LARGEST, TIMES * pixels):
        yield "huge", text
    if max(one.size) > ASPECT * min(one.size):
        yield "stretched", text
