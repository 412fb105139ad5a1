"""The Dockerfile, which no daemon builds here: what it copies is there, and its command is one of kerasvgg's."""

import json
import re
import shlex
from pathlib import Path

import typer

from kerasvgg.cli.app import app

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "deploy" / "Dockerfile").read_text(encoding="utf-8")
KNOWN = {"FROM", "RUN", "COPY", "USER", "WORKDIR", "ENV", "EXPOSE", "HEALTHCHECK", "STOPSIGNAL", "ENTRYPOINT"}


def _instructions() -> list[tuple[str, str]]:
    lines = [line for line in TEXT.replace("\\\n", " ").splitlines() if line.strip() and not line.startswith("#")]
    return [(line.partition(" ")[0], line.partition(" ")[2].strip()) for line in lines]


def test_it_is_made_of_known_instructions_and_ends_as_a_user() -> None:
    found = _instructions()
    assert found[0][0] == "FROM"
    assert {name for name, _ in found} <= KNOWN
    (user,) = (words for name, words in found if name == "USER")
    assert f"useradd --create-home --uid 10001 {user}" in dict(found[:2])["RUN"]
    assert [name for name, _ in found].index("USER") < [name for name, _ in found].index("ENTRYPOINT")


def test_it_installs_the_wheel_with_the_extra_and_the_tested_versions() -> None:
    (copied,) = (words for name, words in _instructions() if name == "COPY")
    *sources, target = copied.split()
    assert sources == ["requirements.txt", "dist/kerasvgg-*.whl"]
    assert (ROOT / "requirements.txt").is_file()
    (installed,) = (words for name, words in _instructions() if name == "RUN" and "pip install" in words)
    assert f"-c {target}requirements.txt" in installed
    assert f"{target}kerasvgg-*.whl" in installed
    assert "[serve]" in installed


def test_its_command_is_understood() -> None:
    (entry,) = (json.loads(words) for name, words in _instructions() if name == "ENTRYPOINT")
    command = typer.main.get_command(app)
    assert entry[:2] == ["kerasvgg", "serve"]
    parsed = command.commands["serve"].make_context("serve", [*entry[2:], "model"]).params
    assert (parsed["host"], parsed["port"], str(parsed["model"])) == ("0.0.0.0", 8000, "model")
    (exposed,) = (words for name, words in _instructions() if name == "EXPOSE")
    assert int(exposed) == parsed["port"]


def test_what_is_said_of_it_is_said_in_its_head_too() -> None:
    page = (ROOT / "docs" / "serve.md").read_text(encoding="utf-8")
    said = re.findall(r"^ {4}(docker .*)$", page, re.MULTILINE)
    assert len(said) == 2
    for line in said:
        assert f"#   {line}" in TEXT
        assert shlex.split(line)[0] == "docker"
