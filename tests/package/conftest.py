"""The wheel and the source archive, built once from a copy of the files that git knows or would add."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns a folder with the archive and the wheel that was built from it; nothing is fetched."""
    source, dist = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    for name in subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0"):
        if name and (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, source / name)
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(dist), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return dist


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, a user without any file, no setting of ours, and no code but what is installed."""
    for name in ("work", "user"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "work")
    for name in ("PYTHONPATH", "KERASVGG_HOME", "KERASVGG_CACHE", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HOME", "USERPROFILE", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "user"))
    return tmp_path


def write_wheel(folder: Path, name: str, version: str, files: dict[str, str]) -> None:
    """Writes a wheel of pure Python that needs nothing."""
    stem = f"{name.replace('-', '_')}-{version}"
    about = {
        f"{stem}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{stem}.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    with ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as wheel:
        for path, text in (files | about).items():
            wheel.writestr(path, text)
        wheel.writestr(f"{stem}.dist-info/RECORD", "".join(f"{path},,\n" for path in wheel.namelist()))


@pytest.fixture
def stub() -> Callable[..., None]:
    """Writes a wheel that stands in for another package's."""
    return write_wheel
