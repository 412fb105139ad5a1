"""The commands of docs/installing.md, where a TensorFlow is there already; empty wheels stand in for the rest."""

import os
import re
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
BIN = "Scripts" if os.name == "nt" else "bin"
PAGE = (ROOT / "docs" / "installing.md").read_text(encoding="utf-8")
COMMANDS = next(block for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) if "--no-deps" in block)
GPU = "the GPU's"


@pytest.fixture
def shell(built, outside, stub, monkeypatch):
    """Runs commands where `tensorflow` is installed, and pip finds kerasvgg, stand-ins, and nothing else."""
    for line in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]:
        name, lowest = re.match(r"([\w.-]+)>=([\d.]+)", line).groups()
        files = {"tensorflow/__init__.py": GPU if name == "tensorflow" else "the CPU's"} if "tensor" in name else {}
        stub(built, name, lowest, files)
    venv.create(outside / "venv", with_pip=True)
    monkeypatch.setenv("PATH", str(outside / "venv" / BIN), prepend=os.pathsep)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(built))

    def run(commands):
        done = subprocess.run(commands, shell=True, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run("python -m pip install tensorflow")
    return run


def test_kerasvgg_is_installed_without_another_tensorflow(shell, outside):
    shell("set -e\n" + COMMANDS)
    listed = dict(line.split("==") for line in shell("python -m pip list --format freeze").split())
    assert {"kerasvgg", "tensorflow", "keras", "numpy", "platformdirs", "ruamel.yaml"} <= listed.keys()
    assert "tensorflow-cpu" not in listed
    (file,) = (outside / "venv").rglob("tensorflow/__init__.py")
    assert file.read_text() == GPU


@pytest.mark.skipif("linux" not in sys.platform or os.uname().machine != "x86_64", reason="elsewhere it is one")
def test_without_these_commands_it_would_be_overwritten(shell, outside):
    shell("python -m pip install kerasvgg")
    (file,) = (outside / "venv").rglob("tensorflow/__init__.py")
    assert file.read_text() == "the CPU's"
