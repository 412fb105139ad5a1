"""Rules by which a training that learns nothing is known from its epochs so far, and what to do about each."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kerasvgg.errors import KerasVGGError
from kerasvgg.evaluation.statistics import wilson
from kerasvgg.training.phase import Phase
from kerasvgg.training.schedule import Row

PATIENCE = 5  # epochs of one phase that show the same sign
FEWEST = 50  # pictures, of which a share says something
NEAR = 0.005  # of the loss of a guess, that a loss which is stuck lies within
GAIN = 0.001  # of the loss, that it falls by at least in that time if anything is learnt
SLOW = 0.02  # of the loss, that it falls by where learning has only not shown in accuracy yet
SURE = 4.0  # standard deviations


class DeadRunError(KerasVGGError):
    """Training was stopped because it learns nothing."""


@dataclass(frozen=True)
class DeadRunRules:
    """Looks for them; `train` and `validation` are the labels, `targets`."""

    train: np.ndarray
    validation: np.ndarray

    def why_dead(self, phase: Phase, rows: Sequence[Row]) -> str | None:
        """Returns what is wrong with a phase of these epochs, and what to try; None if nothing is."""
        recent = rows[-PATIENCE:]
        if len(recent) < PATIENCE:
            return None
        if self.train.ndim == 2:  # what else there is to see is of one class a picture
            return self._stuck(phase, recent)
        signs = (self._stuck(phase, recent), self._one_class(recent), self._below_chance(recent))
        return next(filter(None, signs), None)

    def _stuck(self, phase: Phase, rows: Sequence[Row]) -> str | None:
        """A network whose output does not depend on the picture has at best the entropy of the classes as its loss.

        With weight decay its penalty comes on top.
        """
        guess = math.log(len(self._shares)) if phase.class_weight else self._entropy
        losses = [row["loss"] for row in rows]
        if phase.loss == "sum" or min(losses) < (1 - NEAR) * guess or _falls(losses, GAIN):
            return None
        if self._learns(rows) or self._is_above_chance(rows):
            return None
        return (
            f"the loss has been {losses[-1]:.4f} for {len(rows)} epochs, {guess:.4f} would be that of a guess among "
            f"the classes, and no accuracy is above chance: nothing is learnt. Try another learning rate than "
            f"{phase.learning_rate:g} (`kerasvgg lr-find`), `model.batch_normalization: true` with `initialization: "
            "he_normal` for a network from scratch, or a pretrained base"
        )

    def _one_class(self, rows: Sequence[Row]) -> str | None:
        n = len(self.validation)
        if n < FEWEST or self._learns(rows) or _falls([row["loss"] for row in rows], SLOW):
            return None
        for place, count in enumerate(np.bincount(self.validation).tolist()):
            if all(round(row["val_accuracy"] * n) == count for row in rows):
                return (
                    f"for {len(rows)} epochs, {count:,} of {n:,} validation pictures have been right, as many as are "
                    f"of class number {place} (from 0): that one is predicted for everything, and the loss does not "
                    "fall. Try another learning rate (`kerasvgg lr-find`), `class_weight: balanced` if the classes "
                    "differ in size, and look whether the pictures look right (`kerasvgg show augmentations`)"
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
        n, most = len(self.train), _of_one_guess(self.train)
        return any(wilson(round(row["accuracy"] * n), n, SURE)[0] > most for row in rows)

    def _is_above_chance(self, rows: Sequence[Row]) -> bool:
        n, most = len(self.validation), _of_one_guess(self.validation)
        return any(wilson(round(row["val_accuracy"] * n), n, SURE)[0] > most for row in rows)

    @cached_property
    def _shares(self) -> list[float]:
        counts = np.bincount(self.train)
        shares: list[float] = (counts[counts > 0] / len(self.train)).tolist()
        return shares

    @cached_property
    def _entropy(self) -> float:
        if self.train.ndim == 2:
            shares = self.train.mean(axis=0)
            return float(np.mean([_entropy((share, 1 - share)) for share in shares.tolist()]))
        return _entropy(self._shares)


def _entropy(shares: Sequence[float]) -> float:
    return -sum(share * math.log(share) for share in shares if share)


def _of_one_guess(labels: np.ndarray) -> float:
    """Returns the accuracy of the best guess that is the same for every picture."""
    if labels.ndim == 2:
        shares = labels.mean(axis=0)
        return float(np.maximum(shares, 1 - shares).mean())
    return float(max(np.bincount(labels)) / len(labels))


def _falls(losses: Sequence[float], share: float) -> bool:
    return losses[0] - min(losses) >= share * losses[0]
