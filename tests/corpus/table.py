"""The table in docs/old-models.md: `python tests/corpus/table.py` writes it from the corpus and measured.json."""

import json
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from corpus import FACTS, FILES, facts, unpack

from kerasvgg.modelfile.read.container import read_container
from kerasvgg.modelfile.upgrade import Upgrade, upgrade

MEASURED = json.loads((Path(__file__).parent / "measured.json").read_text())
PAGE = Path(__file__).parents[2] / "docs" / "old-models.md"
HEAD = "| file | written by | what it is | plain Keras 3.15 | kerasvgg |\n|---|---|---|---|---|\n"


@cache
def upgrade_of(name: str) -> Upgrade:
    """Returns what `upgrade` makes of a file of the corpus."""
    with tempfile.TemporaryDirectory() as folder, unpack(name, Path(folder)).open("rb") as file:
        return upgrade(read_container(file))


def table() -> str:
    return HEAD + "".join(f"| {' | '.join(_row(name))} |\n" for name in FACTS)


def _row(name: str) -> list[str]:
    said, measured = facts(name), MEASURED[name]
    writer = f"Keras {said['keras']}" if name.startswith("keras") else f"TensorFlow {said['tensorflow']}"
    return [
        f"`{said['file']}`",
        writer,
        said["what"],
        _plain(said, measured["plain_keras"]),
        _ours(name, said, measured["kerasvgg"]),
    ]


def _plain(said: dict[str, Any], found: dict[str, Any]) -> str:
    if not found["opens"]:
        text = found["error"].split(". ")[0].replace("|", "/")
        return text if len(text) < 90 else f"{text[:87]}..."
    if "error" in found:
        return "opens, but not compiled: " + found["error"][:60]
    if found["learning_rate"] != said["learning_rate"] and said["learning_rate"]:
        return f"opens, but with learning rate {found['learning_rate']:g} instead of {said['learning_rate']:g}"
    return "opens"


def _ours(name: str, said: dict[str, Any], found: dict[str, Any]) -> str:
    if not found["opens"]:
        return "refused: " + upgrade_of(name).obstacles[0]
    upgraded = upgrade_of(name)
    count = len(upgraded.changes) + len(upgraded.training_changes)
    how = f"{count} changes" if count > 1 else "1 change" if count else "as it is"
    if said["weights_only"]:
        shown = said["architecture"]
        how = f"`--architecture {facts(shown)['file'] if shown in FACTS else shown}`"
    return f"{how}; within {_power(found['difference'])}"


def _power(difference: float) -> str:
    return next((text for limit, text in ((1e-7, "1e-7"), (1e-6, "1e-6")) if difference <= limit), "1e-5")


def page_with(text: str, new: str) -> str:
    """Returns the page with its table replaced."""
    before, _, rest = text.partition(HEAD)
    after = rest[rest.index("\n\n") + 1 :] if "\n\n" in rest else ""
    return before + new + after


if __name__ == "__main__":
    PAGE.write_text(page_with(PAGE.read_text(), table()))
    size = sum(path.stat().st_size for path in FILES.iterdir())
    print(f"{len(FACTS)} files, {size:,} bytes")  # noqa: T201
