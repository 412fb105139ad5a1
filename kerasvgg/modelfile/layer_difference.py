"""How one layer differs between two files."""

from dataclasses import dataclass

SAME, CHANGED, SHAPE, SETTINGS, CLASS, ONLY_FIRST, ONLY_SECOND = WHAT = (
    "same",
    "weights",
    "shape",
    "settings",
    "class",
    "only in the first",
    "only in the second",
)


@dataclass(frozen=True)
class LayerDifference:
    """`what` is one of WHAT, `detail` says both sides of what is not a matter of weights.

    `largest` is the greatest change of a weight; `relative` is that of the layer, the norm of all changes over the norm
    of the first's weights.
    """

    name: str
    what: str
    detail: str = ""
    largest: float = 0.0
    relative: float = 0.0
