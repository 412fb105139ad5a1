"""kerasvgg split"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kerasvgg.data.folder.split import Split


def split(  # noqa: PLR0917 (typer passes by name)
    source: Annotated[
        Path, typer.Argument(help="Class folders, one flat folder of cat.0.jpg and so on, or with a labels.csv.")
    ],
    folder: Annotated[Path, typer.Argument(help="Where train/, validation/ and test/ go.")],
    train: Annotated[str, typer.Option(help="Pictures per class, or a fraction; left out: the rest.")] = "",
    validation: Annotated[str, typer.Option(help="Pictures per class, or a fraction.")] = "",
    test: Annotated[str, typer.Option(help="Pictures per class, or a fraction.")] = "",
    labels: Annotated[Path | None, typer.Option(help="CSV file that says the classes: path, class, group.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the random draw, for fractions.")] = 0,
    keep_together: Annotated[
        bool, typer.Option("--keep-together", help="Put pictures that show the same into the same part.")
    ] = False,
    how: Annotated[str, typer.Option(help="copy, hardlink or symlink.")] = "copy",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done and write nothing.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Put the split in place of another one.")] = False,
) -> None:
    """Split pictures into train, validation and test folders, with a manifest of their hashes."""
    from kerasvgg.data.folder.scan import scan
    from kerasvgg.data.folder.split import plan_split
    from kerasvgg.data.folder.split_folder import require_one_class_each, write_split_folder
    from kerasvgg.files.text import escape

    planned = plan_split(
        scan(source, labels=labels),
        train=_amount("train", train),
        validation=_amount("validation", validation),
        test=_amount("test", test),
        seed=seed,
        keep_together=keep_together,
    )
    for path, reason in planned.left_out:
        typer.echo(escape(f"left out: {path}: {reason}"), err=True)
    require_one_class_each(planned)
    written = not dry_run and write_split_folder(planned, folder, how, force)
    _show(planned)
    typer.echo(
        f"written to {folder}" if written else f"nothing written{'' if dry_run else ': it stands there already'}"
    )


def _show(planned: "Split") -> None:
    for part in ("train", "validation", "test"):
        pictures = planned.part(part)
        counts = ", ".join(f"{sum(p.label == name for p in pictures):,} {name}" for name in planned.classes)
        typer.echo(f"{part}: {len(pictures):,} pictures ({counts})" if pictures else f"{part}: none")


def _amount(name: str, text: str) -> int | float | None:
    from kerasvgg.errors import ConfigError

    if not text:
        return None
    try:
        return int(text) if text.isdigit() else float(text)
    except ValueError:
        raise ConfigError(f"`--{name}` must be a whole number or a fraction, received {text!r}") from None
