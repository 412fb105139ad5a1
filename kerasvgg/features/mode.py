"""The forward mode of a trunk: measured once, then kept, because features are only good together with it."""

import json
from pathlib import Path
from typing import Any

from kerasvgg.atomic import write_text
from kerasvgg.models.fastest import fastest_mode
from kerasvgg.models.forward import Mode
from kerasvgg.progress import say

MEASURE_FROM = 256  # pictures; with fewer, measuring takes longer than it saves
FILE = "modes.json"


def forward_mode(trunk: Any, name: str, pictures: int, folder: Path) -> Mode:
    """Returns the mode that `folder` remembers under this name, else measures and remembers it.

    For few pictures nothing is measured, and it is "graph".
    """
    remembered = _read(folder / FILE)
    if name in remembered:
        return remembered[name]
    if pictures < MEASURE_FROM:
        return "graph"
    mode = fastest_mode(trunk)
    say(f"frozen layers: {mode} mode is the fastest here")
    write_text(folder / FILE, json.dumps({**_read(folder / FILE), name: mode}, indent=2) + "\n")
    return mode


def _read(path: Path) -> dict[str, Mode]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): mode for name, mode in found.items() if mode in ("graph", "xla")}
    except (OSError, ValueError, AttributeError):  # it is a cache: what can't be read is measured again
        return {}
