"""Pixels and features that stay in memory, and the range that pixels must have."""

import math

import numpy as np

from kerasvgg.data.pictures.loading import Pictures
from kerasvgg.data.pictures.sources import FilePictures
from kerasvgg.errors import DataError

KEEP_BYTES = 1 << 30
SLACK = 20  # levels that a sharp resampling may overshoot by
DARK = 10  # no picture is so dark that its brightest pixel is below it, but scaled ones are


def cache_pixels(pictures: Pictures) -> Pictures:
    """Returns pictures that are decoded only once, if 1 GiB holds these (8-bit); else, the same as they are."""
    return _kept(pictures, KEEP_BYTES) if isinstance(pictures, FilePictures) else pictures


def cache_features(features: Pictures) -> Pictures:
    """Returns features that are read from the disk only once, if 256 MiB hold these; else, the same as they are."""
    return _kept(features, KEEP_BYTES // 4)


def _kept(pictures: Pictures, most: int) -> Pictures:
    needed = len(pictures) * math.prod(pictures.shape) * pictures.dtype.itemsize
    return MemoryCache(pictures) if needed <= most else pictures


class MemoryCache:
    """Loads each picture, or its features, when it is first asked for."""

    def __init__(self, pictures: Pictures) -> None:
        self.labels, self.shape, self.dtype = pictures.labels, pictures.shape, pictures.dtype
        self._pictures = pictures
        self._images = np.empty((len(pictures), *pictures.shape), dtype=pictures.dtype)
        self._is_kept = np.zeros(len(pictures), dtype=bool)

    @property
    def keys(self) -> tuple[str, ...]:
        """The pictures' own."""
        return self._pictures.keys

    def __reduce__(self) -> tuple[type, tuple[Pictures]]:
        """In another process it is empty at first: what is kept is not sent."""
        return MemoryCache, (self._pictures,)

    def __len__(self) -> int:
        return len(self._images)

    def name(self, i: int) -> str:
        """Returns what a person knows the picture by."""
        return self._pictures.name(i)

    def load(self, indices: np.ndarray) -> np.ndarray:
        """Returns the asked ones, loading what was not asked for before."""
        missing = np.unique(indices[~self._is_kept[indices]])
        if missing.size:
            self._images[missing] = self._pictures.load(missing)
            self._is_kept[missing] = True
        images: np.ndarray = self._images[indices]
        return images


def check_pixel_range(low: float, high: float) -> None:
    """Raises DataError for a range of values that looks scaled or shifted, because the model does that itself.

    All zero is black, and passes.
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        reason = "some are not finite"
    elif low == high == 0:
        return
    elif high > 255 + SLACK or low < -SLACK:
        reason = "they look as if something was subtracted or multiplied, as by preprocess_input; leave that out"
    elif high > DARK:
        return
    elif low >= 0 and high <= 1:
        reason = "they look scaled to 0..1, as by x / 255; undo it with x * 255"
    elif low >= -1 and high <= 1:
        reason = "they look scaled to -1..1, as by x / 127.5 - 1; undo it with (x + 1) * 127.5"
    else:
        reason = "they look scaled or standardised, as by (x - mean) / deviation; leave that out"
    raise DataError(
        f"`images` must be pixels from 0 to 255, because the model does its own preprocessing; "
        f"received {low:.4g} to {high:.4g}: {reason}"
    )
