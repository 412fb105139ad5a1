"""A figure that a source claims, and the experiment that tries it."""

from dataclasses import dataclass

from kerasvgg.evaluation.statistics import wilson


@dataclass(frozen=True)
class Figure:
    """An accuracy as published: `low` and `high` differ where the source gives a range; `n` pictures of `split`."""

    split: str
    low: float
    high: float
    n: int

    @property
    def interval(self) -> tuple[float, float]:
        """From the lower bound of the lowest figure's 95 % interval to the upper bound of the highest one's."""
        return wilson(round(self.low * self.n), self.n)[0], wilson(round(self.high * self.n), self.n)[1]

    def verdict(self, accuracy: float) -> str:
        """Returns below, within or above: where an accuracy lies beside the interval."""
        low, high = self.interval
        return "below" if accuracy < low else "above" if accuracy > high else "within"


@dataclass(frozen=True)
class Claim:
    """`name` is its place below runs/reproduce, `says` where the figures stand, `note` what one should know of it.

    The experiment is a file below experiments/ with one of its variants and settings that differ; None: it can't be
    run, and the note says why.
    """

    name: str
    what: str
    says: str
    figures: tuple[Figure, ...]
    experiment: str | None = None
    variant: str = ""
    overrides: tuple[str, ...] = ()
    note: str = ""

    @property
    def command(self) -> str:
        """What a person would type for one seed."""
        variant = f" --variant {self.variant}" if self.variant else ""
        return " ".join([f"kerasvgg run experiments/{self.experiment}{variant}", *self.overrides])
