"""How far a picture's features lie from those of the training pictures, in a form that travels in a model file."""

import base64
from dataclasses import dataclass
from functools import cached_property

import numpy as np

REFUSED = 0.05  # of pictures like the training's
MOST_TEXT = 1_000_000  # letters of all arrays together
RANGE = (1e-12, 1e12)  # of variances and the threshold
LARGEST_MEAN = 1e6
LARGEST_AXIS = 1.001  # of a unit vector's numbers, rounded


@dataclass(frozen=True)
class Novelty:
    """A normal distribution of features, and the Mahalanobis distance that 5 % of known pictures exceed.

    Its covariance has `variances` along some `axes`, unit vectors, and the variance `rest` along all others. The arrays
    are base64 of numbers in little-endian order: `mean` (features,) and `variances` (axes,) of float32, `axes`
    (axes, features) of float16. Raises ValueError for what is none of this.
    """

    threshold: float
    rest: float
    mean: str
    variances: str
    axes: str

    def __post_init__(self) -> None:
        if not all(isinstance(text, str) for text in self._texts) or sum(map(len, self._texts)) > MOST_TEXT:
            raise ValueError(f"the arrays of `novelty` must be text, {MOST_TEXT:,} letters of it at most")
        mean, variances, axes = self._arrays
        if not _is_number(self.threshold) or not _is_number(self.rest) or not _is_within(variances, *RANGE):
            raise ValueError(f"the variances and the threshold of `novelty` must be from {RANGE[0]:g} to {RANGE[1]:g}")
        if not _is_within(mean, -LARGEST_MEAN, LARGEST_MEAN) or not _is_within(axes, -LARGEST_AXIS, LARGEST_AXIS):
            raise ValueError("the mean and the axes of `novelty` must be numbers, those of axes from -1 to 1")

    @classmethod
    def of(cls, mean: np.ndarray, variances: np.ndarray, axes: np.ndarray, rest: float, threshold: float) -> "Novelty":
        """Packs arrays; variances are brought into their range."""
        least, most = RANGE
        within = np.clip(variances, least * 1.001, most * 0.999)  # also rounded to float32
        packed = (_packed(mean, "<f4"), _packed(within, "<f4"), _packed(axes, "<f2"))
        return cls(threshold, float(np.clip(rest, least, most)), *packed)

    @property
    def features(self) -> int:
        """How many numbers of a picture it takes."""
        return len(self._arrays[0])

    def distances(self, x: np.ndarray) -> np.ndarray:
        """Returns the Mahalanobis distance (n,) of each row of features (n, features)."""
        mean, variances, axes = self._arrays
        centred = x - mean
        along = centred @ axes.T
        beside = np.square(centred - along @ axes).sum(axis=1)
        distances: np.ndarray = np.sqrt((np.square(along) / variances).sum(axis=1) + beside / self.rest)
        return distances

    def is_unknown(self, x: np.ndarray) -> np.ndarray:
        """Tells of each row of features (n, features) whether it is like none of the training pictures."""
        return ~(self.distances(x) <= self.threshold)

    @property
    def _texts(self) -> tuple[str, str, str]:
        return self.mean, self.variances, self.axes

    @cached_property
    def _arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        mean, variances, axes = (
            _unpacked(self.mean, "<f4"),
            _unpacked(self.variances, "<f4"),
            _unpacked(self.axes, "<f2"),
        )
        return mean, variances, axes.reshape(len(variances), len(mean))


def most_axes(features: int) -> int:
    """Returns how many axes of so many features fit into MOST_TEXT letters, three bytes in four."""
    return max(0, (MOST_TEXT * 3 // 4 - 4 * features - 9) // (2 * features + 4))


def _packed(array: np.ndarray, dtype: str) -> str:
    return base64.b64encode(array.astype(dtype).tobytes()).decode("ascii")


def _unpacked(text: str, dtype: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text, validate=True), dtype).astype(np.float64)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and RANGE[0] <= value <= RANGE[1]


def _is_within(array: np.ndarray, least: float, most: float) -> bool:
    return bool(np.all((array >= least) & (array <= most)))  # NaN is neither
