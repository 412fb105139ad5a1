"""Files that would do harm when they are opened: told, and not done."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import h5py
import keras
import pytest
from hostile_models import BOMBS, BROKEN, DANGERS, REFUSED, Case, cases

import kerasvgg
from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.examine import NOT_PROMISED
from kerasvgg.modelfile.facts.facts import Facts
from kerasvgg.modelfile.open.open import open_model
from kerasvgg.modelfile.safety.verdict import SAFE, UPGRADE

CASES = cases()
ROOT = Path(kerasvgg.__file__).parents[1]
MOST_MEMORY, MOST_WORK = 300 << 20, 8  # bytes, units of work (see `unit_of_work`)
# What happens in the child goes to a pipe that is opened before anything else; a file it could not write.
WATCHER = """
import os, sys
log = os.open(os.environ["WATCHED"], os.O_WRONLY)
sys.addaudithook(lambda event, args: os.write(log, f"{event} {args!r:.200}\\n".encode(errors="replace")))
"""
MEASURE = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_maxrss, used.ru_utime + used.ru_stime)
"""
HARMFUL = ("open", "exec", "compile", "import", "marshal.", "pickle.", "socket.", "subprocess.", "os.", "ctypes.")


def _make(case: Case, folder: Path) -> Path:
    path = folder / f"model.{case.suffix}"
    case.make(path)
    return path


def test_there_are_enough() -> None:
    assert len(DANGERS) + len(BOMBS) + len(BROKEN) >= 60
    assert len(CASES) >= 100


@pytest.fixture
def watched(tmp_path_factory, monkeypatch) -> Callable[[Path], tuple[Facts, list[str]]]:
    """Inspects a file and returns the audit events of the child too."""
    folder = tmp_path_factory.mktemp("watcher")
    (folder / "sitecustomize.py").write_text(WATCHER)
    os.mkfifo(folder / "events")
    monkeypatch.setenv("WATCHED", str(folder / "events"))
    monkeypatch.setenv("PYTHONPATH", str(folder))

    def look(path: Path) -> tuple[Facts, list[str]]:
        with ThreadPoolExecutor(1) as pool:
            events = pool.submit((folder / "events").read_text)
            return kerasvgg.inspect(path), events.result(60).splitlines()

    return look


@pytest.mark.sampled(by_default=12, slow=4)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_verdict_is_right_and_nothing_happens(case: Case, tmp_path, watched) -> None:
    path = _make(case, tmp_path)
    before = {one: one.read_bytes() for one in tmp_path.iterdir()}
    facts, events = watched(path)
    assert facts.verdict == case.verdict, facts.reasons
    assert facts.reasons or case.verdict == SAFE
    limits = [i for i, event in enumerate(events) if event.startswith("resource.setrlimit")]
    assert any(str(path) in event for event in events[: limits[-1]])
    assert [event for event in events[limits[-1] + 1 :] if event.startswith(HARMFUL)] == []
    assert {one: one.read_bytes() for one in tmp_path.iterdir() if one.is_file()} == before


@pytest.mark.slow
@pytest.mark.parametrize(
    "case", [case for case in CASES if case.name in {bomb[0] for bomb in BOMBS}], ids=lambda c: c.name
)
def test_a_bomb_costs_little(case: Case, tmp_path, unit_of_work) -> None:
    path = _make(case, tmp_path)
    reader = [sys.executable, "-P", "-m", "kerasvgg.modelfile.reader", "facts", "12", str(path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-S", "-c", MEASURE, *reader]  # small, because a child starts with its parent's memory
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, timeout=60)
    memory, seconds = map(float, done.stdout.split())
    assert memory * 1024 <= MOST_MEMORY
    assert seconds <= MOST_WORK * unit_of_work()


@pytest.mark.sampled(slow=5)
@pytest.mark.parametrize("case", [case for case in CASES if case.verdict == REFUSED], ids=lambda case: case.name)
def test_no_model_is_opened_that_must_not_be(case: Case, tmp_path) -> None:
    with pytest.raises(ModelFileError):
        open_model(_make(case, tmp_path))


@pytest.mark.sampled(by_default=60, slow=14)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_told_and_what_is_done_agree(case: Case, tmp_path) -> None:
    path = _make(case, tmp_path)
    facts = kerasvgg.inspect(path)
    if facts.container == "mat" or any(NOT_PROMISED in reason for reason in facts.reasons):
        pytest.skip("no file of Keras', or said to be open")
    try:
        open_model(path)
        is_opened = True
    except ModelFileError:
        is_opened = False
    keras.backend.clear_session()
    assert is_opened is (facts.verdict in (SAFE, UPGRADE)), facts.reasons


BY_NAME = {case.name: case for case in CASES}


@pytest.mark.sampled(slow=2)
@pytest.mark.parametrize(
    "name", ["lambda of Keras 3", "a vocabulary from a path", "a value behind another of its name"]
)
@pytest.mark.parametrize("is_json", [False, True])
def test_no_architecture_is_built_that_must_not_be(name: str, is_json: bool, tmp_path) -> None:
    case, weights = BY_NAME[name], tmp_path / "some.weights.h5"
    other = _make(case, tmp_path)
    keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)]).save_weights(weights)
    if is_json:
        text = h5py.File(other).attrs["model_config"] if other.suffix == ".h5" else _config_of(other)
        other = tmp_path / "other.json"
        other.write_text(text)
    with pytest.raises(ModelFileError, match=r"must not be opened|two values of the name"):
        kerasvgg.upgrade(weights, tmp_path / "new.keras", architecture=other)
    assert not (tmp_path / "new.keras").exists()


def _config_of(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        return archive.read("config.json").decode()


def test_in_the_child_even_c_code_opens_nothing(tmp_path) -> None:
    code = """
import ctypes, sys
from kerasvgg.modelfile.reader import MEMORY, limit
libc = ctypes.CDLL(None, use_errno=True)
limit(MEMORY, 5)
print(libc.open(sys.argv[1].encode(), 0), libc.socket(2, 1, 0), libc.open(sys.argv[2].encode(), 0o101, 0o600))
"""
    other = tmp_path / "other"
    other.write_text("here")
    command = [sys.executable, "-c", code, str(other), str(tmp_path / "new")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.split() == ["-1", "-1", "-1"]
    assert not (tmp_path / "new").exists()
