"""Where pictures of a model go."""

import re
from pathlib import Path

from kerasvgg.errors import ConfigError
from kerasvgg.plots.figure import FORMATS
from kerasvgg.run_folder import RunFolder


def output_path(output: Path | None, folder: RunFolder | None, *words: str) -> Path:
    """Returns `output`, or the file that the words name, in the run's folder for pictures or here.

    Raises ConfigError for a suffix that can't be drawn, before anything is computed.
    """
    if output is None:
        name = "-".join(re.sub(r"[^\w.-]+", ".", word)[:80] for word in words if word)
        return (folder.pictures if folder else Path()) / f"{name}.png"
    if output.suffix.lower() not in FORMATS:
        raise ConfigError(f"`--output` must end in {' or '.join(FORMATS)}, received {output}")
    return output
