"""One stretch of training."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Phase:
    """Which layers train (name patterns), for how many epochs, and how.

    Without `steps_per_epoch` an epoch passes once over the training pictures, without `validation_steps` validation
    passes once over its own.
    """

    layers: tuple[str, ...]
    epochs: int
    learning_rate: float
    optimizer: str = "rmsprop"
    steps_per_epoch: int | None = None
    validation_steps: int | None = None

    @property
    def name(self) -> str:
        """The patterns in one word, as the history shows them."""
        return "+".join("all" if pattern == "*" else pattern for pattern in self.layers)
