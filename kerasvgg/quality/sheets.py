"""The pictures of a report: pairs that are one, and labels that look wrong."""

from pathlib import Path

import numpy as np

from kerasvgg.data.pictures.decode import decode
from kerasvgg.errors import DataError
from kerasvgg.files.text import escape
from kerasvgg.plots.pictures import Captioned, Pair, draw_captioned, draw_pairs
from kerasvgg.quality.copies import Copy
from kerasvgg.quality.report import Report
from kerasvgg.quality.survey import Surveyed

SIDE = 256  # pixels of a picture's longer side
A_PAGE, PAGES, LABELS = 24, 5, 60


def draw_sheets(report: Report, folder: Path, dark: bool = False) -> list[Path]:
    """Draws pairs.png, pairs-2.png and so on, at most five, and labels.png, as far as there is something to show."""
    there = {one.picture.path: one for one in report.survey.surveyed}
    written = []
    total, drawn = len(report.copies), report.copies[: A_PAGE * PAGES]
    for page, start in enumerate(range(0, len(drawn), A_PAGE), start=1):
        path = folder / ("pairs.png" if page == 1 else f"pairs-{page}.png")
        some = drawn[start : start + A_PAGE]
        pairs = [_pair(report.survey.root, one, there) for one in some]
        words = f"{start + 1:,} to {start + len(some):,} of {total:,}, the worst kind first"
        draw_pairs(pairs, path, title="Pictures that are there twice", subtitle=words, dark=dark)
        written.append(path)
    suspects = report.by_kind.get("suspicious-label", [])
    if suspects:
        captioned = [
            Captioned(
                _square(_pixels(report.survey.root, there[one.paths[0]])), (*one.text.split("; "), escape(one.paths[0]))
            )
            for one in suspects[:LABELS]
        ]
        words = f"{len(captioned):,} of {len(suspects):,}, the surest first"
        draw_captioned(captioned, folder / "labels.png", title="Labels that look wrong", subtitle=words, dark=dark)
        written.append(folder / "labels.png")
    return written


def _pair(root: Path, copy: Copy, there: dict[str, Surveyed]) -> Pair:
    first, second = (there[path] for path in copy.finding.paths)
    text = f"{copy.kind}{f': {copy.finding.text}' if copy.finding.text else ''}"
    return Pair(_pixels(root, first), _pixels(root, second), (text, *map(escape, copy.finding.paths)))


def _pixels(root: Path, one: Surveyed) -> np.ndarray | None:
    """Returns the picture, upright and small; None for one that has gone since."""
    width, height = one.size if one.facts.orientation < 5 else one.size[::-1]
    scale = SIDE / max(width, height)
    try:
        return decode(root / one.picture.path, (max(1, round(height * scale)), max(1, round(width * scale))))
    except DataError:
        return None


def _square(picture: np.ndarray | None) -> np.ndarray | None:
    """Returns the whole picture in the middle of a transparent square, (side, side, 4)."""
    if picture is None:
        return None
    height, width = picture.shape[:2]
    side = max(height, width)
    top, left = (side - height) // 2, (side - width) // 2
    square = np.zeros((side, side, 4), np.uint8)
    square[top : top + height, left : left + width, :3] = picture
    square[top : top + height, left : left + width, 3] = 255
    return square
