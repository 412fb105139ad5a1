"""A fixed number of views of each picture, as pictures of their own."""

import hashlib
import json
from functools import cached_property

import numpy as np

from kerasvgg.data.augmentation.augment import Augmentation
from kerasvgg.data.pictures.loading import Pictures


class MirrorPairs:
    """Twice as many as n pictures: number i is picture i as it is, number n + i the same from left to right."""

    copies = 2

    def __init__(self, pictures: Pictures) -> None:
        self.labels = np.concatenate([pictures.labels] * self.copies)
        self.shape, self.dtype = pictures.shape, pictures.dtype
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


VERSION = 1  # of what Augmentation makes of the same settings and seed


class AugmentedPictures:
    """`copies` views of each of n pictures: number c * n + i is view c of picture i.

    A view follows from the seed, c and the picture's content alone, not from its name or place.
    """

    def __init__(self, pictures: Pictures, augmentation: Augmentation, copies: int, seed: int) -> None:
        self.labels = np.concatenate([pictures.labels] * copies)
        self.shape, self.dtype = pictures.shape, np.dtype(np.float32)
        self._pictures, self._augmentation, self._copies, self._seed = pictures, augmentation, copies, seed

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The content's hash, and one of what was done to it."""
        settings = {name: float(v) if type(v) is int else v for name, v in self._augmentation.model_dump().items()}
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


def views(
    image: np.ndarray, augmentation: Augmentation, count: int, seed: int = 0, content: int | None = None
) -> np.ndarray:
    """Returns `count` views of a picture uint8 (height, width, 3), float32 0..255, as training would draw them.

    View i is copy i of the picture with this `content_number`, or (None, fresh views) what epoch i gives to the first
    picture of its order; the same seed, the same views in every engine.
    """
    seeds = [(seed, number, content or 0) for number in range(count)]
    transforms = augmentation.draw(image.shape[:2], seeds)
    return augmentation.apply(np.repeat(image[None], count, axis=0), transforms)
