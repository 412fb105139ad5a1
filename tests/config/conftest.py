from collections.abc import Callable
from pathlib import Path

import pytest

WHOLE = """\
seed: 0
data:
  dataset: pets
  classes: [cat, dog]
  image_size: [64, 48]
  batch_size: 4
  split: {train: 0.6, validation: 0.2, test: 0.2}
augment: {zoom_range: 0.2}
model:
  base: vgg16
  head: {units: 16}
train:
  - layers: head
    epochs: 2
    learning_rate: 1e-4
"""

VARIANTS = """\
data: {dataset: pets, image_size: [64, 64], split: {train: 100, validation: 50}}
model: {base: vgg16, head: {units: 256, dropout: 0.5}}
train:
  - {epochs: 30, learning_rate: 2e-5}
default: book
variants:
  book:
    model: {preprocessing: unit}
  small:
    model: {base: small_cnn, head: {units: [8, 4]}}
    train: [{epochs: 1, learning_rate: 1e-3}, {epochs: 2, learning_rate: 1e-4}]
  unsplit:
    data: {split: null}
"""


@pytest.fixture
def whole() -> str:
    return WHOLE


@pytest.fixture
def variants() -> str:
    return VARIANTS


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str | bytes], str]:
    """Writes an experiment file into the working folder, which is empty, and returns its short name."""
    monkeypatch.chdir(tmp_path)

    def _write(text: str | bytes) -> str:
        Path("x.yaml").write_bytes(text.encode() if isinstance(text, str) else text)
        return "x.yaml"

    return _write
