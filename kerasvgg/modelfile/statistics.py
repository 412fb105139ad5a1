"""What the numbers of an array are like, told from its blocks as they pass by."""

import hashlib
import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from kerasvgg.modelfile.facts import Numbers


def numbers(blocks: Iterable[np.ndarray], whole: Any = None) -> Numbers:
    """Returns the figures; the fingerprint is over the little-endian bytes, floats as float32.

    `whole`, a digest of hashlib, takes the same bytes.
    """
    digest = hashlib.sha256()
    count = not_finite = zeros = 0
    total = squares = 0.0
    least, most = math.inf, -math.inf
    for values in blocks:
        content = np.ascontiguousarray(values.astype("<f4" if values.dtype.kind == "f" else "<i8", copy=False)).data
        digest.update(content)
        if whole is not None:
            whole.update(content)
        finite = _finite(values)
        count += values.size
        not_finite += values.size - finite.size
        zeros += values.size - int(np.count_nonzero(values))
        if finite.size:
            exact = finite.astype(np.float64)
            total += float(exact.sum())
            squares += float(np.dot(exact, exact))
            least, most = min(least, float(finite.min())), max(most, float(finite.max()))
    known = count - not_finite
    mean = total / known if known else 0.0
    spread = math.sqrt(max(0.0, squares / known - mean * mean)) if known else 0.0
    least, most = (least, most) if known else (0.0, 0.0)
    return Numbers(count, mean, 0.0 if least == most else spread, least, most, not_finite, zeros, digest.hexdigest())


def _finite(values: np.ndarray) -> np.ndarray:
    """Returns the finite ones; as nearly always all are, their sum tells that faster than each of them."""
    if values.dtype.kind != "f" or math.isfinite(float(values.sum(dtype=np.float64))):
        return values
    return values[np.isfinite(values)]
