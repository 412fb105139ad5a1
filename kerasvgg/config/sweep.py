"""What a sweep's file may say: which settings of an experiment are tried, from where to where, and how often."""

from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from kerasvgg.settings import Count, Positive, Section, Text

Choice = bool | int | float | Text | None
Metric = Literal["val_accuracy", "val_loss"]


class Range(Section):
    """Numbers from a lowest to a highest; whole ones, if both are."""

    low: int | float = Field(description="The lowest number that is tried.")
    high: int | float = Field(description="The highest number that is tried.")
    log: bool = Field(default=False, description="Try each order of magnitude as often as the others.")
    step: int | Positive | None = Field(
        default=None, description="Try only the lowest number and those that are so many steps above; null: any."
    )

    @model_validator(mode="after")
    def _goes_up(self) -> Self:
        if self.low >= self.high:
            raise ValueError("must have a `high` above `low`")
        if self.log and (self.low <= 0 or self.step is not None):
            raise ValueError("must have a `low` above 0 and no `step` where it is `log`")
        if self.step is not None and (self.step <= 0 or (self.is_whole and isinstance(self.step, float))):
            raise ValueError("must have a `step` above 0, whole where the numbers are")
        return self

    @property
    def is_whole(self) -> bool:
        """Tells whether only whole numbers are tried."""
        return isinstance(self.low, int) and isinstance(self.high, int)


def _kind(values: Any) -> str:
    return "range" if isinstance(values, dict | Range) else "list"


List = Annotated[tuple[Choice, ...], Field(strict=False, min_length=2)]
Values = Annotated[Annotated[Range, Tag("range")] | Annotated[List, Tag("list")], Discriminator(_kind)]


class Sweep(Section):
    """A search for an experiment's settings, judged by validation alone."""

    experiment: Text = Field(
        description="A shipped experiment's name, or the path of a YAML file, from this file's folder."
    )
    variant: Text | None = Field(default=None, description="The variant of it; null: the one that it has.")
    settings: tuple[Text, ...] = Field(
        default=(), strict=False, description="What is set otherwise in all trials, as data.batch_size=64."
    )
    space: dict[Text, Values] = Field(
        min_length=1,
        description="The settings that are searched, as train.0.learning_rate: a range, or a list of values.",
    )
    trials: Count = Field(default=30, le=10_000, description="How many trainings there are, those that fail included.")
    seed: int = Field(default=0, ge=0, le=2**32 - 1, description="Where the draws come from.")
    sampler: Literal["tpe", "random"] = Field(
        default="tpe",
        description="How settings are drawn: tpe near the better ones so far (tree-structured Parzen estimator), or "
        "random.",
    )
    pruning: bool = Field(
        default=True,
        description="End a training after an epoch in which it is worse than half of those before it were at that "
        "epoch.",
    )
    metric: Metric = Field(default="val_accuracy", description="What of the epoch that is kept decides.")
    minutes: Positive | None = Field(
        default=None, description="After how many minutes no other training begins; null: no limit."
    )
