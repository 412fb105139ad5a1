"""ImageDataGenerator's transforms as matrices."""

from collections.abc import Mapping, Sequence
from math import cos, radians, sin
from typing import Any

import numpy as np


def matrices(transforms: Sequence[Mapping[str, Any]], height: int, width: int) -> np.ndarray:
    """Returns float64 (n, 2, 3): each makes an input pixel's x and y out of an output pixel's (x, y, 1).

    The transforms are those of ImageDataGenerator.get_random_transform: with rotation R, shift T, shear S and
    zoom Z, the output pixel at p shows the input at c + R T S Z (p - c), c being ImageDataGenerator's centre.
    """
    return np.array([_matrix(transform, height, width) for transform in transforms])


def linear_part(transform: Mapping[str, Any]) -> tuple[float, float, float, float]:
    """Returns rotation x shear x zoom as the matrix a, b, c, d: (x, y) becomes (ax + by, cx + dy)."""
    angle, shear = radians(transform.get("theta", 0)), radians(transform.get("shear", 0))
    zx, zy = transform.get("zx", 1), transform.get("zy", 1)
    return zx * cos(angle), -zy * sin(angle + shear), zx * sin(angle), zy * cos(angle + shear)


def _matrix(transform: Mapping[str, Any], height: int, width: int) -> tuple[tuple[float, ...], ...]:
    a, b, c, d = linear_part(transform)
    p, q, r, s = linear_part({"theta": transform.get("theta", 0)})
    tx, ty = transform.get("tx", 0), transform.get("ty", 0)
    x, y = (height - 1) / 2, (width - 1) / 2  # Keras measures x by the height and y by the width
    left, top = x - a * x - b * y + p * tx + q * ty, y - c * x - d * y + r * tx + s * ty
    if transform.get("flip_horizontal"):
        a, c, left, top = -a, -c, left + a * (width - 1), top + c * (width - 1)
    if transform.get("flip_vertical"):
        b, d, left, top = -b, -d, left + b * (height - 1), top + d * (height - 1)
    return (a, b, left), (c, d, top)
