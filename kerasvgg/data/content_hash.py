"""What a file holds, in one number."""

import hashlib
from pathlib import Path


def content_hash(path: Path) -> str:
    """Returns the file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
