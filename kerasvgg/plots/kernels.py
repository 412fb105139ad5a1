"""A first convolution's kernels as tiles of colour."""

from pathlib import Path

import numpy as np

from kerasvgg.plots.tiles import draw_tiles


def draw_kernels(
    kernels: np.ndarray, path: Path, *, title: str = "", about: str = "", common_scale: bool = False, dark: bool = False
) -> None:
    """Draws kernels (filters, height, width, channels), red first: 0 is gray, weights above it are lighter.

    Each is on its own scale, so that its pattern is seen, or all are on that of the largest weight.
    """
    axes = None if common_scale else (1, 2, 3)
    largest = np.abs(kernels).max(axis=axes, keepdims=True)
    colours = np.broadcast_to(0.5 + kernels / (2 * np.maximum(largest, 1e-12)), (*kernels.shape[:3], 3))
    count, height, width = kernels.shape[:3]
    scale = "one scale for all" if common_scale else "each on its own scale"
    words = f"{count} kernels of {height} x {width}: gray is 0; {scale}"
    subtitle = ": ".join(filter(None, (about, words)))
    draw_tiles(list(colours), list(map(str, range(count))), path, title=title, subtitle=subtitle, tile=0.8, dark=dark)
