"""Charts as SVG.

All numbers come with words: each point has a tooltip, and each chart a title that a screen reader says. Lines differ in
dashes, so that they can be told apart in gray.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from markupsafe import Markup

from kerasvgg.evaluation.calibration import Bin
from kerasvgg.evaluation.statistics import wilson
from kerasvgg.report.svg import HEIGHT, LONGEST, WIDTH, Scale, number_words, short, svg, tag, text, ticks

NARROW = 360.0  # in a card
FEW = 5  # classes, whose matrix fits into one
LEFT, RIGHT, TOP, BOTTOM = 52.0, 22.0, 12.0, 40.0
SHADES = 10  # of a confusion matrix's cells
MOST_CLASSES = 20  # whose counts can be read in one


class Line(NamedTuple):
    """A line over numbers; `look` are the names of its classes in the style sheet, `name` is in its tooltips.

    A point that is no number is a gap; `ring` has one around the point at this place.
    """

    name: str
    points: Sequence[tuple[float, float]]
    look: str
    ring: float | None = None
    dots: bool = False


def line_chart(lines: Sequence[Line], title: str, along: str, *, percent: bool, marks: Mapping[float, str]) -> Markup:
    """Returns lines over epochs or the like; `marks` are places along the axis with a word, such as a phase's name."""
    places = [x for line in lines for x, _ in line.points]
    values = [y for line in lines for _, y in line.points if math.isfinite(y)]
    if not places or not values:
        return Markup("")
    low, high = _widened(min(values), max(values), percent)
    across = Scale(min(places) - 0.5, max(places) + 0.5, LEFT, WIDTH - RIGHT)
    up = Scale(low, high, HEIGHT - BOTTOM, TOP)
    parts = [*_level_lines(up, percent), *_bottom(across, along, whole=True)]
    for x, word in marks.items():
        parts.append(tag("line", "mark", x1=across(x), x2=across(x), y1=TOP, y2=HEIGHT - BOTTOM))
        parts.append(text(word[:LONGEST], across(x) + 4, TOP + 8, "quiet"))
    for line in lines:
        parts += _line(line, across, up, along, percent)
    return svg(title, parts)


def _widened(low: float, high: float, percent: bool) -> tuple[float, float]:
    room = 0.05 * (high - low) or 0.05 * (abs(high) or 1)
    low, high = low - room, high + room
    return (max(0.0, low), min(1.0, high)) if percent else (max(0.0, low), high)


def _line(line: Line, across: Scale, up: Scale, along: str, percent: bool) -> Iterable[Markup]:
    runs: list[list[str]] = [[]]
    for x, y in line.points:
        if math.isfinite(y):
            runs[-1].append(f"{across(x)},{up(y)}")
        elif runs[-1]:
            runs.append([])
    if not line.dots:
        yield from (tag("polyline", f"line {line.look}", points=" ".join(run)) for run in runs if run)
    for x, y in line.points:
        if math.isfinite(y):
            words = f"{line.name}, {along} {x:g}: {number_words(y, percent, exact=True)}"
            radius = 2.6 if line.dots else 7
            kind = f"dot {line.look}" if line.dots else "touch"
            yield tag("circle", kind, Markup("<title>{}</title>").format(words), cx=across(x), cy=up(y), r=radius)
            if x == line.ring:
                yield tag("circle", f"ring {line.look}", cx=across(x), cy=up(y), r=6)


def reliability_chart(curves: Mapping[str, Sequence[Bin]], title: str, along: str) -> Markup:
    """Returns how often predictions of a probability are right, with 95 % intervals; the diagonal is as often as
    they say.
    """
    across, up = Scale(0, 1, LEFT, WIDTH - RIGHT), Scale(0, 1, HEIGHT - BOTTOM, TOP)
    parts = [*_level_lines(up, percent=True), *_bottom(across, along, whole=False)]
    parts.append(tag("line", "mark", x1=across(0), y1=up(0), x2=across(1), y2=up(1)))
    for number, (name, bins) in enumerate(curves.items()):
        for one in bins:
            if one.n:
                parts += _bin(name, one, across, up, number)
    return svg(title, parts)


def _bin(name: str, one: Bin, across: Scale, up: Scale, number: int) -> Iterable[Markup]:
    low, high = wilson(one.accuracy * one.n, one.n)
    x, look = across(one.confidence), f"s{number + 1}"
    words = f"{name}: {one.n:,} at {one.confidence:.1%}, {one.accuracy:.1%} right ({low:.1%} to {high:.1%})"
    told = Markup("<title>{}</title>").format(words)
    yield tag("line", f"line {look}", x1=x, x2=x, y1=up(low), y2=up(high))
    if number % 2:
        yield tag("rect", f"dot {look}", told, x=x - 4, y=up(one.accuracy) - 4, width=8, height=8)
    else:
        yield tag("circle", f"dot {look}", told, cx=x, cy=up(one.accuracy), r=4.5)


def bar_chart(rows: Sequence[tuple[str, Sequence[tuple[str, int]]]], title: str, words: Sequence[str]) -> Markup:
    """Returns a bar for each named row, of parts with one of the words and a count each, from dark to light."""
    longest = max((sum(count for _, count in parts) for _, parts in rows), default=0)
    if not longest:
        return Markup("")
    left, step = 120.0, 22.0
    across = Scale(0, longest, left, WIDTH - 64)
    looks = {word: place + 1 for place, word in enumerate(words)}
    parts: list[Markup] = []
    for place, (name, some) in enumerate(rows):
        y, gone = place * step + 4, 0
        parts.append(text(short(name), left - 8, y + 12, "end", name))
        for word, count in some:
            told = Markup("<title>{}</title>").format(f"{name}, {word}: {count:,}")
            width = round(across(gone + count) - across(gone), 2)
            parts.append(tag("rect", f"bar b{looks[word]}", told, x=across(gone), y=y, width=width, height=step - 6))
            gone += count
        parts.append(text(f"{gone:,}", across(gone) + 6, y + 12, "quiet"))
    return svg(title, parts, height=len(rows) * step + 8)


def confusion_chart(confusion: Sequence[Sequence[int]], classes: Sequence[str], title: str) -> Markup:
    """Returns the matrix, a row for each true class, a cell the darker the larger its share of the row; "" for too many
    classes.
    """
    count = len(classes)
    if not 0 < count <= MOST_CLASSES:
        return Markup("")
    left, top = 104.0, 26.0
    width = NARROW if count <= FEW else WIDTH
    side = min(90.0, (width - left - 8) / count)
    height = min(side, 56.0)
    parts = [text("said", left, 12, "quiet")]
    for place, name in enumerate(classes):
        head = short(name, max(2, int(side / 7.5)))
        parts.append(text(head, left + (place + 0.5) * side, top - 2, "middle", name))
        parts.append(text(short(name), left - 8, top + (place + 0.5) * height + 8, "end", name))
    for row, counts in enumerate(confusion):
        for column, number in enumerate(counts):
            share = number / (sum(counts) or 1)
            words = f"{number:,} of {classes[row]} were called {classes[column]} ({share:.1%})"
            shade, kind = round(share * SHADES), "right" if row == column else "wrong"
            x, y = left + column * side, top + 4 + row * height
            told = Markup("<title>{}</title>").format(words)
            cell = {"x": x, "y": y, "width": side - 2, "height": height - 2}
            parts.append(tag("rect", f"cell {kind} h{shade if number else 0}", told, **cell))
            strong = " strong" if shade > SHADES / 2 else ""
            if number:
                parts.append(text(f"{number:,}", x + side / 2, y + height / 2 + 4, f"middle count{strong}"))
    return svg(title, parts, width, top + count * height + 10)


def scatter_chart(points: Sequence[tuple[int, int]], title: str, along: str) -> Markup:
    """Returns a dot for each pair of numbers, such as widths and heights, both axes from 0."""
    if not points:
        return Markup("")
    across = Scale(0, 1.05 * max(x for x, _ in points), LEFT, WIDTH - RIGHT)
    up = Scale(0, 1.05 * max(y for _, y in points), HEIGHT - BOTTOM, TOP)
    parts = [*_level_lines(up, percent=False), *_bottom(across, along, whole=True)]
    parts += [tag("circle", "place", cx=across(x), cy=up(y), r=3) for x, y in points]
    return svg(title, parts)


def interval_chart(rows: Sequence[tuple[str, float, float, float, str]], title: str) -> Markup:
    """Returns, for rows of (name, low, value, high, look) in shares, points with their intervals over one axis."""
    low = max(0.0, min(row[1] for row in rows) - 0.03)
    high = min(1.0, max(row[3] for row in rows) + 0.03)
    left, step = 112.0, 26.0
    across = Scale(low, high, left, NARROW - RIGHT)
    bottom = len(rows) * step + 6
    parts: list[Markup] = []
    for number in ticks(low, high, most=4):
        parts.append(tag("line", "grid", x1=across(number), x2=across(number), y1=2, y2=bottom))
        parts.append(text(number_words(number, percent=True), across(number), bottom + 16, "middle quiet"))
    for place, (name, least, value, most, look) in enumerate(rows):
        y = place * step + step / 2
        told = Markup("<title>{}</title>").format(f"{name}: {value:.1%} ({least:.1%} to {most:.1%})")
        parts.append(text(short(name), left - 8, y + 4, "end", name))
        parts.append(tag("line", f"line {look}", x1=across(least), x2=across(most), y1=y, y2=y))
        parts.append(tag("circle", f"dot {look}", told, cx=across(value), cy=y, r=5))
    return svg(title, parts, NARROW, bottom + 24)


def _level_lines(up: Scale, percent: bool) -> Iterable[Markup]:
    for number in ticks(up.low, up.high):
        yield tag("line", "grid", x1=LEFT, x2=WIDTH - RIGHT, y1=up(number), y2=up(number))
        yield text(number_words(number, percent), LEFT - 8, up(number) + 4, "end quiet")


def _bottom(across: Scale, along: str, *, whole: bool) -> Iterable[Markup]:
    for number in ticks(across.low, across.high, most=10):
        if not whole or number == int(number):
            words = f"{number:g}" if whole else number_words(number, percent=True)
            yield text(words, across(number), HEIGHT - BOTTOM + 16, "middle quiet")
    yield text(along, (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, "middle quiet")
