"""Where data sets, weights and caches live."""

import os
from pathlib import Path


def home() -> Path:
    """Returns the folder that data sets and weights are read from: `KERASVGG_HOME`, or `data` here."""
    return Path(os.environ.get("KERASVGG_HOME") or "data")


def cache() -> Path:
    """Returns the folder that everything is written to: `KERASVGG_CACHE`, else a writable home, else `data`."""
    chosen = os.environ.get("KERASVGG_CACHE")
    if chosen:
        return Path(chosen)
    return home() if _writable(home()) else Path("data")


def find(*parts: str) -> Path | None:
    """Returns the first of home / parts and cache / parts that exists, or None."""
    return next((root.joinpath(*parts) for root in (home(), cache()) if root.joinpath(*parts).exists()), None)


def _writable(folder: Path) -> bool:
    while not folder.exists():
        folder = folder.absolute().parent
    # The mode bits count too: for root, os.access calls every folder writable.
    return bool(folder.stat().st_mode & 0o222) and os.access(folder, os.W_OK)
