"""kerasvgg data: the data sets that have a name."""

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from kerasvgg.data.catalog.dataset import Dataset

app = typer.Typer(help="Data sets by name: what there is, and how to get it.", no_args_is_help=True)


@app.command("list")
def list_() -> None:
    """List the data sets: what they hold, size, layout, origin, licence, and whether they are here."""
    import sys

    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from kerasvgg.data.catalog.catalog import CATALOG
    from kerasvgg.files.locations import find

    table = Table(show_lines=True)
    table.add_column("name", no_wrap=True)
    table.add_column("what it is", overflow="fold")
    table.add_column("here")
    for name, dataset in CATALOG.items():
        table.add_row(name, escape(_describe(dataset)), "yes" if find("datasets", name) else "no")
    Console(file=sys.stdout).print(table)


@app.command()
def get(name: str) -> None:
    """Download or make the data set NAME, unless it is here, and print its folder."""
    from kerasvgg.data.catalog.catalog import get as get_dataset

    typer.echo(get_dataset(name))


def _describe(dataset: "Dataset") -> str:
    about = "" if dataset.exact else "about "
    download = f"{about}{dataset.size / 1e6:.0f} MB to download" if dataset.url else "no download"
    lines = (
        dataset.title,
        f"{dataset.pictures:,} pictures, {download}",
        f"layout: {dataset.layout}",
        f"origin: {dataset.origin}",
        f"licence: {dataset.licence}",
    )
    return "\n".join(lines)
