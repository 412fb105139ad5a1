"""The experiments that come with kerasvgg, by name: `quickstart`, `cats_and_dogs/feature_extraction`."""

from difflib import SequenceMatcher
from pathlib import Path

from kerasvgg.errors import ConfigError
from kerasvgg.files.locations import PACKAGE, checkout

FOLDER = "experiments"
NEAR, NEAR_HERE = 0.6, 0.75  # from 0, nothing in common, to 1; of shipped names, and of what lies there
MOST = 3


def shipped_folder() -> Path:
    """Returns the folder of the experiments: beside the package in a checkout, inside it where it is installed."""
    return (checkout() or PACKAGE) / FOLDER


def shipped() -> dict[str, Path]:
    """Returns the files by name, which is the path below their folder without the suffix."""
    folder = shipped_folder()
    return {path.relative_to(folder).with_suffix("").as_posix(): path for path in sorted(folder.rglob("*.yaml"))}


def experiment_path(word: Path) -> Path:
    """Returns what stands for an experiment: an existing file, an existing folder, or else a shipped experiment's file.

    Raises ConfigError, naming what is nearest of shipped experiments and of what lies there, for a word that is none.
    """
    if word.exists():
        return word
    name, found = word.as_posix(), shipped()
    if name in found:
        return found[name]
    near = " or ".join(f"`{one}`" for one in nearest(name))
    hint = f"did you mean {near}?" if near else "`kerasvgg ls` lists those that do"
    raise ConfigError(f"{word}: there is no such file, and no experiment of that name comes with kerasvgg; {hint}")


def nearest(word: str) -> list[str]:
    """Returns the names that a misspelt one may stand for, the nearest first; none where nothing is near.

    They are those of shipped experiments and of the folders and YAML files that lie where it would.
    """
    path, short = Path(word), word[:200].lower().removesuffix(".yaml").removeprefix(f"{FOLDER}/")
    ratios = {name: max(_ratio(short, name), _ratio(short, name.rpartition("/")[2])) for name in shipped()}
    near = {name: ratio for name, ratio in ratios.items() if ratio >= NEAR}
    near |= {
        one.as_posix(): ratio for one in _beside(path) if (ratio := _ratio(path.stem[:200], one.stem)) >= NEAR_HERE
    }
    return sorted(near, key=lambda name: -near[name])[:MOST]


def _beside(path: Path) -> list[Path]:
    try:
        return [one for one in path.parent.iterdir() if one.suffix == ".yaml" or one.is_dir()]
    except OSError:
        return []


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()
