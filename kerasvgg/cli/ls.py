"""kerasvgg ls"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer


def ls(
    experiments: Annotated[Path, typer.Option(help="Folder of experiments.")] = Path("experiments"),
    runs: Annotated[Path, typer.Option(help="Folder of runs.")] = Path("runs"),
) -> None:
    """List experiments and runs."""
    from kerasvgg.cli.table import print_table

    print_table(("experiment", "what it does"), _experiments(experiments))
    print_table(("run", "split", "accuracy", "n"), _runs(runs), right=("accuracy", "n"))


def _experiments(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*.yaml")):
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        yield str(path), next(filter(_is_prose, lines), "").lstrip("# ")


def _is_prose(line: str) -> bool:
    return line.startswith("# ") and "yaml-language-server" not in line


def _runs(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    from kerasvgg.data.scan import natural

    for path in sorted(folder.rglob("history.csv"), key=lambda path: natural(str(path))):
        try:
            figures = json.loads((path.parent / "metrics.json").read_text(encoding="utf-8"))
            row = figures["split"], f"{figures['accuracy']:.2%}", f"{figures['n']:,}"
        except (OSError, ValueError, LookupError, TypeError):
            row = "unfinished", "", ""
        yield str(path.parent), *row
