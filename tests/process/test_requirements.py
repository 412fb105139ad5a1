import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from kerasvgg.process import requirements

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
METADATA = "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"


def names(lines):
    return [re.match(r"[\w.-]+", line).group().lower() for line in lines]


@pytest.fixture
def site(tmp_path):
    """Writes the metadata of distributions into a folder of packages."""

    def write(*distributions, lines=()):
        for name, version in distributions:
            folder = tmp_path / f"{name.replace('-', '_')}-{version}.dist-info"
            folder.mkdir()
            needed = "".join(f"Requires-Dist: {line}\n" for line in lines)
            (folder / "METADATA").write_text(METADATA.format(name=name, version=version) + needed)
        return tmp_path

    return write


def kerasvgg(site, *words):
    """Runs a module of kerasvgg in a process that finds `site` before everything else."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), str(ROOT), os.environ.get("PYTHONPATH", "")])}
    command = [sys.executable, *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=env, cwd=site)


def test_each_requirement_has_a_range_and_the_tested_version_lies_in_it():
    from packaging.requirements import Requirement
    from packaging.version import Version

    pins = [line for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines() if line[0] != "#"]
    tested = {Requirement(line).name: Requirement(line) for line in pins}
    extras = (
        PROJECT["optional-dependencies"][name] for name in ("sources", "cluster", "ui", "export", "serve", "sweep")
    )
    ranges = [*PROJECT["dependencies"], *(line for lines in extras for line in lines if "kerasvgg[" not in line)]
    assert list(dict.fromkeys(Requirement(line).name for line in ranges)) == list(tested)
    assert len(set(ranges)) == len(tested)  # in two extras, a range is the same
    for line in ranges:
        needed = Requirement(line)
        (pin,) = tested[needed.name].specifier
        assert {one.operator for one in needed.specifier} == {">=", "<"}
        assert pin.operator == "=="
        assert Version(pin.version) in needed.specifier, line
        assert str(needed.marker) == str(tested[needed.name].marker)


def test_the_rest_is_all_but_tensorflow_and_extras(site):
    extra = [f'{line} ; extra == "dev"' for line in PROJECT["optional-dependencies"]["dev"]]
    there = site(("kerasvgg", "9.9"), lines=PROJECT["dependencies"] + extra)
    done = kerasvgg(there, "-m", "kerasvgg.process.requirements")
    assert done.returncode == 0, done.stderr
    assert names(done.stdout.splitlines()) == names(PROJECT["dependencies"])[2:]
    assert done.stdout.startswith("keras>=3.15,<3.16")


def test_the_rest_needs_no_library(site):
    tell = "import sys; import kerasvgg.process.requirements; print(*sys.modules)"
    loaded = kerasvgg(site(), "-c", tell).stdout.split()
    assert not {"numpy", "tensorflow", "keras", "packaging", "typer", "platformdirs"} & set(loaded)


def test_two_tensorflows_are_named_at_the_start_with_what_to_do(site):
    there = site(("tensorflow", "2.21.0"), ("tensorflow-cpu", "2.20.0"))
    done = kerasvgg(there, "-m", "kerasvgg", "ls")
    assert done.returncode == 0
    assert len(done.stderr.splitlines()) == 1
    assert "`tensorflow` 2.21.0 and `tensorflow-cpu` 2.20.0 are both installed" in done.stderr
    assert "`pip uninstall tensorflow tensorflow-cpu`, `pip install tensorflow==2.21.0`" in done.stderr


@pytest.mark.parametrize("found", [{}, {"tensorflow": "2.21.0"}, {"tensorflow-cpu": "2.21.0"}])
def test_one_or_none_is_not_named(monkeypatch, found):
    monkeypatch.setattr(requirements, "_version", found.get)
    assert requirements.two_tensorflows() is None
