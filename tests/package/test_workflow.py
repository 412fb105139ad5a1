"""The workflow runs what a developer runs, on every Python that the package is for."""

import re
import tomllib
from pathlib import Path

from packaging.specifiers import SpecifierSet
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
WORKFLOW = YAML(typ="safe").load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
TARGETS = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_it_only_calls_targets_that_are_there():
    commands = [step["run"] for job in WORKFLOW["jobs"].values() for step in job["steps"] if "run" in step]
    assert len(commands) > 4
    assert {command.removeprefix("make ") for command in commands} <= set(TARGETS)
    lines = re.findall(r"^make ([a-z-]+)", (ROOT / ".ci" / "run").read_text(encoding="utf-8"), re.MULTILINE)
    assert lines == ["runtimes", "check", "test", "test-slow"]


def test_the_pythons_are_those_of_the_package():
    pythons = WORKFLOW["jobs"]["test"]["strategy"]["matrix"]["python"]
    allowed = SpecifierSet(PROJECT["requires-python"])
    assert [f"3.{minor}" for minor in range(8, 20) if f"3.{minor}.0" in allowed] == pythons
    assert [f"Programming Language :: Python :: {python}" for python in pythons] == [
        line for line in PROJECT["classifiers"] if "Python" in line
    ]
