"""One stretch of training."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from kerasvgg.data.pipeline import Windows
from kerasvgg.errors import ConfigError
from kerasvgg.training.schedule import EarlyStopping, ReduceLearningRate

RULES: dict[str, Any] = {
    "windows": Windows,
    "early_stopping": EarlyStopping,
    "reduce_learning_rate": ReduceLearningRate,
}
LOSSES = ("mean", "sum")
CLASS_WEIGHTS = (None, "balanced")


@dataclass(frozen=True)
class Phase:
    """Which layers train (name patterns), for how many epochs at most, and how.

    Without `steps_per_epoch` an epoch passes once over the training pictures, without `validation_steps` validation
    passes once over its own. `loss` is the mean or the sum of a batch's cross entropies. With `windows` the batches are
    random runs of consecutive pictures. `class_weight` "balanced" gives every class the same say in the loss.
    """

    layers: tuple[str, ...]
    epochs: int
    learning_rate: float
    optimizer: str = "rmsprop"
    loss: str = "mean"
    windows: Windows | None = None
    class_weight: str | None = None
    steps_per_epoch: int | None = None
    validation_steps: int | None = None
    early_stopping: EarlyStopping | None = None
    reduce_learning_rate: ReduceLearningRate | None = None

    def __post_init__(self) -> None:
        if self.loss not in LOSSES:
            raise ConfigError(f"`loss` must be one of {', '.join(LOSSES)}, received {self.loss!r}")
        if self.class_weight not in CLASS_WEIGHTS:
            raise ConfigError(f"`class_weight` must be balanced or None, received {self.class_weight!r}")
        if self.windows and not self.steps_per_epoch:
            raise ConfigError("`windows` must go together with `steps_per_epoch`, because they have no natural end")

    def largest_batch(self, batch_size: int) -> int:
        """Returns how many pictures a batch of this phase has at most."""
        return self.windows.most if self.windows else batch_size

    @classmethod
    def of(cls, **settings: Any) -> "Phase":
        """Returns the phase of these settings, the rules as mappings of their arguments.

        Raises ConfigError for arguments that a rule does not have.
        """
        rules = {name: _rule(name, settings.get(name)) for name in RULES}
        return cls(**{**settings, **rules})

    @property
    def name(self) -> str:
        """The patterns in one word, as the history shows them."""
        return "+".join("all" if pattern == "*" else pattern for pattern in self.layers)


def check_windows(phases: Sequence[Phase], pictures: int) -> None:
    """Raises DataError for windows that may need more training pictures than there are."""
    for phase in phases:
        if phase.windows:
            phase.windows.check(pictures)


def _rule(name: str, arguments: Mapping[str, Any] | None) -> Any:
    if arguments is None:
        return None
    try:
        return RULES[name](**arguments)
    except TypeError as error:
        allowed = ", ".join(field.name for field in fields(RULES[name]))
        raise ConfigError(f"`{name}` must have arguments among {allowed}; received {dict(arguments)!r}") from error
