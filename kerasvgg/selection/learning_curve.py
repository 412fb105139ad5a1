"""Trainings on more and more pictures: how accuracy grows with their number."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from kerasvgg.evaluation.power_law import LearningCurve, extrapolated
from kerasvgg.process.progress import track
from kerasvgg.process.threads import in_threads, one_thread_each
from kerasvgg.selection.choice import AHEAD, Examples, Tried, fit
from kerasvgg.selection.folds import stratified_group_folds

DRAWS = 3  # partitions into folds, each with its own order of pictures
SHARES = tuple(2 ** (-step / 2) for step in range(6, -1, -1))  # of a fold's training pictures, an eighth to all
FEWEST = 4  # pictures per class, on average; the rarest has 2


def learning_curve(examples: Examples, tried: Tried, seed: int = 0) -> LearningCurve:
    """Trains a head on more and more pictures, and judges it by folds that are held out.

    `tried` is the design and the strength. Sizes grow by the square root of 2, every class by its share; a group's
    pictures of a class come together, and folds divide no group. The same seed gives the same curve. What is made of
    its points is said at `extrapolated`.
    """
    stages = tried.design.stages
    chosen = replace(examples, x=examples.of(stages), widths={stage: examples.widths[stage] for stage in stages})
    per_class, right = _Growing(chosen, tried).held_out(seed)
    return extrapolated(per_class, right, examples.groups, len(examples) / len(np.unique(examples.labels)), seed)


@dataclass(frozen=True)
class _Growing:
    """Trainings on shares of what is not held out."""

    examples: Examples
    tried: Tried

    def held_out(self, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Returns pictures per class (sizes,), and how often each picture was right (sizes, n), both over the draws."""
        trials = list(self._trials(seed))
        shares = self._shares(min(int((~out).sum()) for out, _ in trials) / len(self.examples.labels))
        trained, right = np.zeros(len(shares)), np.zeros((len(shares), len(self.examples.labels)))
        work = in_threads(lambda trial: (trial[0], *self._trained(*trial, shares)), trials, AHEAD)
        with one_thread_each():
            for out, counts, rows in track(work, "learning curve", len(trials)):
                trained += counts
                right[:, out] += rows
        return trained / len(trials) / len(np.unique(self.examples.labels)), right / DRAWS

    def _trials(self, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yields what is held out (n,), and the order (n,) in which groups come to be trained on."""
        for draw in range(DRAWS):
            folds = stratified_group_folds(self.examples.labels, self.examples.groups, seed=seed + draw)
            rank = np.random.default_rng((seed, draw)).permutation(self.examples.groups.max() + 1)[self.examples.groups]
            yield from ((folds == fold, rank) for fold in np.unique(folds))

    def _shares(self, trained: float) -> list[float]:
        counts = np.unique(self.examples.labels, return_counts=True)[1] * trained
        return [one for one in SHARES if one == 1 or (one * counts.mean() >= FEWEST and one * counts.min() >= 2)]

    def _trained(self, out: np.ndarray, rank: np.ndarray, shares: list[float]) -> tuple[np.ndarray, np.ndarray]:
        """Returns how many pictures were trained on (sizes,), and which of those held out are right (sizes, m)."""
        x = self.examples.of(self.tried.design.stages)[out]
        counts, right = [], []
        for share in shares:
            kept = _share(np.flatnonzero(~out), self.examples.labels, rank, share)
            head = fit(self.examples.take(kept), self.tried, tolerance=1e-4)
            counts.append(len(kept))
            right.append(head.logits(x).argmax(axis=1) == self.examples.labels[out])
        return np.array(counts), np.array(right)


def _share(places: np.ndarray, labels: np.ndarray, rank: np.ndarray, share: float) -> np.ndarray:
    """Returns about a share of the places of each class: the groups of lowest rank, at least one."""
    taken = []
    for label in np.unique(labels[places]):
        own = places[labels[places] == label]
        own = own[np.argsort(rank[own], kind="stable")]
        _, first, sizes = np.unique(rank[own], return_index=True, return_counts=True)
        whole = first + sizes / 2 <= share * len(own)
        whole[0] = True
        taken.append(own[np.repeat(whole, sizes)])
    return np.concatenate(taken)
