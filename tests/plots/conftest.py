"""What a picture shows, read from the files: matplotlib notes each text of an SVG in a comment before its letters."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


class Drawn:
    """A picture on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.svg = path.read_text(encoding="utf-8") if path.suffix == ".svg" else ""

    @property
    def texts(self) -> list[str]:
        return re.findall(r"<!-- (.*?) -->", self.svg)

    def place(self, text: str) -> tuple[float, float]:
        """Where the first such text begins: from the left, from the top."""
        found = re.search(rf"<!-- {re.escape(text)} -->\s*<g [^>]*translate\(([\d.]+) ([\d.]+)\)", self.svg)
        return float(found[1]), float(found[2])

    def turned(self, text: str) -> bool:
        return bool(re.search(rf"<!-- {re.escape(text)} -->\s*<g [^>]*rotate\(-\d", self.svg))

    @property
    def margins(self) -> set[int]:
        """How many white pixels there are on the left, on the right, above and below."""
        with Image.open(self.path) as picture:
            ink = np.asarray(picture.convert("RGB")).min(axis=2) < 255
        sides = [side for axis in (0, 1) for side in (ink.any(axis), ink.any(axis)[::-1])]
        return {int(side.argmax()) for side in sides}


@pytest.fixture
def drawn() -> type[Drawn]:
    return Drawn


@pytest.fixture(autouse=True)
def no_display(monkeypatch):
    """There is no screen here, and nothing that would look for one."""
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
