"""Inspects mutants through kerasvgg's public door and tells how it went, as a line of JSON.

`model_attempts.py KIND FIRST COUNT SOURCES`: so many mutants of a kind of container from a number on.
"""

import collections
import itertools
import json
import sys
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import forked_reader
from mat_mutants import mutants as mat_mutants
from model_mutants import mutant
from model_sources import read_sources
from pydantic import RootModel

import kerasvgg
from kerasvgg.cli.model.facts_text import layer_columns, layer_lines, layer_rows, lines
from kerasvgg.errors import ModelFileError
from kerasvgg.files.text import escape
from kerasvgg.modelfile.facts.facts import Facts
from kerasvgg.modelfile.facts.network import leaves_of
from kerasvgg.modelfile.safety.verdict import VERDICTS

EVERY = 5  # so many are inspected for each whose arrays are read too


def attempt(path: Path, weights: bool) -> str:
    """Returns the verdict, or "refused"; whatever else is raised is a fault of kerasvgg's."""
    try:
        facts = kerasvgg.inspect(path, weights=weights)
    except ModelFileError as error:
        return "refused" if str(path) in str(error) else f"does not name the file: {error}"
    assert facts.verdict in VERDICTS
    assert facts.is_safe or facts.reasons
    rendered(facts)
    return facts.verdict


def rendered(facts: Facts) -> None:
    """Makes what `kerasvgg inspect` prints, in all its ways."""
    rows = [*map(escape, lines(facts))]
    rows += [escape(line) for leaf in leaves_of(facts.layers) for line in layer_lines(leaf)]
    columns = len(layer_columns(facts))
    for row in layer_rows(facts):
        assert len(row) == columns
        rows += map(escape, row)
    "\n".join(rows).encode()
    json.dumps(RootModel(facts).model_dump(mode="json"), allow_nan=False).encode()


def files(kind: str, first: int, count: int, sources: Path) -> Iterator[tuple[int, bytes]]:
    if kind == "mat":
        yield from itertools.islice(enumerate(mat_mutants(2)), first, first + count)
        return
    sound = read_sources(sources / kind)
    for number in range(first, first + count):
        yield number, mutant(kind, number, sound).content


def many(kind: str, first: int, count: int, sources: Path) -> dict[str, Any]:
    forked_reader.install()
    went: collections.Counter[str] = collections.Counter()
    wrong: list[str] = []
    died: dict[int, int | None] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"model.{kind}"
        for number, content in files(kind, first, count, sources):
            path.write_bytes(content)
            try:
                went[attempt(path, number % EVERY == 0)] += 1
            except Exception as error:
                place = traceback.extract_tb(error.__traceback__)[-1]
                wrong.append(f"{kind} {number}: {type(error).__name__}: {error} ({place.name})"[:500])
            if (status := forked_reader.ENDS[-1].status) != 0:
                died[number] = status
    ends = forked_reader.ENDS
    slowest, memory = max(end.seconds for end in ends), max(end.memory for end in ends)
    return {"went": went, "wrong": wrong, "died": died, "slowest": slowest, "memory": memory}


if __name__ == "__main__":
    kind, first, count, sources = sys.argv[1:]
    sys.stdout.write(json.dumps(many(kind, int(first), int(count), Path(sources))))
