"""kerasvgg cache: the kept outputs of frozen layers, and what is known of picture files."""

import shutil
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kerasvgg.features.store import Store

app = typer.Typer(
    help="Kept outputs of frozen layers, and what is known of pictures: list, verify, clear.", no_args_is_help=True
)
PICTURES, SHARDS = "pictures", "*.shards"
Name = Annotated[str, typer.Argument(help="Beginning of a name in `cache list`; left out: all of them.")]


@app.command("list")
def list_() -> None:
    """List what is kept: of which layers, how pictures were read, how many, and the room it takes."""
    from kerasvgg.cli.tables import print_table
    from kerasvgg.data.folder.index import size

    columns = ("name", "features of", "pictures read as", "kept as", "rows", "MB")
    print_table(columns, (_row(path, store) for path, store in _stores("")), right=("rows", "MB"))
    for folder in sorted(_folder().glob(SHARDS)):
        megabytes = sum(path.stat().st_size for path in folder.glob("*.parquet")) / 1e6
        typer.echo(f"{_short(folder)}: shards of `kerasvgg features`, {megabytes:,.1f} MB")
    if bytes_ := size():
        typer.echo(f"{PICTURES}: hashes and thumbnails of files that have not changed since, {bytes_ / 1e6:,.1f} MB")


@app.command()
def verify(name: Name = "") -> None:
    """Read everything back and check it; exit status 1 if something is damaged.

    Damaged rows are never used: the next run that needs them computes them again.
    """
    damaged = False
    for path, store in _stores(name):
        problems = list(store.damaged()) if store else ["not readable"]
        damaged |= bool(problems)
        rows = f"{len(store):,} rows, " if store and not problems else ""
        typer.echo(f"{_short(path)}: {rows}{'; '.join(problems) or 'all good'}")
    if damaged:
        raise typer.Exit(1)


@app.command()
def clear(name: Name = "") -> None:
    """Remove what is kept; runs that need it compute it again, and look at all pictures again."""
    from kerasvgg.data.folder.index import forget

    if name == PICTURES or not name:
        typer.echo(f"{PICTURES}: {forget() / 1e6:,.1f} MB freed")
    if name == PICTURES:
        return
    for path, store in _stores(name):
        before = path.stat().st_size
        if store:
            store.clear()
        else:
            path.unlink()
        freed = before - (path.stat().st_size if path.exists() else 0)
        typer.echo(f"{_short(path)}: {freed / 1e6:,.1f} MB freed")
    for folder in _folder().glob(f"{name}{SHARDS}"):
        shutil.rmtree(folder)
        typer.echo(f"{_short(folder)}: shards removed")
    for path in _folder().glob(f"{name}*.damaged"):
        path.unlink()
        typer.echo(f"{path.name}: removed")


def _folder() -> Path:
    from kerasvgg.files.locations import cache

    return cache() / "features"


def _stores(name: str) -> "Iterator[tuple[Path, Store | None]]":
    """Yields each file of the cache, opened, or with None for one that can't be read."""
    from kerasvgg.errors import DataError
    from kerasvgg.features.store import DamagedError, Store

    paths = sorted(path for path in _folder().glob("*.sqlite") if path.name.startswith(name))
    if name and not paths:
        raise DataError(f"`name` must begin one of the names in `kerasvgg cache list`, received {name!r}")
    for path in paths:
        try:
            with closing(Store.open(path)) as store:
                yield path, store
        except DamagedError:
            if path.stat().st_size:  # a run that was killed as it made the file leaves an empty one
                yield path, None


def _row(path: Path, store: "Store | None") -> tuple[str, ...]:
    megabytes = f"{path.stat().st_size / 1e6:,.1f}"
    if store is None:
        return _short(path), "not readable", "", "", "", megabytes
    about = defaultdict(lambda: "?", {"fit": "squeeze", **store.about})
    size = "x".join(map(str, about["image_size"]))
    return (
        _short(path),
        f"{about['base']} before {about['cut']}",
        f"{size}, {about['interpolation']}, {about['fit']}, {about['preprocessing']}",
        f"{about['dtype']}, {about['mode']}, {about['threads']} threads",
        f"{len(store):,}",
        megabytes,
    )


def _short(path: Path) -> str:
    return path.stem[:12]
