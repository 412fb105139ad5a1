"""The way in: `kerasvgg` and `python -m kerasvgg`."""

import os
import sys
from io import TextIOWrapper
from pathlib import Path


def main() -> None:
    """Runs the command line; a mistake of the user's ends with its message and status 2, never with a traceback."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    if isinstance(sys.stdout, TextIOWrapper) and sys.stdout.errors == "strict":
        # A file's name that the terminal can't show is no reason to stop.
        sys.stdout.reconfigure(errors="backslashreplace")
    from kerasvgg.cli.app import app
    from kerasvgg.errors import KerasVGGError
    from kerasvgg.files.text import escape

    try:
        app(prog_name="kerasvgg")
    except (KerasVGGError, OSError, MemoryError) as error:
        lines = (_words(error) or "out of memory").split("\n")
        sys.stderr.write("".join(f"{escape(line)}\n" for line in lines))  # names in it may come from strangers
        sys.exit(2)


def _words(error: BaseException) -> str:
    """Returns an error's text; of a file's, which file it was, where Python begins with a number."""
    if isinstance(error, OSError) and error.strerror and isinstance(error.filename, str | bytes):
        return f"`{Path(os.fsdecode(error.filename)).absolute()}`: {error.strerror}"
    return str(error)


if __name__ == "__main__":
    main()
