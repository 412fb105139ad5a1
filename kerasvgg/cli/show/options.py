"""What the commands of `kerasvgg show` have in common."""

from pathlib import Path
from typing import Annotated

import typer

Model = Annotated[Path, typer.Argument(help="A run folder, or a model file (.keras or .h5).")]
Image = Annotated[
    str,
    typer.Argument(help="A picture's file, or its path in the run's split.csv; a run's first test picture otherwise."),
]
Output = Annotated[
    Path | None,
    typer.Option(help="PNG or SVG to write; otherwise one in the run's folder `pictures`, for a model file one here."),
]
Dark = Annotated[bool, typer.Option("--dark", help="Draw on a dark ground.")]
Preprocessing = Annotated[
    str,
    typer.Option(help="For a model that kerasvgg did not write: what it wants of RGB 0..255 (vgg, unit, half ...)."),
]
Size = Annotated[tuple[int, int] | None, typer.Option(metavar="HEIGHT WIDTH", help="Another size than the model's.")]
