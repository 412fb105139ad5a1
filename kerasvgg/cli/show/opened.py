"""What every command that shows a model begins with."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kerasvgg.cli.show.output import Target
    from kerasvgg.cli.show.subject import Subject


def opened(model: Path, preprocessing: str, output: Path | None) -> "tuple[Subject, Target]":
    """Returns the model that is to be shown, and where pictures of it go, which is found out first."""
    from kerasvgg.cli.quiet import start_tensorflow
    from kerasvgg.cli.show.output import Target

    target = Target(output, model)
    start_tensorflow()
    from kerasvgg.cli.show.subject import open_subject

    return open_subject(model, preprocessing), target
