"""Logistic regression with an L2 penalty, solved to its end: multinomial, or one of its own for each class."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from kerasvgg.evaluation.calibration import softmax

Scaling = Literal["number", "stage"]
ITERATIONS = 1000
NEVER = -30.0  # the logit of a class without a training picture, below the others'
SMALL = 1e-3  # of the largest deviation: numbers that hardly differ are not blown up to noise


@dataclass(frozen=True)
class LogisticHead:
    """Logits are x @ kernel + bias: `kernel` is (features, classes), `bias` (classes,), float64.

    A picture has one of the classes or, with `multi_label`, each or not.
    """

    kernel: np.ndarray
    bias: np.ndarray
    multi_label: bool = False

    def logits(self, x: np.ndarray) -> np.ndarray:
        """Returns the scores (n, classes) of features (n, features)."""
        scores: np.ndarray = x @ self.kernel + self.bias
        return scores

    def probabilities(self, x: np.ndarray) -> np.ndarray:
        """Returns their softmax (n, classes) or, with `multi_label`, the sigmoid of each."""
        if self.multi_label:
            from scipy.special import expit

            return np.asarray(expit(self.logits(x)))
        return softmax(self.logits(x))

    def calibrated(self, temperature: float) -> "LogisticHead":
        """Returns the head whose logits are divided by the temperature."""
        return replace(self, kernel=self.kernel / temperature, bias=self.bias / temperature)


@dataclass(frozen=True)
class Scale:
    """An affine map of features (n, features) to such of mean 0 and about equal size, by training pictures alone."""

    mean: np.ndarray
    factor: np.ndarray

    @classmethod
    def of(cls, x: np.ndarray, scaling: Scaling, widths: Sequence[int]) -> "Scale":
        """Fits it: each number gets deviation 1 or, by "stage", the numbers of each stage do on the whole.

        `widths` are how many numbers each stage has, side by side in `x`. All are divided by the root of their count,
        so that one strength of penalty means about the same for any number of them.
        """
        mean, deviation = x.mean(axis=0), x.std(axis=0)
        if scaling == "stage":
            spread = [np.sqrt(np.square(part).mean()) for part in np.split(deviation, np.cumsum(widths)[:-1])]
            deviation = np.repeat(spread, widths)
        else:
            deviation = deviation + SMALL * deviation.max(initial=0)
        factor = 1 / (np.where(deviation > 0, deviation, 1) * np.sqrt(x.shape[1]))
        return cls(mean, factor)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Returns the scaled features."""
        scaled: np.ndarray = (x - self.mean) * self.factor
        return scaled

    def absorbed(self, head: LogisticHead) -> LogisticHead:
        """Returns the head that makes of unscaled features what `head` makes of scaled ones."""
        kernel = head.kernel * self.factor[:, None]
        return replace(head, kernel=kernel, bias=head.bias - self.mean @ kernel)


def fit_path(
    x: np.ndarray, labels: np.ndarray, classes: int, strengths: Sequence[float], tolerance: float = 1e-4
) -> list[LogisticHead]:
    """Returns a head for each strength, the C of scikit-learn: the inverse of the penalty; each begins with the last.

    `x` is (n, features), `labels` are class numbers (n,). A class without a picture gets a logit far below the others'.
    Of `labels` that are 0 and 1 for each class (n, classes), each gets a logistic regression of its own.
    """
    if x.shape[0] < x.shape[1]:
        # A penalised kernel is a mixture of the pictures, so that what is needed are as many numbers as there are.
        axes, coordinates = np.linalg.qr(x.T)
        found = fit_path(coordinates.T, labels, classes, strengths, tolerance)
        return [replace(head, kernel=axes @ head.kernel) for head in found]
    if labels.ndim == 2:
        return _of_each_class(x, labels, strengths, tolerance)
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    present = np.unique(labels)
    if len(present) == 1:
        return [_spread(np.zeros((x.shape[1], 1)), np.zeros(1), present, classes) for _ in strengths]
    model = LogisticRegression(max_iter=ITERATIONS, tol=tolerance, warm_start=True)
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # nearly no penalty: what came of so many steps will do
        for strength in strengths:
            model.set_params(C=strength).fit(x, labels)
            kernel, bias = model.coef_.T, model.intercept_
            if len(present) == 2:  # scikit-learn has one column for the second class
                kernel, bias = np.hstack([-kernel / 2, kernel / 2]), np.concatenate([-bias / 2, bias / 2])
            found.append(_spread(kernel, bias, present, classes))
    return found


def _of_each_class(x: np.ndarray, rows: np.ndarray, strengths: Sequence[float], tolerance: float) -> list[LogisticHead]:
    kernels, biases = np.zeros((len(strengths), x.shape[1], rows.shape[1])), np.empty((len(strengths), rows.shape[1]))
    for number, labels in enumerate(rows.T):
        count = int(labels.sum())
        if count in (0, len(labels)):  # nothing to tell apart: the share that half a picture more of each kind gives
            biases[:, number] = np.log((count + 0.5) / (len(labels) - count + 0.5))
            continue
        for place, head in enumerate(fit_path(x, labels, 2, strengths, tolerance)):
            kernels[place, :, number], biases[place, number] = np.diff(head.kernel)[:, 0], np.diff(head.bias)[0]
    return [LogisticHead(kernel, bias, multi_label=True) for kernel, bias in zip(kernels, biases, strict=True)]


def _spread(kernel: np.ndarray, bias: np.ndarray, present: np.ndarray, classes: int) -> LogisticHead:
    whole, biases = np.zeros((kernel.shape[0], classes)), np.full(classes, bias.min() + NEVER)
    whole[:, present], biases[present] = kernel, bias
    return LogisticHead(whole, biases)
