"""Thousands of experiment files that nobody should write: each is read, or refused with its place, at once."""

import os
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from yaml_shapes import SHAPES
from yaml_texts import NASTY, contents, overrides, variants

import kerasvgg
from kerasvgg.config.load import load_experiments
from kerasvgg.config.writer import dump_experiment
from kerasvgg.errors import ConfigError

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has neither alarms nor a child's peak memory")

LONGEST = 2.0  # seconds of this process
MOST_MEMORY = 300 << 20  # bytes of addresses of a whole process, of which Python with its libraries takes 40 MB
LIMITED = f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({MOST_MEMORY}, {MOST_MEMORY}))\n"
LIMITED += "from kerasvgg.__main__ import main; main()"
FILE = re.compile(r"x\.yaml:(\d+):\d+: \S")
COMMAND_LINE = re.compile(r"override `.*`: \S|x\.yaml: `.*` is not a variant")
# Tracing the code in order to explain a failure would make it ten times slower.
ANY = {"deadline": None, "suppress_health_check": list(HealthCheck), "phases": [*set(Phase) - {Phase.explain}]}


class TooLongError(BaseException):
    """Not an Exception, which the code under test might catch."""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@contextmanager
def at_once() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TooLongError(f"more than {LONGEST} s")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, LONGEST)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def read(content: bytes, settings: Sequence[str] = (), asked: Sequence[str] | None = ("all",)) -> str:
    """Loads the file `x.yaml` with that content; returns what was told, or nothing where it is a right experiment."""
    Path("x.yaml").write_bytes(content)
    try:
        with at_once():
            found = load_experiments("x.yaml", settings, asked)
    except ConfigError as error:
        return str(error)
    assert found
    for experiment in list(found.values())[:5]:
        Path("x.yaml").write_text(dump_experiment(experiment))
        assert list(load_experiments("x.yaml").values()) == [experiment]
    return ""


def check(content: bytes, settings: Sequence[str], asked: Sequence[str] | None) -> None:
    told = read(content, settings, asked)
    lines = (
        content.count(b"\n") + content.count(b"\r") + content.count(b"\xe2\x80\xa8") + content.count(b"\xc2\x85") + 1
    )
    for line in told.splitlines():
        place = FILE.match(line)
        assert place or COMMAND_LINE.match(line), line
        assert not place or 1 <= int(place[1]) <= lines + 1, line
        assert line.isprintable(), line
        assert len(line) < 4_000, line
    assert list(map(str, Path().iterdir())) == ["x.yaml"]


@settings(max_examples=150, derandomize=True, **ANY)
@given(content=contents(), settings=overrides(), asked=variants())
def test_a_generated_file_is_an_experiment_or_is_refused_with_its_place(
    place: Path, content: bytes, settings: list[str], asked: tuple[str, ...] | None
) -> None:
    check(content, settings, asked)


@pytest.mark.very_slow
@settings(max_examples=5_000, **ANY)
@given(content=contents(), settings=overrides(), asked=variants())
def test_so_are_five_thousand(place: Path, content: bytes, settings: list[str], asked: tuple[str, ...] | None) -> None:
    check(content, settings, asked)


@pytest.mark.sampled(by_default=2)
@pytest.mark.parametrize(
    "where", ["seed: {}\n", "{}: 1\n", "data: {{dataset: {}, image_size: [64, 64]}}\n", "train:\n  - {}\n"]
)
def test_no_nasty_piece_does_harm_wherever_it_stands(place: Path, where: str) -> None:
    for piece in NASTY:
        assert read(where.format(piece).encode("utf-8", "surrogatepass")), piece


SLOW = pytest.mark.slow


@pytest.mark.sampled(by_default=4, slow=2)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    "size", [30_000, pytest.param(9_900, marks=SLOW), pytest.param(99_000, marks=pytest.mark.very_slow)]
)
def test_much_of_one_thing_is_read_or_refused_at_once(place: Path, shape: str, size: int) -> None:
    check(SHAPES[shape](size).encode(), (), ("all",))


class Ended(NamedTuple):
    status: int
    out: str
    err: str
    seconds: float


@pytest.fixture
def validate(place: Path) -> Callable[[bytes], Ended]:
    """Runs `kerasvgg validate x.yaml` in a process of its own that gets no more memory than MOST_MEMORY."""
    env = {**os.environ, "PYTHONPATH": str(Path(kerasvgg.__file__).parents[1])}
    command = [sys.executable, "-c", LIMITED, "validate", "x.yaml"]

    def run(content: bytes) -> Ended:
        Path("x.yaml").write_bytes(content)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Ended(done.returncode, done.stdout, done.stderr, seconds)

    return run


BOMBS = (
    "a bomb of aliases",
    "variants of much",
    "variants of much that is wrong",
    "brackets",
    "a huge list in each variant",
)
SPOILT = [f"seed: {piece}\n" for piece in NASTY[::25]]
BYTES = [b"", b"\xff\xfe", b"\x00" * 5000, os.urandom(5000), b"a: \xe9", b"\xef\xbb\xbf"]


@pytest.mark.slow
def test_the_command_ends_with_status_2_and_without_a_traceback(validate: Callable[[bytes], Ended]) -> None:
    bombs = [SHAPES[shape](size) for shape in BOMBS for size in (60_000, 3_000_000)]
    for content in (*(text.encode("utf-8", "surrogatepass") for text in (*bombs, *SPOILT)), *BYTES):
        ended = validate(content)
        assert (ended.status, ended.out) == (2, ""), content[:100]
        assert "Traceback" not in ended.err, content[:100]
        assert all(map(FILE.match, ended.err.splitlines())), content[:100]
        assert ended.err.replace("\n", "").isprintable(), content[:100]
        assert ended.seconds < LONGEST + 1, content[:100]
        assert not Path("RAN").exists()
