"""A fixed number of augmented views of each picture, as pictures of their own."""

import hashlib
import json
from dataclasses import asdict
from functools import cached_property

import numpy as np

from kerasvgg.data.augment import Augmentation
from kerasvgg.data.pictures import Pictures

VERSION = 1  # of what Augmentation makes of the same settings and seed


class AugmentedPictures:
    """`copies` views of each of n pictures: number c * n + i is view c of picture i.

    A view follows from the seed, c and the picture's content alone, not from its name or place.
    """

    def __init__(self, pictures: Pictures, augmentation: Augmentation, copies: int, seed: int) -> None:
        self.labels, self.shape, self.dtype = np.tile(pictures.labels, copies), pictures.shape, np.dtype(np.float32)
        self._pictures, self._augmentation, self._copies, self._seed = pictures, augmentation, copies, seed

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The content's hash, and one of what was done to it."""
        settings = {name: float(v) if type(v) is int else v for name, v in asdict(self._augmentation).items()}
        done = [json.dumps([VERSION, settings, self._seed, copy]) for copy in range(self._copies)]
        suffixes = [hashlib.sha256(text.encode()).hexdigest()[:16] for text in done]
        return tuple(f"{key}.{suffix}" for suffix in suffixes for key in self._pictures.keys)

    def name(self, i: int) -> str:
        """Returns the picture's own name, and which view it is, from 1."""
        copy, place = divmod(i, len(self._pictures))
        return f"{self._pictures.name(place)} (view {copy + 1})"

    def load(self, indices: np.ndarray) -> np.ndarray:
        """Returns float32 (n, height, width, 3), 0..255."""
        copies, places = np.divmod(indices, len(self._pictures))
        images = self._pictures.load(places)
        contents = [content_number(self._pictures.keys[place]) for place in places]
        seeds = [(self._seed, int(copy), content) for copy, content in zip(copies, contents, strict=True)]
        return self._augmentation.apply(images, self._augmentation.draw(images.shape[1:3], seeds))


def content_number(key: str) -> int:
    """Returns what stands for a picture's content among the seeds: the beginning of its SHA-256."""
    return int(key[:16], 16)
