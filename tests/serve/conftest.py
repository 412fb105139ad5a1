"""A server that all tests may ask which leave it as it was, and servers of a test's own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from model_server import Server, serving, write_onnx


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server as it comes, but for a limit of a megabyte."""
    root = tmp_path_factory.mktemp("server")
    with serving(root) as begin:
        yield begin(write_onnx(root / "model.onnx"), "--body", 1)


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Begins servers that are the test's own."""
    with serving(tmp_path) as begin_one:
        yield begin_one
