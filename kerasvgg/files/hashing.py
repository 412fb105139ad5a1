"""SHA-256 of a file's content, and of a set of arrays whatever file they came in."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np


def content_hash(path: Path) -> str:
    """Returns the file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fingerprint(arrays: Iterable[np.ndarray]) -> str:
    """Returns the SHA-256, in hexadecimal, of the arrays' little-endian float32 bytes in the given order."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array, dtype="<f4").data)
    return digest.hexdigest()
