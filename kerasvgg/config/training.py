"""What an experiment file may say of training."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from kerasvgg.config.section import Count, Fraction, Positive, Section, Text, as_tuple

Patterns = Annotated[
    tuple[Text, ...],
    Field(strict=False, min_length=1),
    BeforeValidator(as_tuple, json_schema_input_type=Text | Annotated[tuple[Text, ...], Field(min_length=1)]),
]
Monitor = Annotated[
    Literal["val_loss", "val_accuracy", "loss", "accuracy"], Field(description="The column of the history to look at.")
]
Patience = Annotated[Count, Field(description="Epochs without a gain that are waited for.")]


class EarlyStopping(Section):
    """Ends a round before its time."""

    patience: Patience
    monitor: Monitor = "val_loss"
    min_delta: float = Field(default=0.0, ge=0, description="A change must be larger than this to be a gain.")


class ReduceLearningRate(Section):
    """Lowers the learning rate when a round gains nothing any more."""

    patience: Patience
    factor: Fraction = Field(default=0.1, description="What the learning rate is multiplied by.")
    monitor: Monitor = "val_loss"
    min_delta: float = Field(default=1e-4, ge=0, description="A change must be larger than this to be a gain.")
    minimum: float = Field(default=0.0, ge=0, description="The learning rate falls no lower than this.")


class Windows(Section):
    """Batches that are random runs of consecutive training pictures, in one random order made before training."""

    least: Count = Field(description="A run has at least so many pictures.")
    most: Count = Field(description="A run has at most so many pictures.")
    last_start: Count = Field(description="A run begins at least so many pictures before the end.")

    @model_validator(mode="after")
    def _fit(self) -> Self:
        if not self.least <= self.most <= self.last_start:
            raise ValueError("must have `least` <= `most` <= `last_start`")
        return self


class Phase(Section):
    """One round of training."""

    layers: Patterns = Field(
        default=("*",),
        description="Which layers train, as name patterns: block5 means block5_*, head the head; *: all.",
    )
    epochs: Count = Field(description="How often to go through the training pictures.")
    optimizer: Literal["rmsprop", "adam", "sgd"] = Field(default="rmsprop", description="The optimizer.")
    learning_rate: Positive = Field(description="The optimizer's step size.")
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
        "class has as much say as a large one; null: every picture counts alike.",
    )
    steps_per_epoch: Count | None = Field(
        default=None, description="Batches per epoch; null: all the training pictures once."
    )
    validation_steps: Count | None = Field(
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
