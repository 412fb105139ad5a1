"""kerasvgg ls"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

LONGEST = 40  # letters of what a split may be called


def ls(
    experiments: Annotated[Path, typer.Option(help="Folder of your own experiments.")] = Path("experiments"),
    runs: Annotated[Path, typer.Option(help="Folder of runs.")] = Path("runs"),
) -> None:
    """List experiments, those that come with kerasvgg by name, and runs."""
    from kerasvgg.cli.tables import print_table

    print_table(("experiment", "what it does"), _experiments(experiments))
    print_table(("run", "split", "accuracy (95 % interval)", "test seen"), _runs(runs), right=("test seen",))


def _experiments(folder: Path) -> Iterator[tuple[str, str]]:
    from kerasvgg.config.shipped import shipped, shipped_folder

    yield from ((name, _about(path)) for name, path in shipped().items())
    if folder.resolve() != shipped_folder().resolve():
        yield from ((str(path), _about(path)) for path in sorted(folder.rglob("*.yaml")))


def _about(path: Path) -> str:
    """Returns the first comment of a file, "" where there is none or it can't be read."""
    from kerasvgg.errors import DataError
    from kerasvgg.files.reading import read_small

    try:
        return next(filter(_is_prose, read_small(path).splitlines()), "").lstrip("# ")
    except DataError:
        return ""


def _is_prose(line: str) -> bool:
    return line.startswith("# ") and "yaml-language-server" not in line


def _runs(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    from kerasvgg.data.folder.scan import natural
    from kerasvgg.errors import DataError
    from kerasvgg.evaluation.statistics import accuracy_words
    from kerasvgg.evaluation.test_access import count_accesses, times
    from kerasvgg.files.reading import read_small

    for path in sorted(folder.rglob("history.csv"), key=lambda path: natural(str(path))):
        try:
            figures = json.loads(read_small(path.parent / "metrics.json"))
            correct = round(figures["accuracy"] * figures["n"])
            words = accuracy_words(correct, figures["n"], figures.get("independent"))
            seen = count_accesses(str(figures.get("scored_sha256"))) if figures["split"] == "test" else 0
            row = str(figures["split"])[:LONGEST], words, times(seen) if seen else ""
        except (DataError, ValueError, LookupError, TypeError, ArithmeticError, RecursionError):
            row = "unfinished", "", ""
        yield str(path.parent), *row
