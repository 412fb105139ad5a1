"""Pictures together with their mirror images."""

from functools import cached_property

import numpy as np

from kerasvgg.data.pictures import Pictures


class MirrorPairs:
    """Twice as many as n pictures: number i is picture i as it is, number n + i the same from left to right."""

    copies = 2

    def __init__(self, pictures: Pictures) -> None:
        self.labels, self.shape, self.dtype = np.tile(pictures.labels, self.copies), pictures.shape, pictures.dtype
        self._pictures = pictures

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """A picture's own key, so that its features are those of the picture alone, and one for its mirror image."""
        return (*self._pictures.keys, *(f"{key}.mirrored" for key in self._pictures.keys))

    def name(self, i: int) -> str:
        """Returns the picture's own name, and says of a mirror image that it is one."""
        copy, place = divmod(i, len(self._pictures))
        return self._pictures.name(place) + " (mirrored)" * copy

    def load(self, indices: np.ndarray) -> np.ndarray:
        """Returns (n, height, width, channels) in the pictures' own dtype."""
        copies, places = np.divmod(indices, len(self._pictures))
        images = self._pictures.load(places)
        return np.where((copies == 1)[:, None, None, None], images[:, :, ::-1], images)
