"""Elements of SVG for a page with a strict policy: no style attributes, no scripts, colours by class names.

Whatever is said in an element is escaped.
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

from markupsafe import Markup, escape

WIDTH, HEIGHT = 560.0, 300.0
STEPS = (1, 2, 2.5, 5, 10)
LONGEST = 16  # letters of a class beside a chart


class Scale(NamedTuple):
    """From numbers between `low` and `high` to places between `start` and `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, number: float) -> float:
        """Returns where a number stands."""
        share = (number - self.low) / ((self.high - self.low) or 1)
        return round(self.start + share * (self.end - self.start), 2)


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Returns round numbers from the first at or above `low` to the last at or below `high`, at most so many."""
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        return [low] if math.isfinite(low) else []
    rough = (high - low) / most
    power = 10 ** math.floor(math.log10(rough))
    step = next(one * power for one in STEPS if one * power >= rough * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    return [number * step for number in range(first, math.floor(high / step + 1e-9) + 1)]


def number_words(number: float, percent: bool, exact: bool = False) -> str:
    """Returns a number, or a share in percent, as it stands beside an axis; `exact` as it stands in a tooltip."""
    if percent:
        return f"{100 * number:.1f} %" if exact else f"{100 * number:.4g} %"
    return f"{number:.4g}"


def short(name: str, most: int = LONGEST) -> str:
    """Returns a name cut to so many letters."""
    return name if len(name) <= most else f"{name[: most - 1]}\u2026"


def text(words: str, x: float, y: float, look: str, whole: str = "") -> Markup:
    """Returns words at a place; where they are cut, a tooltip has them whole."""
    told = Markup("<title>{}</title>").format(whole) if whole and whole != words else Markup("")
    return tag("text", look, told + escape(words), x=round(x, 2), y=round(y, 2))


def tag(kind: str, look: str, inner: str | Markup = "", **attributes: str | float) -> Markup:
    """Returns an element; `look` are its classes in the style sheet."""
    said = Markup("").join(Markup(' {}="{}"').format(name, value) for name, value in attributes.items())
    return Markup('<{0} class="{1}"{2}>{3}</{0}>').format(Markup(kind), look, said, inner)


def svg(title: str, parts: Iterable[Markup], width: float = WIDTH, height: float = HEIGHT) -> Markup:
    """Returns a picture of these parts, whose `title` a screen reader says."""
    head = Markup('<svg class="chart" viewBox="0 0 {:g} {:g}" role="img" aria-label="{}">')
    return head.format(width, height, title) + Markup("").join(parts) + Markup("</svg>")
