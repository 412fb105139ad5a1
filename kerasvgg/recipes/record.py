"""What training has come to: one row per epoch, and the weights of the best."""

from dataclasses import dataclass, field
from typing import Any

from kerasvgg.progress import say

Row = dict[str, Any]
FIGURES = ("loss", "accuracy", "val_loss", "val_accuracy")


@dataclass
class Record:
    """The history of `epochs` planned ones; the best is the highest validation accuracy, ties by the lower loss."""

    model: Any
    epochs: int
    rows: list[Row] = field(default_factory=list)
    best: Row = field(default_factory=dict)
    best_weights: list[Any] = field(default_factory=list)

    @property
    def done(self) -> bool:
        """Tells whether the last epoch is over."""
        return len(self.rows) == self.epochs

    def add(self, phase: str, logs: dict[str, float]) -> None:
        """Notes an epoch that has just ended."""
        row = {"phase": phase, "epoch": len(self.rows) + 1, **{name: float(logs[name]) for name in FIGURES}}
        self.rows.append(row)
        if not self.best or _rank(row) > _rank(self.best):
            self.best, self.best_weights = row, self.model.get_weights()

    def restore_best(self) -> None:
        """Puts the weights of the best epoch back into the model."""
        self.model.set_weights(self.best_weights)

    def best_model(self) -> Any:
        """Returns a copy of the model with the weights of the best epoch; the model itself may be in use meanwhile."""
        import keras

        best = keras.models.clone_model(self.model)
        best.set_weights(self.best_weights)
        return best


def say_epoch(record: Record) -> None:
    """Writes the epoch that has just ended as one line of progress."""
    row = record.rows[-1]
    figures = ", ".join(f"{name} {row[name]:.4f}" for name in FIGURES)
    say(f"epoch {row['epoch']}/{record.epochs} ({row['phase']}): {figures}{' (best)' if record.best is row else ''}")


def _rank(row: Row) -> tuple[float, float]:
    return row["val_accuracy"], -row["val_loss"]
