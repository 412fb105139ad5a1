"""The child process: looks into files after it gave up what it does not need, and says on stdout what it saw."""

import codecs
import json
import sys
from pathlib import Path
from typing import Any, BinaryIO

from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.limits import MEMORY, limit
from kerasvgg.modelfile.tasks import TASKS
from kerasvgg.modelfile.too_much import TooMuchError

CODECS = ("ascii", "utf-8", "utf-16", "utf-32", "latin-1", "cp437")
MOST_SAID = 64 << 20  # characters


def main() -> None:
    """Does the task that the command line names with the files that it names."""
    task, seconds, *paths = sys.argv[1:]
    files = [Path(path).open("rb") for path in paths]  # noqa: SIM115 - they stay open to the end
    for name in CODECS:
        codecs.lookup(name)  # Python finds them in files
    missing = limit(MEMORY, int(seconds))
    said = json.dumps(answer(task, *files) | {"limits_missing": missing}, ensure_ascii=False)
    if len(said) > MOST_SAID:
        said = json.dumps({"error": "has too much in it to be told", "kind": "bomb"})
    sys.stdout.buffer.write(said.encode("utf-8", "replace"))  # a file may hold halves of letters


def answer(task: str, *files: BinaryIO) -> dict[str, Any]:
    """Returns what the task comes to, or {"error": why not}, whatever the files hold.

    Such an answer says `bomb` where the limits, and `damage` where the file was in the way.
    """
    try:
        return TASKS[task](*files)
    except TooMuchError as error:
        return {"error": str(error), "kind": "bomb"}
    except ModelFileError as error:
        return {"error": str(error), "kind": "damage" if str(error).startswith("is damaged") else ""}
    except MemoryError:
        return {"error": f"takes more than {MEMORY >> 20} MB of memory to look at", "kind": "bomb"}
    except RecursionError:
        return {"error": "is nested too deeply", "kind": "bomb"}
    except Exception as error:  # HDF5, zlib and others raise whatever the damaged part happens to cause
        return {"error": f"is damaged: {type(error).__name__}: {error}", "kind": "damage"}


if __name__ == "__main__":
    main()
