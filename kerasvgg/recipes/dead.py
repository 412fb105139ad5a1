"""Signs that a training learns nothing, and what to do about each: all from its epochs so far."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kerasvgg.errors import KerasVGGError
from kerasvgg.evaluation.intervals import wilson
from kerasvgg.recipes.phase import Phase
from kerasvgg.recipes.schedule import Row

PATIENCE = 5  # epochs of one phase that show the same sign
FEWEST = 50  # pictures, of which a share says something
NEAR = 0.005  # of the loss of a guess, that a loss which is stuck lies within
GAIN = 0.001  # of it, that a loss falls by at least in that time if anything is learnt
SURE = 4.0  # standard deviations


class DeadRunError(KerasVGGError):
    """Training was stopped because it learns nothing."""


@dataclass(frozen=True)
class Signs:
    """Looks for them; `train` and `validation` are the labels, class numbers."""

    train: np.ndarray
    validation: np.ndarray

    def why_dead(self, phase: Phase, rows: Sequence[Row]) -> str | None:
        """Returns what is wrong with a phase of these epochs, and what to try; None if nothing is."""
        recent = rows[-PATIENCE:]
        if len(recent) < PATIENCE:
            return None
        signs = (self._stuck(phase, recent), self._one_class(recent), self._below_chance(recent))
        return next(filter(None, signs), None)

    def _stuck(self, phase: Phase, rows: Sequence[Row]) -> str | None:
        """A network whose output does not depend on the picture has at best the entropy of the classes as its loss."""
        guess = math.log(len(self._shares)) if phase.class_weight else self._entropy
        losses = [row["loss"] for row in rows]
        flat = all(abs(loss - guess) < NEAR * guess for loss in losses) and losses[0] - min(losses) < GAIN * guess
        if phase.loss == "sum" or not flat or self._is_above_chance(rows):
            return None
        return (
            f"the loss has been {losses[-1]:.4f} for {len(rows)} epochs, and {guess:.4f} is that of a guess among the "
            f"classes: nothing is learnt. Try another learning rate than {phase.learning_rate:g} (`kerasvgg lr-find`), "
            "`model.batch_normalization: true` with `initialization: he_normal` for a network from scratch, or a "
            "pretrained base"
        )

    def _one_class(self, rows: Sequence[Row]) -> str | None:
        n = len(self.validation)
        for place, count in enumerate(np.bincount(self.validation).tolist()):
            if n >= FEWEST and all(round(row["val_accuracy"] * n) == count for row in rows) and not self._learns(rows):
                return (
                    f"for {len(rows)} epochs, {count} of {n} validation pictures have been right, which is how many of "
                    f"them are of class {place}: that one is predicted for everything. Try a lower learning rate, "
                    "`class_weight: balanced` if the classes differ in size, and look whether the pictures look right "
                    "(`kerasvgg show augmentations`)"
                )
        return None

    def _below_chance(self, rows: Sequence[Row]) -> str | None:
        n, chance = len(self.validation), 1 / len(self._shares)
        if not self._learns(rows) or any(wilson(round(row["val_accuracy"] * n), n, SURE)[1] >= chance for row in rows):
            return None
        return (
            f"for {len(rows)} epochs validation has been below chance ({rows[-1]['val_accuracy']:.1%} of {n}, chance "
            f"is {chance:.1%}) while training has not ({rows[-1]['accuracy']:.1%}): most likely the validation "
            "pictures have each other's labels. Look at both folders (`kerasvgg check`)"
        )

    def _learns(self, rows: Sequence[Row]) -> bool:
        """Tells whether training is above what the largest class alone gives."""
        n, most = len(self.train), max(self._shares)
        return any(wilson(round(row["accuracy"] * n), n, SURE)[0] > most for row in rows)

    def _is_above_chance(self, rows: Sequence[Row]) -> bool:
        n = len(self.validation)
        most = max(np.bincount(self.validation)) / n
        return any(wilson(round(row["val_accuracy"] * n), n, SURE)[0] > most for row in rows)

    @cached_property
    def _shares(self) -> list[float]:
        counts = np.bincount(self.train)
        return (counts[counts > 0] / len(self.train)).tolist()

    @cached_property
    def _entropy(self) -> float:
        return -sum(share * math.log(share) for share in self._shares)
