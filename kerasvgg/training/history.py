"""The history of a training: a row per epoch and per batch, and the weights of the best epoch."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from kerasvgg.errors import ConfigError
from kerasvgg.evaluation.epochs import Keep, rank
from kerasvgg.process.progress import say
from kerasvgg.training.schedule import Row
from kerasvgg.training.state import State

BATCH_FIGURES = ("loss", "accuracy")


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
        figures = {name: float(logs[name]) for name in BATCH_FIGURES}
        self.rows.append({"phase": phase, "epoch": epoch, "iteration": len(self.rows) + 1, **figures})
        model.reset_metrics()

    def means(self) -> dict[str, float]:
        """Returns the epoch's loss and accuracy, each batch by its number of pictures, as Keras has them."""
        batches = list(zip(self._counts, self.rows[-len(self._counts) :], strict=True))
        total = sum(self._counts)
        return {name: sum(count * row[name] for count, row in batches) / total for name in BATCH_FIGURES}


FIGURES = ("loss", "accuracy", "val_loss", "val_accuracy")


class TrainingHistory:
    """The history of at most `epochs` epochs; `keep` says which is the best of them.

    `trained` is the part of the model that any phase trains: what is before it never changes. `iterations`, if they
    are asked for, are all batches.
    """

    def __init__(
        self, model: Any, trained: Any, epochs: int, iterations: Iterations | None = None, keep: Keep = "best"
    ) -> None:
        self.model, self.epochs, self.iterations, self.keep = model, epochs, iterations, keep
        self.rows: list[Row] = []
        self.best: Row = {}
        self.optimizer: Any = None
        self.phase_is_over = False
        self._starts: list[int] = []
        self._variables = list({id(v): v for layer in trained.layers for v in layer.variables}.values())
        self._best_weights: list[np.ndarray] = []

    def rows_of(self, phase: int) -> list[Row]:
        """Returns the epochs of the phase with this number, which may just begin."""
        if phase == len(self._starts):
            self._starts.append(len(self.rows))
        ends = [*self._starts[1:], len(self.rows)]
        return self.rows[self._starts[phase] : ends[phase]]

    @property
    def present_phase(self) -> int:
        """The number of the latest phase that has begun."""
        return len(self._starts) - 1

    def add(self, phase: str, learning_rate: float, logs: dict[str, float]) -> None:
        """Notes an epoch that has just ended."""
        figures = {name: float(logs[name]) for name in FIGURES}
        row = {"phase": phase, "epoch": len(self.rows) + 1, "learning_rate": learning_rate, **figures}
        self.rows.append(row)
        if not self.best or rank(row, self.keep) > rank(self.best, self.keep):
            self.best, self._best_weights = row, _values(self._variables)

    def restore_best(self) -> None:
        """Puts the weights of the best epoch back into the model."""
        _assign(self._variables, self._best_weights)

    @contextmanager
    def at_best(self) -> Iterator[Any]:
        """Yields the model with the weights of the best epoch, and puts the present ones back afterwards."""
        present = _values(self._variables)
        self.restore_best()
        try:
            yield self.model
        finally:
            _assign(self._variables, present)

    def state(self, **about: Any) -> State:
        """Returns all of it, to go on from in another process; `about` is the rest of what a state says."""
        return State(
            **about,
            rows=self.rows,
            starts=self._starts,
            best=self.best["epoch"],
            weights=_values(self._variables),
            best_weights=self._best_weights,
            optimizer=_values(self.optimizer.variables),
        )

    def restore(self, state: State) -> None:
        """Takes up what another process has left. Raises ConfigError for a state of other layers."""
        self.rows, self._starts = list(state.rows), list(state.starts)
        self.best, self._best_weights = self.rows[state.best - 1], state.best_weights
        _assign(self._variables, state.weights)


def restore_optimizer(optimizer: Any, variables: Sequence[Any], values: Sequence[np.ndarray]) -> None:
    """Gives an optimizer that is to train the variables what it had gathered."""
    optimizer.build(variables)
    _assign(optimizer.variables, values)


def say_epoch(history: TrainingHistory) -> None:
    """Writes the epoch that has just ended as one line of progress."""
    row = history.rows[-1]
    figures = ", ".join(f"{name} {row[name]:.4f}" for name in FIGURES)
    say(f"epoch {row['epoch']}/{history.epochs} ({row['phase']}): {figures}{' (best)' if history.best is row else ''}")


def _values(variables: Sequence[Any]) -> list[np.ndarray]:
    return [np.array(variable) for variable in variables]


def _assign(variables: Sequence[Any], values: Sequence[np.ndarray]) -> None:
    shapes, given = [tuple(variable.shape) for variable in variables], [value.shape for value in values]
    if shapes != given:
        raise ConfigError(f"the state must hold arrays of the shapes {shapes}, received {given}")
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
