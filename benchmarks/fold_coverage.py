"""Whether the interval of an accuracy by folds holds the truth 95 times of 100: python -m benchmarks.fold_coverage

Pictures are drawn 1,000 times, a logistic regression of fixed strength goes through five folds of them, and its
interval is compared with what such regressions are worth on average, by many other pictures: regressions on as many
pictures as the folds had to learn from, and on all of them. Features are Gaussian with class means that are so far
apart that the accuracy comes out. Groups are one to five pictures of a class, alike as near duplicates are, or loosely.

    python -m benchmarks.fold_coverage --features FILE.npz ...

takes real ones instead: `y` are the classes, each other array (n, numbers) is a stage. Some pictures are drawn, the
rest judge. Of a set of N pictures, a mean of n varies by 1 - n / N less, and the interval is narrowed likewise.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from benchmarks.measure import print_table
from kerasvgg.evaluation.folds import fold_accuracy
from kerasvgg.evaluation.statistics import wilson
from kerasvgg.process.threads import one_thread_each
from kerasvgg.selection.folds import stratified_group_folds

WIDTH, STRENGTH, STEPS = 32, 0.3, 15
JUDGES = 2000  # pictures by which a regression's worth is seen
AT_ONCE = 40  # draws with the same classes, groups and folds
SIZES, ACCURACIES, CLASSES = (60, 200, 400, 900), (0.7, 0.9, 0.98), (2, 5)
ALIKE = {"none": 0.0, "loose": 0.3, "near duplicates": 0.9}  # correlation of features in a group
REAL_SIZES, KEPT = (60, 100), 64  # components of real features


class Drawn(NamedTuple):
    """Features (draws, n, numbers), and pictures that judge: features (1 or draws, m, numbers) and labels (m,)."""

    x: np.ndarray
    judges: np.ndarray
    judged: np.ndarray


class Population(Protocol):
    """What pictures are drawn from; `size` may be infinite."""

    classes: int
    size: float

    def layout(self, draw: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        """Returns labels and groups (n,)."""

    def draw(self, draw: np.random.Generator, labels: np.ndarray, groups: np.ndarray) -> Drawn:
        """Returns AT_ONCE draws of such pictures."""


@dataclass(frozen=True)
class Gaussian:
    """Classes of deviation 1, `apart` from the middle in a direction of their own; pictures of a group are `alike`."""

    classes: int
    apart: float
    alike: float
    size: float = np.inf

    def layout(self, draw: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        sizes = draw.integers(1, 6, n) if self.alike else np.ones(n, dtype=int)
        groups = np.repeat(np.arange(n), sizes)[:n]
        return draw.permutation(np.arange(groups[-1] + 1) % self.classes)[groups], groups

    def draw(self, draw: np.random.Generator, labels: np.ndarray, groups: np.ndarray) -> Drawn:
        means = self.apart * np.eye(self.classes, WIDTH)
        own = draw.normal(size=(AT_ONCE, len(labels), WIDTH))
        common = draw.normal(size=(AT_ONCE, groups[-1] + 1, WIDTH))[:, groups]
        judged = np.arange(JUDGES) % self.classes
        judges = draw.normal(size=(1, JUDGES, WIDTH)) + means[judged]
        return Drawn((1 - self.alike) ** 0.5 * own + self.alike**0.5 * common + means[labels], judges, judged)


class Real:
    """A file's features: each stage of length 1, the first components of all."""

    def __init__(self, path: Path) -> None:
        with np.load(path) as file:
            stages = [file[name].astype(float) for name in file.files if name != "y"]
            self._labels = np.unique(file["y"], return_inverse=True)[1]
        x = np.concatenate([one / np.linalg.norm(one, axis=1, keepdims=True) for one in stages], axis=1)
        left, sizes, _ = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
        x = (left * sizes)[:, :KEPT]
        self._x = x * np.sqrt(WIDTH * len(x)) / np.linalg.norm(x)
        self.classes, self.size = self._labels.max() + 1, float(len(x))

    def layout(self, draw: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        order = np.argsort(self._labels, kind="stable")  # every class has its share
        return np.sort(self._labels[order[np.linspace(0, len(order) - 1, n).round().astype(int)]]), np.arange(n)

    def draw(self, draw: np.random.Generator, labels: np.ndarray, groups: np.ndarray) -> Drawn:
        taken, rest = [], []
        for number, count in enumerate(np.bincount(labels, minlength=self.classes)):
            places = np.flatnonzero(self._labels == number)
            shuffled = draw.permuted(np.tile(places, (AT_ONCE, 1)), axis=1)
            taken.append(shuffled[:, :count])
            rest.append(shuffled[:, count:])
        taken, rest = np.concatenate(taken, axis=1), np.concatenate(rest, axis=1)
        return Drawn(self._x[taken], self._x[rest], self._labels[rest[0]])


def fitted(x: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """Returns weights (draws, numbers + 1, classes) of a penalised softmax regression on each draw.

    Its steps are Newton's with the bound of Boehning (1992) in place of the curvature: one inverse does for all.
    """
    x = np.concatenate([x, np.ones((*x.shape[:2], 1))], axis=2)
    penalty = np.append(np.full(x.shape[2] - 1, 1 / STRENGTH), 1e-6)[:, None]
    across = x.transpose(0, 2, 1)
    bound = np.linalg.inv(0.5 * across @ x + np.diag(penalty[:, 0]))
    weights = np.zeros((len(x), x.shape[2], classes))
    for _ in range(STEPS):
        powers = np.exp(x @ weights)
        missing = np.eye(classes)[labels] - powers / powers.sum(axis=2, keepdims=True)
        weights += bound @ (across @ missing - penalty * weights)
    return weights


def is_right(weights: np.ndarray, x: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Returns which pictures (draws, n) get their label."""
    return (x @ weights[:, :-1] + weights[:, -1:]).argmax(axis=2) == labels


class Outcome(NamedTuple):
    """Of draws: right when held out (draws, n), groups (draws, n), and the worth (draws,) of folds' and of all's."""

    right: np.ndarray
    groups: np.ndarray
    of_folds: np.ndarray
    of_all: np.ndarray


def outcome(population: Population, n: int, draws: int, seed: int) -> Outcome:
    draw, found = np.random.default_rng(seed), []
    for number in range(max(1, draws // AT_ONCE)):
        labels, groups = population.layout(draw, n)
        folds = stratified_group_folds(labels, groups, seed=number)
        x, judges, judged = population.draw(draw, labels, groups)
        counts = [np.bincount(each, minlength=population.classes) for each in (labels, judged)]
        weights = (counts[0] / n / np.maximum(counts[1], 1))[judged]  # classes have their shares of the draw
        right, worth = np.empty(x.shape[:2], dtype=bool), []
        for held_out in (*(folds == fold for fold in np.unique(folds)), np.zeros(n, dtype=bool)):
            head = fitted(x[:, ~held_out], labels[~held_out], population.classes)
            right[:, held_out] = is_right(head, x[:, held_out], labels[held_out])
            worth.append(is_right(head, judges, judged) @ weights)
        found.append(Outcome(right, np.tile(groups, (len(x), 1)), np.mean(worth[:-1], axis=0), worth[-1]))
    return Outcome(*map(np.concatenate, zip(*found, strict=True)))


class Row(NamedTuple):
    """Coverages: of Wilson's interval and ours for the folds' worth, of ours for all's; ours' mean width, accuracy."""

    wilson: float
    ours: float
    ours_of_all: float
    width: float
    accuracy: float


def judged(population: Population, n: int, draws: int, seed: int = 0) -> Row:
    """Returns how often the intervals hold the mean of the worths."""
    right, groups, of_folds, of_all = outcome(population, n, draws, seed)
    plain = np.array([wilson(one.sum(), n) for one in right])
    every = [fold_accuracy(one, group) for one, group in zip(right, groups, strict=True)]
    ours = np.array([(one.low, one.high) for one in every])
    middle = right.mean(axis=1, keepdims=True)
    plain, ours = (middle + (bounds - middle) * np.sqrt(1 - n / population.size) for bounds in (plain, ours))
    return Row(
        _held(plain, of_folds), _held(ours, of_folds), _held(ours, of_all),
        float(np.diff(ours).mean()), float(of_folds.mean()),
    )  # fmt: skip


def _held(bounds: np.ndarray, worths: np.ndarray) -> float:
    return float(((bounds[:, 0] <= worths.mean()) & (worths.mean() <= bounds[:, 1])).mean())


def gaussian(n: int, classes: int, alike: float, accuracy: float) -> Gaussian:
    """Returns the population on which folds of n pictures come to an accuracy, found by halving."""
    low, high = 0.2, 12.0
    for _ in range(9):
        apart = (low + high) / 2
        seen = outcome(Gaussian(classes, apart, alike), n, AT_ONCE, seed=1).of_folds.mean()
        low, high = (apart, high) if seen < accuracy else (low, apart)
    return Gaussian(classes, (low + high) / 2, alike)


def synthetic(draws: int) -> None:
    """Prints a line for each number of pictures and kind of groups, from least to most over classes and accuracies."""
    lines = []
    for n, groups in product(SIZES, ALIKE):
        rows = []
        for classes, accuracy in product(CLASSES, ACCURACIES):
            rows.append(judged(gaussian(n, classes, ALIKE[groups], accuracy), n, draws))
            print(n, groups, classes, *(f"{value:.3f}" for value in rows[-1]), file=sys.stderr, flush=True)
        spans = [f"{100 * min(values):.1f} to {100 * max(values):.1f}" for values in zip(*rows, strict=True)]
        lines.append((f"{n}", groups, *spans[:4]))
    print_table(("pictures", "groups", "Wilson's", "ours", "ours, of all", "width, points"), lines)


def real(paths: Sequence[Path], draws: int) -> None:
    """Prints a line for each file and number of pictures."""
    lines = []
    for path, n in product(paths, REAL_SIZES):
        row = judged(Real(path), n, draws)
        lines.append((path.stem, f"{n}", f"{100 * row.accuracy:.1f}", *(f"{100 * value:.1f}" for value in row[:4])))
    print_table(("features", "pictures", "accuracy", "Wilson's", "ours", "ours, of all", "width, points"), lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=1000, help="how often pictures are drawn; 1,000")
    parser.add_argument("--features", type=Path, nargs="+", metavar="FILE.npz")
    given = parser.parse_args()
    with one_thread_each():
        real(given.features, given.draws) if given.features else synthetic(given.draws)
