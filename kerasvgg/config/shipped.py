"""The experiments that come with kerasvgg, by name: `quickstart`, `cats_and_dogs/feature_extraction`."""

from difflib import SequenceMatcher
from pathlib import Path

import kerasvgg
from kerasvgg.files.locations import checkout

FOLDER = "experiments"
NEAR = 0.6  # from 0, nothing in common, to 1
MOST = 3


def shipped_folder() -> Path:
    """Returns the folder of the experiments: beside the package in a checkout, inside it where it is installed."""
    return (checkout() or Path(kerasvgg.__file__).parent) / FOLDER


def shipped() -> dict[str, Path]:
    """Returns the files by name, which is the path below their folder without the suffix."""
    folder = shipped_folder()
    return {path.relative_to(folder).with_suffix("").as_posix(): path for path in sorted(folder.rglob("*.yaml"))}


def nearest(word: str) -> list[str]:
    """Returns the names that a misspelt one may stand for, the nearest first; none where nothing is near."""
    word = word[:200].lower().removesuffix(".yaml").removeprefix(f"{FOLDER}/")
    ratios = {name: max(_ratio(word, name), _ratio(word, name.rpartition("/")[2])) for name in shipped()}
    near = sorted((name for name, ratio in ratios.items() if ratio >= NEAR), key=lambda name: -ratios[name])
    return near[:MOST]


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()
