"""The child process: looks into files after it gave up what it does not need, and says on stdout what it saw."""

import codecs
import dataclasses
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.container import read_container
from kerasvgg.modelfile.limits import MEMORY, limit

CODECS = ("ascii", "utf-8", "utf-16", "utf-32", "latin-1", "cp437")
MOST_SAID = 64 << 20  # characters


def main() -> None:
    """Does the task that the command line names with the files that it names."""
    task, seconds, *paths = sys.argv[1:]
    files = [Path(path).open("rb") for path in paths]  # noqa: SIM115 - they stay open to the end
    for name in CODECS:
        codecs.lookup(name)  # Python finds them in files
    missing = limit(MEMORY, int(seconds))
    said = json.dumps(answer(task, *files) | {"limits_missing": missing})
    sys.stdout.write(said if len(said) <= MOST_SAID else json.dumps({"error": "has too much in it to be told"}))


def answer(task: str, *files: BinaryIO) -> dict[str, Any]:
    """Returns what the task comes to, or {"error": why not}, whatever the files hold."""
    try:
        return TASKS[task](*files)
    except ModelFileError as error:
        return {"error": str(error)}
    except MemoryError:
        return {"error": f"takes more than {MEMORY >> 20} MB of memory to look at: do not open it", "bomb": True}
    except RecursionError:
        return {"error": "is nested too deeply: do not open it", "bomb": True}
    except Exception as error:  # HDF5, zlib and others raise whatever the damaged part happens to cause
        return {"error": f"could not be read to the end: {type(error).__name__}: {error}", "unreadable": True}


def _saved(file: BinaryIO) -> dict[str, Any]:
    return dataclasses.asdict(read_container(file))


TASKS: dict[str, Callable[..., dict[str, Any]]] = {"saved": _saved}

if __name__ == "__main__":
    main()
