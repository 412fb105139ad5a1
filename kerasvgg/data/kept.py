"""Decoded pictures that stay in memory."""

import numpy as np

from kerasvgg.data.pictures import FilePictures, Pictures

KEEP_BYTES = 1 << 30


def kept(pictures: Pictures) -> Pictures:
    """Returns pictures that are decoded only once, if 1 GiB holds these (8-bit); else, the same as they are."""
    if isinstance(pictures, FilePictures) and len(pictures) * np.prod(pictures.shape) <= KEEP_BYTES:
        return _Kept(pictures)
    return pictures


class _Kept:
    def __init__(self, pictures: FilePictures) -> None:
        self.labels, self.shape, self.dtype = pictures.labels, pictures.shape, pictures.dtype
        self._pictures = pictures
        self._images = np.empty((len(pictures), *pictures.shape), dtype=np.uint8)
        self._is_kept = np.zeros(len(pictures), dtype=bool)

    @property
    def keys(self) -> tuple[str, ...]:
        return self._pictures.keys

    def __len__(self) -> int:
        return len(self._images)

    def name(self, i: int) -> str:
        return self._pictures.name(i)

    def load(self, indices: np.ndarray) -> np.ndarray:
        missing = np.unique(indices[~self._is_kept[indices]])
        if missing.size:
            self._images[missing] = self._pictures.load(missing)
            self._is_kept[missing] = True
        return self._images[indices]
