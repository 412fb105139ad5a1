"""Pictures that were taken for something else, the most confident mistakes first."""

from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

import numpy as np

from kerasvgg.evaluation.mistakes import worst_mistakes
from kerasvgg.evaluation.predictions import Prediction
from kerasvgg.plots.captioned import Captioned, draw_captioned

MOST = 24
Show = Callable[[str], np.ndarray | None]


def draw_mistakes(
    predictions: Sequence[Prediction], show: Show, path: Path, *, title: str = "", dark: bool = False
) -> bool:
    """Draws the worst mistakes with their names, true and predicted classes; tells whether there was one to draw.

    `show` returns the pixels of a prediction's path, uint8 (height, width, 3), or None.
    """
    wrong = worst_mistakes(predictions)
    if not wrong:
        return False
    shown = [Captioned(show(one.path), _lines(one)) for one in wrong[:MOST]]
    count = f"{len(wrong):,} of {len(predictions):,} pictures were taken for another class"
    more = "the most confident first" if len(wrong) <= MOST else f"these are the {MOST} most confident"
    draw_captioned(shown, path, title=title, subtitle=f"{count}; {more}", dark=dark)
    return True


def _lines(one: Prediction) -> tuple[str, ...]:
    said = f"said {one.predicted} {100 * max(one.probabilities):.1f}%"
    return said, f"is {one.true}", PurePosixPath(one.path).name
