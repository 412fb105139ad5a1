from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def pets(class_folders: Callable[..., Path], tmp_path: Path) -> Path:
    """Twelve pictures each in cat and dog."""
    return class_folders(root=tmp_path / "pets")
