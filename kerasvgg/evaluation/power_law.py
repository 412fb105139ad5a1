"""What more training pictures would bring: a power law through the accuracies of fewer."""

from dataclasses import dataclass

import numpy as np

from kerasvgg.evaluation.folds import SHARED

FEWEST_SIZES, FEWEST_MISTAKES, FEWEST_GROUPS = 4, 10, 20
FAR = 3.0  # standard errors
EXPONENTS = np.geomspace(0.1, 2, 40)
RESAMPLED = 500
TIMES = (1, 2, 4)


@dataclass(frozen=True)
class Point:
    """The accuracy of pictures held out from trainings on `per_class` pictures a class, with its standard error."""

    per_class: float
    accuracy: float
    error: float


@dataclass(frozen=True)
class PowerLaw:
    """1 - accuracy = floor + factor * per_class ** -exponent; of several laws, arrays."""

    floor: float
    factor: float
    exponent: float

    def error(self, per_class: np.ndarray | float) -> np.ndarray:
        """Returns 1 - accuracy of trainings on so many pictures a class."""
        return np.asarray(self.floor + self.factor * np.asarray(per_class) ** -self.exponent)


@dataclass(frozen=True)
class Forecast:
    """What `times` as many pictures as there are would bring, with its 95 % interval."""

    times: int
    per_class: float
    accuracy: float
    low: float
    high: float


@dataclass(frozen=True)
class LearningCurve:
    """The points from the fewest pictures on, their law, and what it says of more.

    Where `doubt` says why the points support no law, there is none, and no forecast.
    """

    points: tuple[Point, ...]
    law: PowerLaw | None
    forecasts: tuple[Forecast, ...]
    doubt: str = ""


def extrapolated(
    per_class: np.ndarray, right: np.ndarray, groups: np.ndarray, now: float, seed: int = 0
) -> LearningCurve:
    """Returns the curve of trainings on `per_class` pictures a class (sizes,), and what more than `now` would bring.

    `right` (sizes, n) says how often each picture was right when it was held out, 0 to 1; `groups` are numbers (n,).
    The law is fitted by least squares, weighted by the standard errors, with floor and factor not below 0 and the
    exponent from 0.1 to 2. Errors and intervals are of a bootstrap of groups, of which fewer are drawn than there are,
    because folds share their training pictures (see `fold_accuracy`).
    """
    numbers, places = np.unique(groups, return_inverse=True)
    sums = np.stack([np.bincount(places, row) for row in (np.ones(len(groups)), *right)])  # (1 + sizes, groups)
    count = max(1, round(len(numbers) / SHARED))
    draw = np.random.default_rng(seed)
    drawn = draw.multinomial(count, np.full(len(numbers), 1 / len(numbers)), RESAMPLED) @ sums.T
    errors, resampled = 1 - right.mean(axis=1), 1 - drawn[:, 1:] / drawn[:, :1]
    spread = np.maximum(resampled.std(axis=0), 1 / len(groups))
    points = tuple(map(Point, per_class.tolist(), (1 - errors).tolist(), spread.tolist()))
    if doubt := _too_little(errors, resampled, len(groups), len(numbers)):
        return LearningCurve(points, None, (), doubt)
    law = PowerLaw(*_laws(per_class, errors[None], spread)[:, 0].tolist())
    off = float(np.abs((law.error(per_class) - errors) / spread).max())
    if off > FAR:
        return LearningCurve(points, None, (), f"a point is {off:.1f} standard errors off the nearest power law")
    others = PowerLaw(*_laws(per_class, resampled, spread))
    return LearningCurve(points, law, tuple(_forecast(law, others, times, times * now) for times in TIMES))


def _too_little(errors: np.ndarray, resampled: np.ndarray, pictures: int, groups: int) -> str:
    """Returns why the points tell of no curve, or nothing."""
    if len(errors) < FEWEST_SIZES:
        return f"there are pictures for {len(errors)} sizes; {FEWEST_SIZES} are needed"
    if groups < FEWEST_GROUPS:
        return f"there are {groups} groups; {FEWEST_GROUPS} are needed"
    mistakes = round(float(errors[-1] * pictures), 3)  # on average over the partitions
    if mistakes < FEWEST_MISTAKES:
        return f"there are {mistakes:.3g} mistakes in {pictures:,} pictures; {FEWEST_MISTAKES} are needed"
    if errors[0] - errors[-1] <= 2 * (resampled[:, 0] - resampled[:, -1]).std():
        return "from the fewest pictures to the most, accuracy rises by no more than chance"
    return ""


def _laws(per_class: np.ndarray, errors: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Returns floor, factor and exponent (3, rows) of the least weighted squares for each row of errors (rows, sizes).

    For each exponent, floor and factor are a straight line, solved in closed form; the best exponent is taken.
    """
    weights = spread**-2 / (spread**-2).sum()
    u = per_class ** -EXPONENTS[:, None, None]  # (exponents, 1, sizes)
    mean_u, mean = (u * weights).sum(axis=2), (errors * weights).sum(axis=1)
    variance = (u**2 * weights).sum(axis=2) - mean_u**2
    slope = ((u - mean_u[..., None]) * errors * weights).sum(axis=2) / variance
    through_none = (u * errors * weights).sum(axis=2) / (u**2 * weights).sum(axis=2)
    slope = np.maximum(slope, 0)
    floor = mean - slope * mean_u
    slope, floor = np.where(floor < 0, through_none, slope), np.maximum(floor, 0)
    missed = ((errors - floor[..., None] - slope[..., None] * u) ** 2 * weights).sum(axis=2)
    best = missed.argmin(axis=0), np.arange(len(errors))
    return np.stack([floor[best], slope[best], EXPONENTS[best[0]]])


def _forecast(law: PowerLaw, others: PowerLaw, times: int, per_class: float) -> Forecast:
    accuracy = 1 - float(law.error(per_class))
    low, high = np.quantile(1 - others.error(per_class), (0.025, 0.975)).tolist()
    return Forecast(times, per_class, accuracy, min(low, accuracy), max(high, accuracy))
