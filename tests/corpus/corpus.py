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
    """Returns what the writer noted beside the file: see make.py."""
    return json.loads((FILES / f"{name}.json").read_text())


def unpack(name: str, folder: Path) -> Path:
    """Writes the file as its Keras wrote it into `folder`, and returns where."""
    path = folder / facts(name)["file"]
    path.write_bytes(lzma.decompress((FILES / f"{path.name}.xz").read_bytes()))
    return path


def architecture_of(name: str, folder: Path) -> str | None:
    """Returns what `--architecture` wants for weights alone: a base's name, or another file of the corpus."""
    said = facts(name)["architecture"]
    return str(unpack(said, folder)) if said in FACTS else said


def pictures_of(said: dict[str, Any]) -> np.ndarray:
    return pictures(said)
