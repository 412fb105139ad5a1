"""Where data sets, weights and caches live, and what else a checkout has that an installed package does not."""

import os
import tomllib
from functools import cache as remembered
from pathlib import Path

from kerasvgg.process.progress import say

NAME = "kerasvgg"
PACKAGE = Path(__file__).absolute().parents[1]
HERE = Path("data")
OURS = ("datasets", "weights", "features")


def home() -> Path:
    """Returns the folder that data sets and weights are read from: `KERASVGG_HOME`, or kerasvgg's own."""
    return _setting("KERASVGG_HOME") or _own()


def cache() -> Path:
    """Returns the folder that everything is written to: `KERASVGG_CACHE`, else a writable home, else kerasvgg's own."""
    if chosen := _setting("KERASVGG_CACHE"):
        return chosen
    if _writable(home()):
        return home()
    return _own() if _writable(_own()) else _of_user()


def as_set() -> dict[str, str]:
    """Returns the variables of the environment that say so, for processes elsewhere."""
    names = ("KERASVGG_HOME", "KERASVGG_CACHE")
    return {name: os.environ[name] for name in names if name in os.environ}


def find(*parts: str) -> Path | None:
    """Returns the first of home / parts and cache / parts that exists, or None."""
    return next((root.joinpath(*parts) for root in (home(), cache()) if root.joinpath(*parts).exists()), None)


def checkout() -> Path | None:
    """Returns the folder of the checkout that kerasvgg was imported from, None where it is installed."""
    return _checkout_of(PACKAGE)


@remembered
def _checkout_of(package: Path) -> Path | None:
    try:
        project = tomllib.loads((package.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]["name"]
    except (OSError, ValueError, LookupError, TypeError):  # there is none, or somebody else's
        return None
    return package.parent if project == NAME else None


def _own() -> Path:
    """Returns the folder that needs no setting: `data` in a checkout, elsewhere the user's, as the platform has it."""
    root = checkout()
    own = root / HERE if root else _of_user()
    _tell_of_another(Path.cwd() / HERE, own)
    return own


def _of_user() -> Path:
    from platformdirs import user_data_path

    return user_data_path(NAME, appauthor=False)


@remembered
def _tell_of_another(folder: Path, own: Path) -> None:
    """Says, once, that a folder which looks like one of ours lies here and is not used."""
    found = [f"{name}/" for name in OURS if (folder / name).is_dir()]
    settings = (_setting("KERASVGG_HOME"), _setting("KERASVGG_CACHE"))
    if not found or any(one.resolve() == folder.resolve() for one in (own, *filter(None, settings))):
        return
    variable = "KERASVGG_CACHE" if settings[0] else "KERASVGG_HOME"
    say(f"`{HERE}` here has {', '.join(found)} but is not used: `{own}` is, until `{variable}={HERE}` says otherwise")


def _setting(name: str) -> Path | None:
    value = os.environ.get(name)
    return Path(value) if value else None


def _writable(folder: Path) -> bool:
    while not folder.exists():
        folder = folder.absolute().parent
    # The mode bits count too: for root, os.access calls every folder writable.
    return bool(folder.stat().st_mode & 0o222) and os.access(folder, os.W_OK)
