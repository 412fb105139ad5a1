"""What is learnt in place of labels: the probabilities that another model gives (knowledge distillation).

Source: Hinton, Vinyals and Dean, Distilling the Knowledge in a Neural Network (2015). That teacher and student see the
same views, and many of them: Beyer et al., Knowledge distillation: A good teacher is patient and consistent (2022).
"""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from kerasvgg.data.pictures.loading import Pictures

View = Callable[[Pictures], Pictures]  # makes of n pictures the views in which they are shown, of any size


class Teacher(Protocol):
    """A model that is learnt from."""

    @property
    def about(self) -> dict[str, Any]:
        """What its answers follow from, as JSON has it."""
        ...

    def probabilities(self, view: View) -> np.ndarray:
        """Returns float32 (views, classes): what it makes of the views of the training pictures, as it sees them."""
        ...


class Relabelled:
    """Pictures with other labels, one row each."""

    def __init__(self, pictures: Pictures, labels: np.ndarray) -> None:
        self.labels, self.shape, self.dtype = labels, pictures.shape, pictures.dtype
        self._pictures = pictures

    @classmethod
    def one_hot(cls, pictures: Pictures, classes: int) -> "Relabelled":
        """Takes pictures with class numbers, whose rows have one 1 in so many places."""
        return cls(pictures, np.eye(classes, dtype=np.float32)[pictures.labels])

    @property
    def keys(self) -> tuple[str, ...]:
        """The pictures' own."""
        return self._pictures.keys

    def __len__(self) -> int:
        return len(self._pictures)

    def name(self, i: int) -> str:
        """Returns what a person knows the picture by."""
        return self._pictures.name(i)

    def load(self, indices: np.ndarray) -> np.ndarray:
        """Returns the asked ones."""
        return self._pictures.load(indices)
