"""The corpus: model files that real old versions of Keras wrote, and what they gave for known pictures."""

import json
import lzma
from pathlib import Path
from typing import Any

import numpy as np
from pattern import pictures

FILES = Path(__file__).parent / "files"
FACTS = sorted(path.stem for path in FILES.glob("*.json"))


def facts(name: str) -> dict[str, Any]:
    return json.loads((FILES / f"{name}.json").read_text())


def unpack(name: str, folder: Path) -> Path:
    """Writes the file as its Keras wrote it into `folder`, and returns where."""
    path = folder / facts(name)["file"]
    path.write_bytes(lzma.decompress((FILES / f"{path.name}.xz").read_bytes()))
    return path


def pictures_of(said: dict[str, Any]) -> np.ndarray:
    return pictures(said)
