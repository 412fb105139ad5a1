"""The settings of a training, and of each of its rounds: layers, epochs, optimizer and rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from kerasvgg.data.augmentation.augment import Augmentation
from kerasvgg.data.windows import Windows
from kerasvgg.evaluation.epochs import Keep
from kerasvgg.settings import Batches, Count, Positive, Section, Text, as_tuple
from kerasvgg.training.precision import Precision
from kerasvgg.training.schedule import EarlyStopping, ReduceLearningRate

if TYPE_CHECKING:
    from kerasvgg.training.teaching import Teacher

Patterns = Annotated[
    tuple[Text, ...],
    Field(strict=False, min_length=1),
    BeforeValidator(as_tuple, json_schema_input_type=Text | Annotated[tuple[Text, ...], Field(min_length=1)]),
]


class Phase(Section):
    """One round of training: which layers train, for how many epochs at most, and how."""

    layers: Patterns = Field(
        default=("*",),
        description="Which layers train, as name patterns: block5 means block5_*, head the head; *: all.",
    )
    epochs: Count = Field(description="How often to go through the training pictures.")
    optimizer: Literal["rmsprop", "adam", "sgd"] = Field(default="rmsprop", description="The optimizer.")
    learning_rate: Positive = Field(description="The optimizer's step size.")
    layer_decay: Annotated[float, Field(gt=0, le=1)] = Field(
        default=1.0,
        description="Lower rates for deeper layers: the last with weights trains at learning_rate, each before it at "
        "so many times the rate of the next; 1: all alike.",
    )
    weight_decay: Annotated[float, Field(ge=0)] = Field(
        default=0.0,
        description="What is taken off kernels in a step, as a share of it times learning_rate; adam is AdamW then.",
    )
    loss: Literal["mean", "sum"] = Field(
        default="mean", description="How the cross entropies of a batch's pictures become its loss."
    )
    windows: Windows | None = Field(
        default=None,
        description="Batches as random runs of consecutive pictures, instead of shuffled ones; needs steps_per_epoch.",
    )
    class_weight: Literal["balanced"] | None = Field(
        default=None,
        description="balanced: a picture counts in the loss by n / (classes x pictures of its class), so that a small "
        "class has as much say as a large one (where pictures have one class each); null: every picture counts alike.",
    )
    steps_per_epoch: Batches | None = Field(
        default=None, description="Batches per epoch; null: all the training pictures once."
    )
    validation_steps: Batches | None = Field(
        default=None, description="Validation batches per epoch; null: all the validation pictures once."
    )
    early_stopping: EarlyStopping | None = Field(
        default=None, description="When to end the round before its time; null: never."
    )
    reduce_learning_rate: ReduceLearningRate | None = Field(
        default=None, description="When to lower the learning rate; null: never."
    )

    @model_validator(mode="after")
    def _windows_are_counted(self) -> Self:
        if self.windows and not self.steps_per_epoch:
            raise ValueError("must say `steps_per_epoch` too, because `windows` have no natural end")
        return self

    def largest_batch(self, batch_size: int) -> int:
        """Returns how many pictures a batch of this phase has at most."""
        return self.windows.most if self.windows else batch_size

    @property
    def name(self) -> str:
        """The patterns in one word, as the history shows them."""
        return "+".join("all" if pattern == "*" else pattern for pattern in self.layers)


@dataclass(frozen=True, kw_only=True)
class TrainingSettings:
    """All that a training is told, whatever its pictures and its model.

    With `augmentation`, pictures are shown in `augment_copies` views that take turns, or (None) in a fresh one each
    time. `keep` "best" (by validation's accuracy) and "lowest_loss" start each later phase from that epoch and end with
    it, "last" goes on from the last one. `precision` is what layers that train compute with. `log_iterations` notes
    each batch. So many `workers` share each batch. Of a `teacher`, its probabilities are learnt in place of labels.
    `callbacks` and `optimizer` are a program's own.
    """

    phases: Sequence[Phase]
    batch_size: int
    seed: int
    augmentation: Augmentation | None = None
    augment_copies: int | None = None
    keep: Keep = "best"
    precision: Precision = "float32"
    stop_when_dead: bool = True
    log_iterations: bool = False
    workers: int = 1
    teacher: "Teacher | None" = None
    callbacks: Sequence[Any] = ()
    optimizer: Any = None

    @property
    def given(self) -> dict[str, Any]:
        """A program's own callbacks and optimizer in words, nothing where there are none."""
        own = {"optimizer": self.optimizer.get_config()} if self.optimizer is not None else {}
        return own | ({"callbacks": [type(one).__name__ for one in self.callbacks]} if self.callbacks else {})


def check_windows(phases: Sequence[Phase], pictures: int) -> None:
    """Raises DataError for windows that may need more training pictures than there are."""
    for phase in phases:
        if phase.windows:
            phase.windows.check(pictures)
