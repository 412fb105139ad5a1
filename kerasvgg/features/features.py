"""Features instead of pictures: computed where the store has none, with the pictures' own labels and keys."""

import random
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from kerasvgg.data.pictures.loading import Pictures
from kerasvgg.errors import DataError
from kerasvgg.features.store import Store
from kerasvgg.models.forward import BATCH
from kerasvgg.process.progress import track

Batches = Iterator[Sequence[int]]
Computed = Iterator[tuple[np.ndarray, np.ndarray]]  # places among the pictures, and their rows
Compute = Callable[[Batches], Computed]


class Features:
    """The rows of a store for some pictures, in their order; those that are not there yet are computed first.

    `compute` takes batches of places among the pictures and yields each with its rows. What another process has
    written meanwhile is not computed again; each process takes the batches in an order of its own, so that two runs
    at a time share the work.
    """

    def __init__(self, pictures: Pictures, store: Store, compute: Compute, label: str) -> None:
        self.labels, self.keys, self.shape, self.dtype = pictures.labels, pictures.keys, store.shape, store.dtype
        self._pictures, self._store, self._compute = pictures, store, compute
        place = {key: i for i, key in enumerate(self.keys)}
        missing = [place[key] for key in store.missing(self.keys)]
        self.computed = len(missing)
        batches = [missing[i : i + BATCH] for i in range(0, len(missing), BATCH)]
        random.SystemRandom().shuffle(batches)
        if batches:
            store.require_room(len(missing))
            self._add(track(batches, label, len(batches)))

    def __len__(self) -> int:
        return len(self.keys)

    def name(self, i: int) -> str:
        """Returns the picture's name."""
        return self._pictures.name(i)

    def load(self, indices: np.ndarray) -> np.ndarray:
        """Returns the asked rows, (n, ...) in the store's dtype. Raises BadFileError for a picture gone bad."""
        keys = [self.keys[i] for i in indices]
        rows = self._store.read(keys)
        lost = [int(i) for i, row in zip(indices, rows, strict=True) if row is None]
        if lost:  # the cache was cleared or damaged meanwhile
            self._add(iter([lost]))
            rows = self._store.read(keys)
        for i in (i for i, row in zip(indices, rows, strict=True) if row is None):
            self._pictures.load(np.array([i]))  # says itself what is wrong with the picture
            raise DataError(f"`{self._store.path}` does not keep what is written to it; `kerasvgg cache verify` it")
        return np.stack(rows)  # type: ignore[arg-type]

    def _add(self, batches: Batches) -> None:
        still_missing = (self._still_missing(batch) for batch in batches)
        for places, rows in self._compute(batch for batch in still_missing if batch):
            self._store.write([self.keys[i] for i in places], rows)

    def _still_missing(self, places: Sequence[int]) -> list[int]:
        missing = set(self._store.missing([self.keys[i] for i in places]))
        return [i for i in places if self.keys[i] in missing]
