"""Which stages, scaling and strength of penalty a head gets: what folds say of each, and the head that follows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from kerasvgg.evaluation.calibration import calibrated, cross_entropies, fit_temperature
from kerasvgg.evaluation.thresholds import Thresholds, best_thresholds, chosen, shares_right
from kerasvgg.process.progress import track
from kerasvgg.process.threads import in_threads, one_thread_each
from kerasvgg.selection.folds import stratified_group_folds, stratified_sample
from kerasvgg.selection.logistic import LogisticHead, Scale, Scaling, fit_path

COARSE = (1.0, 10.0, 100.0, 1000.0)
FINE = 10**0.5
AHEAD = 2  # designs at a time
MOST = 4_000  # pictures that the choice is made on; the head is fitted on all


@dataclass(frozen=True)
class Design:
    """What a head stands on: `stages` of the base side by side, and what its penalty takes for equal."""

    stages: tuple[str, ...]
    scaling: Scaling


@dataclass(frozen=True)
class Tried:
    """A design with a strength of penalty (scikit-learn's C), and what folds say of it: mean cross entropy in nats
    with its standard error, and accuracy (see `shares_right`).
    """

    design: Design
    strength: float
    loss: float
    loss_error: float
    accuracy: float


@dataclass(frozen=True)
class Choice:
    """The best of what was `tried`, and the head that is fitted on all pictures with it, calibrated.

    `out_of_fold` are the calibrated probabilities (n, classes) of the pictures at `places`, each by a head that had not
    seen it nor any of its group, in so many `folds`; `temperature` is what calibrated them. Where pictures have several
    classes, `thresholds` are the best for them.
    """

    best: Tried
    tried: tuple[Tried, ...]
    head: LogisticHead
    out_of_fold: np.ndarray
    places: np.ndarray
    folds: int
    temperature: float
    thresholds: Thresholds | None


@dataclass(frozen=True)
class Examples:
    """Pictures as a head sees them: features `x` (n, all channels), several stages side by side, float64.

    `widths` are how many numbers each stage has, from the pictures on; `labels` are `targets` of so many
    `classes`, `groups` (n,) numbers of what must not be held out apart.
    """

    x: np.ndarray
    widths: Mapping[str, int]
    labels: np.ndarray
    groups: np.ndarray
    classes: int

    def __len__(self) -> int:
        return len(self.x)

    def of(self, stages: Sequence[str]) -> np.ndarray:
        """Returns the numbers of these stages (n, their channels)."""
        return columns(self.x, self.widths, stages)

    def take(self, places: np.ndarray) -> "Examples":
        """Returns some of them."""
        return replace(self, x=self.x[places], labels=self.labels[places], groups=self.groups[places])


def columns(x: np.ndarray, widths: Mapping[str, int], stages: Sequence[str]) -> np.ndarray:
    """Returns the numbers of these stages out of those of all, (n, their channels)."""
    ends = dict(zip(widths, np.cumsum(list(widths.values())), strict=True))
    return np.concatenate([x[:, ends[one] - widths[one] : ends[one]] for one in stages], axis=1)


def designs(stages: Sequence[str]) -> list[Design]:
    """Returns what may be chosen: the last stage, the one before it, and the last two and three side by side."""
    *_, last = stages
    sets = dict.fromkeys(((last,), tuple(stages[-2:-1]) or (last,), tuple(stages[-2:]), tuple(stages[-3:])))
    return [Design(*one) for one in product(sets, ("number", "stage"))]


def choose(examples: Examples, seed: int = 0, among: Sequence[Design] | None = None) -> Choice:
    """Chooses by the least cross entropy of pictures that were held out, and fits the head on all of them.

    It chooses `among` these designs, by default all. The same examples and seed, the same choice.
    """
    places = stratified_sample(examples.labels, MOST, seed)
    some = examples.take(places)
    folds = stratified_group_folds(some.labels, some.groups, seed=seed)
    search = _Search(some, folds)
    best, tried = search.best(among or designs(list(examples.widths)))
    out_of_fold = search.out_of_fold(best)
    temperature = fit_temperature(out_of_fold, some.labels)
    head = fit(examples, best).calibrated(temperature)
    thresholds = best_thresholds(out_of_fold, some.labels)
    count = len(np.unique(folds))
    return Choice(best, tried, head, calibrated(out_of_fold, temperature), places, count, temperature, thresholds)


def nested(examples: Examples, outer: np.ndarray, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Returns probabilities (n, classes) of each picture by a head chosen and fitted without it, and what they say.

    That is as `chosen` has it, by thresholds that were found without it, too. `outer` (n,) are the folds that hold
    pictures out, `choose` does the rest inside: what comes out is the accuracy of the procedure.
    """
    rows, said = np.empty((len(examples), examples.classes)), np.empty_like(examples.labels)
    for fold in np.unique(outer):
        inside, outside = examples.take(np.flatnonzero(outer != fold)), np.flatnonzero(outer == fold)
        choice = choose(inside, seed)
        rows[outside] = choice.head.probabilities(examples.take(outside).of(choice.best.design.stages))
        said[outside] = chosen(rows[outside], choice.thresholds)
    return rows, said


def fit(examples: Examples, tried: Tried, tolerance: float = 1e-6) -> LogisticHead:
    """Returns the head of a design and strength, for unscaled features of the design's stages."""
    x, widths = examples.of(tried.design.stages), [examples.widths[stage] for stage in tried.design.stages]
    scale = Scale.of(x, tried.design.scaling, widths)
    with one_thread_each():
        (head,) = fit_path(scale(x), examples.labels, examples.classes, [tried.strength], tolerance)
    return scale.absorbed(head)


class _Search:
    """The candidates on folds: coarse strengths for all designs, then finer ones for the best design."""

    def __init__(self, examples: Examples, folds: np.ndarray) -> None:
        self._examples, self._folds = examples, folds
        self._known: dict[tuple[Design, float], np.ndarray] = {}

    def best(self, every: Sequence[Design]) -> tuple[Tried, tuple[Tried, ...]]:
        found: list[Tried] = []
        with one_thread_each():
            for some in track(in_threads(lambda one: self._try(one, COARSE), every, AHEAD), "choosing", len(every)):
                found += some
        best = min(found, key=_by_loss)
        finer = [best.strength / FINE, best.strength * FINE]
        finer += [best.strength / 10] if best.strength == COARSE[0] else []
        finer += [best.strength * 10] if best.strength == COARSE[-1] else []
        with one_thread_each():
            found += self._try(best.design, sorted(finer))
        return min(found, key=_by_loss), tuple(sorted(found, key=_by_loss))

    def out_of_fold(self, tried: Tried) -> np.ndarray:
        return self._known[tried.design, tried.strength]

    def _try(self, design: Design, strengths: Sequence[float]) -> list[Tried]:
        x, widths = self._examples.of(design.stages), [self._examples.widths[stage] for stage in design.stages]
        held_out = np.empty((len(strengths), len(x), self._examples.classes))
        for fold in np.unique(self._folds):
            out = self._folds == fold
            scale = Scale.of(x[~out], design.scaling, widths)
            heads = fit_path(scale(x[~out]), self._examples.labels[~out], self._examples.classes, strengths)
            for rows, head in zip(held_out, heads, strict=True):
                rows[out] = head.probabilities(scale(x[out]))
        self._known |= {(design, strength): rows for strength, rows in zip(strengths, held_out, strict=True)}
        return [self._judged(design, strength, rows) for strength, rows in zip(strengths, held_out, strict=True)]

    def _judged(self, design: Design, strength: float, rows: np.ndarray) -> Tried:
        losses = cross_entropies(rows, self._examples.labels)
        accuracy = float(shares_right(rows, self._examples.labels).mean())
        return Tried(design, strength, float(losses.mean()), float(losses.std() / np.sqrt(len(losses))), accuracy)


def _by_loss(one: Tried) -> float:
    return one.loss
