"""What `pip install` gives: everything that a command needs, and nothing else, also in an empty folder."""

import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

import kerasvgg

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
BIN = "Scripts" if os.name == "nt" else "bin"
EXPERIMENTS = {path.relative_to(ROOT).as_posix() for path in (ROOT / "experiments").rglob("*.yaml")}


@pytest.fixture
def wheel(built):
    (path,) = built.glob("kerasvgg-*.whl")
    return path


@pytest.fixture
def command(wheel, outside):
    """Calls the installed kerasvgg, which shares the libraries of the tests, but not their code."""
    place = outside / "venv"
    venv.create(place, with_pip=False)
    python = place / BIN / "python"
    words = ["--python", str(python), "install", "--quiet", "--no-index", "--no-deps", str(wheel)]
    subprocess.run([sys.executable, "-m", "pip", *words], check=True)
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = subprocess.run([python, "-c", where], check=True, capture_output=True, text=True).stdout.strip()
    Path(packages, "shared.pth").write_text(sysconfig.get_path("purelib") + "\n")

    def call(*words):
        return subprocess.run([place / BIN / "kerasvgg", *words], capture_output=True, text=True, check=False)

    return call


def test_the_wheel_has_the_code_the_experiments_and_the_schema_and_nothing_else(wheel):
    names = set(ZipFile(wheel).namelist())
    about = {name for name in names if name.split("/")[0].endswith(".dist-info")}
    own = {path.relative_to(ROOT).as_posix() for path in (ROOT / "kerasvgg").rglob("*") if path.is_file()}
    own = {name for name in own if "__pycache__" not in name}
    assert names - about == own | {f"kerasvgg/{name}" for name in EXPERIMENTS}
    assert {"kerasvgg/py.typed", "kerasvgg/config/experiment.schema.json"} <= names
    assert any(name.endswith("licenses/LICENSE") for name in about)


def test_the_source_archive_has_what_the_wheel_is_built_from_and_neither_tests_nor_data(built):
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        names = {member.name.partition("/")[2] for member in opened if member.isfile()}
    assert names >= EXPERIMENTS | {"pyproject.toml", "setup.py", "README.md", "LICENSE", "CHANGELOG.md"}
    assert not {name for name in names if name.split("/")[0] in ("tests", "data", "benchmarks", "tools", "runs")}


def test_the_version_is_the_packages(wheel):
    assert wheel.name == f"kerasvgg-{kerasvgg.__version__}-py3-none-any.whl"
    (metadata,) = (name for name in ZipFile(wheel).namelist() if name.endswith("METADATA"))
    assert f"\nVersion: {kerasvgg.__version__}\n" in ZipFile(wheel).read(metadata).decode()


def test_it_works_in_an_empty_folder_and_leaves_it_empty(command, outside):
    before = sorted((outside / "user").rglob("*"))  # pip and what it asks for may have left something there
    assert "Transfer learning" in command("--help").stdout
    assert command("--version").stdout == f"{kerasvgg.__version__}\n"
    done = command("validate", "quickstart")
    assert (done.returncode, done.stderr) == (0, "")
    path = re.escape(str(outside / "venv")) + r".*experiments.quickstart\.yaml"
    assert re.match(rf"{path}: valid \(3 experiments: from_scratch, feature_extraction, fine_tuning\)", done.stdout)
    listed = command("ls").stdout.split()
    assert {"quickstart", "cats_and_dogs/feature_extraction"} <= set(listed)
    assert command("validate", "quikstart").returncode == 2
    assert not [*(outside / "work").iterdir()]
    assert sorted((outside / "user").rglob("*")) == before


def test_what_it_makes_goes_to_the_users_folder(command, outside):
    done = command("data", "get", "digits")
    assert done.returncode == 0, done.stderr
    made = Path(done.stdout.strip())
    assert made.is_relative_to(outside / "user")
    assert (made.name, made.parent.name, made.parent.parent.name) == ("digits", "datasets", "kerasvgg")
    assert len(list(made.rglob("*.png"))) == 1797
    assert not [*(outside / "work").iterdir()]
