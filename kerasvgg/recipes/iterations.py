"""Loss and accuracy of every training batch by itself, where Keras tells only the mean since the epoch began."""

from typing import Any

from kerasvgg.recipes.schedule import Row

FIGURES = ("loss", "accuracy")


class Iterations:
    """The batches of a training, one row each: phase, epoch, iteration (both from 1), loss and accuracy.

    `loss` is the mean or the sum over the batch, as the phase has it, in nats.
    """

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self._counts: list[float] = []

    def begin_epoch(self) -> None:
        """Forgets the weights of the epoch before."""
        self._counts = []

    def add(self, phase: str, epoch: int, model: Any, logs: dict[str, float]) -> None:
        """Notes the batch that has just ended, and has the model begin its means anew."""
        self._counts.append(float(model.metrics[0].count))
        figures = {name: float(logs[name]) for name in FIGURES}
        self.rows.append({"phase": phase, "epoch": epoch, "iteration": len(self.rows) + 1, **figures})
        model.reset_metrics()

    def means(self) -> dict[str, float]:
        """Returns the epoch's loss and accuracy, each batch by its number of pictures, as Keras has them."""
        batches = list(zip(self._counts, self.rows[-len(self._counts) :], strict=True))
        total = sum(self._counts)
        return {name: sum(count * row[name] for count, row in batches) / total for name in FIGURES}
