"""What the commands ask that take a folder of pictures where an experiment's name may stand."""

from pathlib import Path
from typing import Annotated

import typer

From = Annotated[
    Path | None,
    typer.Option("--from", help="Finished run to bring up to date with the folder; old pictures keep their part."),
]
Labels = Annotated[Path | None, typer.Option(help="CSV file that says the classes: path, class, group.")]
Quick = Annotated[bool, typer.Option("--quick", help="Smaller pictures and no fine-tuning: a first look.")]
Minutes = Annotated[float | None, typer.Option(min=0.1, help="About how long a run may take.")]
