"""The process that looks into a file: it gives up what it does not need, and does one task."""

import codecs
import hashlib
import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from kerasvgg.errors import AmbiguousError, ModelFileError, TooMuchError
from kerasvgg.modelfile.examine import examine
from kerasvgg.modelfile.facts.difference import layer_differences
from kerasvgg.modelfile.facts.facts import Facts, Numbers
from kerasvgg.modelfile.facts.mat import mat_facts
from kerasvgg.modelfile.facts.network import leaves_of
from kerasvgg.modelfile.facts.weights import numbers, with_numbers
from kerasvgg.modelfile.read.arrays import blocks, opened_arrays
from kerasvgg.modelfile.read.container import kind_of, read_container
from kerasvgg.modelfile.read.keras_archive import check_archive
from kerasvgg.modelfile.safety.verdict import UNREADABLE

MEMORY = 160 << 20  # bytes, besides what is there already


def limit(memory: int, seconds: int) -> list[str]:
    """Takes from this process, for ever, memory, time, new files, sockets and processes; returns what it could not.

    After this no file, pipe or socket can be opened, whatever code asks for it: the table of open files is full.
    """
    try:
        import resource
    except ImportError:  # Windows
        return ["memory", "processor time", "opening of files"]
    size = _address_space()  # asked while /proc can still be read
    _set(resource.RLIMIT_CPU, seconds)
    _set(resource.RLIMIT_CORE, 0)
    _set(resource.RLIMIT_FSIZE, 0)
    _set(resource.RLIMIT_NOFILE, _lowest_unused())
    if size is None:
        return ["memory"]
    _set(resource.RLIMIT_AS, size + memory)
    return []


def _set(which: int, value: int) -> None:
    import resource

    most = resource.getrlimit(which)[1]
    value = value if most == resource.RLIM_INFINITY else min(value, most)
    resource.setrlimit(which, (value, value))


def _lowest_unused() -> int:
    """Returns the number that the next file would get; all below it are in use."""
    number = os.dup(0)
    os.close(number)
    return number


def _address_space() -> int | None:
    """Returns the bytes of addresses in use; None where only Linux would tell."""
    try:
        return int(Path("/proc/self/statm").read_bytes().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return None


def _saved(file: BinaryIO) -> dict[str, Any]:
    return asdict(read_container(file))


def _facts(file: BinaryIO) -> dict[str, Any]:
    return asdict(_examined(file))


def _weights(file: BinaryIO) -> dict[str, Any]:
    if kind_of(file) == "mat":
        return asdict(mat_facts(file, with_weights=True))
    return asdict(_read_through(file, _examined(file)))


def _opening(file: BinaryIO) -> dict[str, Any]:
    saved = read_container(file)
    facts = _read_through(file, examine(saved, str(file.name), os.fstat(file.fileno()).st_size))
    return {"verdict": facts.verdict, "reasons": facts.reasons, "saved": asdict(saved)}


def _read_through(file: BinaryIO, facts: Facts) -> Facts:
    if facts.container == "keras":
        check_archive(file)
    return with_numbers(facts, *read_numbers(file, facts))


def read_numbers(file: BinaryIO, facts: Facts) -> tuple[dict[str, Numbers], str]:
    """Returns the numbers of each array of the layers, by name, and the fingerprint of all of them together."""
    whole = hashlib.sha256()
    names = [array.name for leaf in leaves_of(facts.layers) for array in leaf.layer.arrays]
    with opened_arrays(file, facts.container) as h5:
        return {name: numbers(blocks(h5, name), whole) for name in names}, whole.hexdigest()


def _difference(first: BinaryIO, second: BinaryIO) -> dict[str, Any]:
    ones, others = _examined(first), _examined(second)
    for facts, place in ((ones, "first"), (others, "second")):
        if facts.container == "mat" or facts.verdict == UNREADABLE:
            raise ModelFileError(f"can't be compared: the {place} is {facts.container}, {facts.verdict}")
    with opened_arrays(first, ones.container) as left, opened_arrays(second, others.container) as right:
        found = layer_differences(ones, others, lambda name: blocks(left, name), lambda name: blocks(right, name))
    return {"layers": [asdict(one) for one in found]}


def _examined(file: BinaryIO) -> Facts:
    if kind_of(file) == "mat":
        return mat_facts(file)
    return examine(read_container(file), str(file.name), os.fstat(file.fileno()).st_size)


TASKS: dict[str, Callable[..., dict[str, Any]]] = {
    "saved": _saved,
    "facts": _facts,
    "weights": _weights,
    "opening": _opening,
    "difference": _difference,
}


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

    Such an answer says `bomb` where the limits, `damage` where the file was in the way, and `ambiguous`.
    """
    try:
        return TASKS[task](*files)
    except ModelFileError as error:
        return {"error": str(error), "kind": _kind(error)}
    except MemoryError:
        return {"error": f"takes more than {MEMORY >> 20} MB of memory to look at", "kind": "bomb"}
    except RecursionError:
        return {"error": "is nested too deeply", "kind": "bomb"}
    except Exception as error:  # HDF5, zlib and others raise whatever the damaged part happens to cause
        return {"error": f"is damaged: {type(error).__name__}: {error}", "kind": "damage"}


def _kind(error: ModelFileError) -> str:
    if isinstance(error, TooMuchError):
        return "bomb"
    if isinstance(error, AmbiguousError):
        return "ambiguous"
    return "damage" if str(error).startswith("is damaged") else ""


if __name__ == "__main__":
    main()
