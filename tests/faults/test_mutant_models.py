"""Model files with wrong bytes and configurations of nobody's: a verdict or a plain refusal each, and never more."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from doors import kerasvgg as command
from model_mutants import Mutant, mutant
from model_sources import read_sources, write_sources

import kerasvgg
from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.open.open import open_model
from kerasvgg.modelfile.safety.verdict import SAFE, VERDICTS

HERE = Path(__file__).parent
LONGEST = 15  # seconds
MOST_MEMORY = 300 << 20
OPTIONS = ((), ("--json",), ("--weights",), ("--weights", "--json"))
KINDS = ("h5", "keras")
# What Keras refuses may still be called safe once in so many mutants; each such case is an odd one of its own.
ONE_IN = 25


@pytest.fixture(scope="module")
def sources(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("sources")
    write_sources(folder)
    return folder


@pytest.fixture
def mutants(sources: Path, tmp_path: Path):
    """Writes mutants and yields where they are."""

    def write(kind: str, first: int, count: int):
        sound = read_sources(sources / kind)
        for number in range(first, first + count):
            path = tmp_path / f"{number}.{kind}"
            path.write_bytes(mutant(kind, number, sound).content)
            yield number, path

    return write


def attempt(kind: str, first: int, count: int, sources: Path) -> dict:
    """What `model_attempts.py` says."""
    places = (HERE.parent / "modelfile", Path(kerasvgg.__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, places)), "OPENBLAS_NUM_THREADS": "1"}
    words = [sys.executable, HERE / "model_attempts.py", kind, str(first), str(count), sources]
    done = subprocess.run(words, capture_output=True, text=True, env=environment, check=False, timeout=3000)
    assert done.returncode == 0, done.stderr[-1000:]
    return json.loads(done.stdout)


def plain_keras(paths: list[Path]) -> list[dict]:
    """What `plain_keras.py` says of each file."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    words, lines = [sys.executable, HERE / "plain_keras.py"], "\n".join(map(str, paths))
    done = subprocess.run(words, input=lines, capture_output=True, text=True, env=environment, check=True, timeout=3000)
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_number_gives_the_same_mutant_and_hardly_any_is_sound(kind: str, sources: Path) -> None:
    sound = read_sources(sources / kind)
    found: list[Mutant] = [mutant(kind, number, sound) for number in range(60)]
    assert [mutant(kind, number, sound) for number in range(60)] == found
    assert sum(one.content == sound[one.source] for one in found) < 6
    assert sum("config" in one.kinds or "groups" in one.kinds for one in found) >= 20


@pytest.mark.very_slow
@pytest.mark.parametrize("kind", KINDS)
def test_the_command_gives_a_verdict_or_refuses_plainly(kind: str, mutants) -> None:
    seen = set()
    for number, path in mutants(kind, 0, 50):
        options = OPTIONS[number % len(OPTIONS)]
        status, said, error = command("inspect", path, *options)
        assert status in (0, 1, 2), number
        assert "Traceback" not in error, number
        if status == 2:
            assert (said, str(path) in error, len(error.splitlines())) == ("", True, 1), number
            continue
        verdict = json.loads(said)["verdict"] if "--json" in options else said.splitlines()[1].split(": ")[1]
        assert verdict in VERDICTS, number
        assert (verdict == SAFE) is (status == 0), number
        seen.add(verdict)
    assert len(seen) == len(VERDICTS)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_in_a_process_of_its_own_too(kind: str, mutants) -> None:
    def run(path: Path) -> subprocess.CompletedProcess:
        words = [sys.executable, "-m", "kerasvgg", "inspect", path]
        return subprocess.run(words, capture_output=True, text=True, check=False, timeout=LONGEST)

    with ThreadPoolExecutor(2) as pool:
        for done in pool.map(run, [path for _, path in mutants(kind, 50, 4)]):
            assert done.returncode in (0, 1, 2)
            assert "Traceback" not in done.stderr
            assert ("verdict: " in done.stdout) is (done.returncode != 2)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_called_safe_opens_or_is_refused(kind: str, mutants) -> None:
    opened, said = 0, []
    for _, path in mutants(kind, 100, 16):
        try:
            opened += open_model(path).model is not None
        except ModelFileError as error:
            said.append((str(path) in str(error), str(error)))
    assert opened
    assert all(is_named for is_named, _ in said), said


@pytest.mark.parametrize(
    "count",
    [
        40,
        pytest.param(200, marks=pytest.mark.very_slow),
        pytest.param(10_000, marks=[pytest.mark.very_slow, pytest.mark.timeout(3600)]),
    ],
)
@pytest.mark.parametrize("kind", [*KINDS, "mat"])
def test_no_mutant_gets_more_than_a_verdict(kind: str, count: int, sources: Path) -> None:
    said = attempt(kind, 0, count, sources)
    assert said["wrong"] == []
    assert sum(said["went"].values()) == count
    assert said["went"][SAFE] > count / 50  # else they are all too wrong to show anything
    assert len(said["died"]) <= count // 500  # HDF5 going round in circles; its process is ended, and that is told
    assert said["slowest"] <= LONGEST
    assert said["memory"] <= MOST_MEMORY


@pytest.mark.very_slow
@pytest.mark.filterwarnings("ignore:Duplicate name")  # two files of one name are a mutant, too
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", KINDS)
def test_plain_keras_opens_what_is_called_safe(kind: str, mutants) -> None:
    safe = {}
    for number, path in mutants(kind, 10_000, 1_000):
        try:
            facts = kerasvgg.inspect(path)
        except ModelFileError:
            continue
        if facts.is_safe:
            safe[number] = path
    said = plain_keras(list(safe.values()))
    refused = {number: one["error"] for number, one in zip(safe, said, strict=True) if "error" in one}
    assert len(safe) > 50
    assert len(refused) <= len(safe) / ONE_IN, refused
