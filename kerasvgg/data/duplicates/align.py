"""One thumbnail laid over another: how far must it be moved and stretched, and how alike are they then?"""

import numpy as np

FARTHEST = 0.13  # of the side that an edge may lie elsewhere
STEADY = 1e-3  # keeps a picture without edges from being moved anywhere


def align(first: np.ndarray, second: np.ndarray, start: np.ndarray, steps: int) -> np.ndarray:
    """Returns for each pair of pictures (n, side, side) how the second lies over the first: (n, 4).

    These are, along x and then along y, how far the edges move outwards and the middle moves, in sides. They are
    found from `start` in `steps` of Gauss and Newton, over brightness and contrast too.
    """
    count, side = first.shape[:2]
    found, place = start.copy(), np.linspace(-1, 1, side, dtype=np.float32)
    for _ in range(steps):
        across, down = _places(found[:, :2], side), _places(found[:, 2:], side)
        moved = lines(down) @ second @ lines(across).transpose(0, 2, 1)
        inside = (_inside(down, side)[:, :, None] & _inside(across, side)[:, None, :]).reshape(count, side * side, 1)
        slope_y, slope_x = np.gradient(moved, axis=(1, 2))
        columns = (slope_x * place, slope_x, slope_y * place[:, None], slope_y, moved, np.ones_like(moved))
        change = np.stack(columns, axis=-1).reshape(count, side * side, len(columns)) * inside
        left = (first - moved).reshape(inside.shape) * inside
        found += _solve(change, left)[:, :4] / side
        np.clip(found, -FARTHEST, FARTHEST, out=found)
    return found


def common(first: np.ndarray, second: np.ndarray, found: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns of each pair what both of them show, stretched to a whole picture."""
    side = first.shape[1]
    (x, other_x), (y, other_y) = _box(found[:, :2], side), _box(found[:, 2:], side)
    return (
        lines(y) @ first @ lines(x).transpose(0, 2, 1),
        lines(other_y) @ second @ lines(other_x).transpose(0, 2, 1),
    )


def lines(at: np.ndarray) -> np.ndarray:
    """Returns matrices (n, side, side) that take places (n, side) on a line of pixels, linearly between two of them."""
    side = at.shape[1]
    pixels = np.arange(side, dtype=np.float32)
    weights: np.ndarray = np.maximum(0, 1 - np.abs(np.clip(at, 0, side - 1)[..., None] - pixels))
    return weights


def _places(found: np.ndarray, side: int) -> np.ndarray:
    """Returns where on the second picture's axis the first's pixels lie: (n, side)."""
    pixels, place = np.arange(side, dtype=np.float32), np.linspace(-1, 1, side, dtype=np.float32)
    places: np.ndarray = pixels + side * (found[:, :1] * place + found[:, 1:])
    return places


def _inside(at: np.ndarray, side: int) -> np.ndarray:
    return (at > -0.5) & (at < side - 0.5)


def _solve(change: np.ndarray, left: np.ndarray) -> np.ndarray:
    transposed = change.transpose(0, 2, 1)
    normal = transposed @ change
    size = normal.shape[1]
    weight = STEADY * (np.trace(normal, axis1=1, axis2=2) / size + 1)
    normal += weight[:, None, None] * np.eye(size, dtype=np.float32)
    return np.linalg.solve(normal, transposed @ left)[..., 0]


def _box(found: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns where along an axis the part lies that both pictures have, on the first and on the second: (n, side)."""
    at = _places(found, side)
    start, stretch = at[:, :1], (at[:, -1:] - at[:, :1]) / (side - 1)
    low = np.maximum(0, -start / stretch)
    high = np.minimum(side - 1, (side - 1 - start) / stretch)
    first = low + (high - low) * np.linspace(0, 1, side, dtype=np.float32)
    return first, first * stretch + start
