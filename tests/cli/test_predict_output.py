"""kerasvgg predict --output: tables of any number of pictures, by this process and by a cluster."""

import csv
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

needs_ray = pytest.mark.skipif(find_spec("ray") is None, reason="no Ray: `pip install 'kerasvgg[cluster]'`")


@pytest.fixture
def pets(place: Path, trained: Path) -> Path:
    """The pictures that the model was trained on, copies of two of them, and a bad one, in the working folder."""
    root = place / "pets"
    for path in (trained.parents[2] / "pictures").glob("*/*.png"):
        target = root / path.parent.name / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    for name in ("0", "1"):
        (root / "red" / f"copy of {name}.png").write_bytes((root / "red" / f"{name}.png").read_bytes())
    (root / "bad.png").write_bytes(b"no picture")
    return root


def table(folder: Path) -> list[dict[str, str]]:
    with (folder / "predictions.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_tables_have_each_picture_once_with_the_probabilities_that_predict_tells(
    cli: Callable, trained: Path, pets: Path
) -> None:
    done = cli("predict", trained, "pets", "--output", "out")
    assert done.out.splitlines() == [
        "out: 26 pictures of 24 contents; 1 could not be decoded",
        "this time 27 were read and 24 computed; 0 files were known",
    ]
    rows = {row["path"]: row for row in table(Path("out"))}
    told = list(csv.DictReader(cli("predict", trained, "pets", "--csv").out.splitlines()))
    assert sorted(rows) == sorted(str(Path(one["path"]).absolute()) for one in told)
    for one in told:
        row = rows[str(Path(one["path"]).absolute())]
        assert (row["predicted"], row["true"]) == (one["predicted"], Path(one["path"]).parent.name)
        assert float(row["p:red"]) == pytest.approx(float(one["red"]), abs=1e-6)
    with Path("out/bad.csv").open() as file:
        assert [(row["path"], row["reason"][:13]) for row in csv.DictReader(file)] == [
            (str(pets / "bad.png"), "not a picture")
        ]


def test_parquet_has_the_same_rows(cli: Callable, trained: Path, pets: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="no pyarrow: `pip install 'kerasvgg[sources]'`")
    cli("predict", trained, "pets", "--output", "out")
    rows = parquet.read_table("out/predictions.parquet").to_pylist()
    for row, expected in zip(rows, table(Path("out")), strict=True):
        assert (row["path"], row["predicted"]) == (expected["path"], expected["predicted"])
        assert row["p:blue"] == np.float32(expected["p:blue"])


def test_names_that_are_no_text_and_another_way_to_the_same_folder_are_taken(
    cli: Callable, trained: Path, pets: Path
) -> None:
    os.rename(pets / "red" / "0.png", os.fsencode(pets) + b"/red/\xff\n.png")  # noqa: PTH104
    cli("predict", trained, "pets", "--output", "out")
    assert f"{pets}/red/\\xff\n.png" in {row["path"] for row in table(Path("out"))}
    done = cli("predict", trained, pets / "red" / "..", "--output", "out")
    assert "0 were read" in done.out


def test_the_same_command_goes_on_with_what_is_new(cli: Callable, trained: Path, pets: Path) -> None:
    cli("predict", trained, "pets", "--output", "out")
    Image.fromarray(np.full((48, 52, 3), 90, np.uint8)).save(pets / "new.png")
    done = cli("predict", trained, "pets", "--output", "out")
    assert done.out.splitlines()[1] == "this time 1 were read and 1 computed; 27 files were known"
    assert len(table(Path("out"))) == 27


def test_a_folder_of_another_model_is_refused_and_stays_as_it_is(cli: Callable, trained: Path, pets: Path) -> None:
    cli("predict", trained, "pets", "--output", "out")
    before = Path("out/predictions.csv").read_bytes()
    done = cli("predict", trained / "model.h5", "pets", "--output", "out")
    assert (done.status, "holds another job's work" in done.err) == (2, True)
    assert Path("out/predictions.csv").read_bytes() == before


@pytest.mark.parametrize("words", ["--csv --output out", "--cluster local", "--unsure 0.5 --output out"])
def test_what_excludes_each_other_is_refused(cli: Callable, trained: Path, pets: Path, words: str) -> None:
    done = cli("predict", trained, "pets", *words.split())
    assert (done.status, "`--output` must name a folder" in done.err) == (2, True)


def test_a_source_without_a_picture_and_one_that_is_not_there_are_refused(cli: Callable, trained: Path, pets: Path):
    Path("empty").mkdir()
    for source, told in (("empty", "must hold at least one picture"), ("nowhere", "received nothing there")):
        done = cli("predict", trained, source, "--output", "out")
        assert (done.status, told in done.err) == (2, True)


@needs_ray
@pytest.mark.slow
def test_a_cluster_gives_the_same_bytes(cli: Callable, process: Callable, trained: Path, pets: Path) -> None:
    cli("predict", trained, "pets", "--output", "here")
    done = process("predict", trained, "pets", "--output", "there", "--cluster", "local")
    assert done.status == 0, done.err
    assert "cluster: 1 machine" in done.err
    assert Path("there/predictions.csv").read_bytes() == Path("here/predictions.csv").read_bytes()


@needs_ray
@pytest.mark.slow
@pytest.mark.parametrize("victim", [pytest.param("worker", marks=pytest.mark.very_slow), "driver"])
def test_what_is_killed_in_between_costs_no_picture(
    process: Callable, environment: dict, trained: Path, pets: Path, victim: str
) -> None:
    draw = np.random.default_rng(0)
    for number in range(1_500):
        Image.fromarray(draw.integers(0, 256, (300, 300, 3), dtype=np.uint8)).save(pets / f"{number}.jpg")
    command = [
        sys.executable,
        "-m",
        "kerasvgg",
        "predict",
        str(trained),
        "pets",
        "--output",
        "out",
        "--cluster",
        "local",
    ]
    running = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    workers = _wait(lambda: _workers_of(running.pid) if _rows(Path("out")) > 100 else [])
    os.kill(workers[0] if victim == "worker" else running.pid, signal.SIGKILL)
    told = running.communicate(timeout=120)[1]
    if victim == "worker":
        assert running.returncode == 0, told
        assert "a worker on" in told
    else:
        before = _rows(Path("out"))
        done = process("predict", trained, "pets", "--output", "out", "--cluster", "local")
        assert done.status == 0, done.err
        (known,) = [line for line in done.out.splitlines() if "were known" in line]
        assert int(known.split(";")[1].split()[0].replace(",", "")) >= before > 100
    paths = [row["path"] for row in table(Path("out"))]
    assert len(paths) == len(set(paths)) == 26 + 1_500


def _wait(ask: Callable, seconds: float = 100):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := ask():
            return found
        time.sleep(0.05)
    raise TimeoutError


def _rows(folder: Path) -> int:
    import sqlite3
    from contextlib import closing

    if not (folder / "ledger.sqlite").is_file():
        return 0
    try:
        with closing(sqlite3.connect(f"file:{folder / 'ledger.sqlite'}?mode=ro", uri=True)) as ledger:
            return ledger.execute("SELECT count(*) FROM results").fetchone()[0]
    except sqlite3.OperationalError:
        return 0


def _workers_of(driver: int) -> list[int]:
    """Returns the processes of Ray's actors that descend from the driver."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(path.name)] = int((path / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue

    def descends(one: int) -> bool:
        return one == driver or (one in parents and descends(parents[one]))

    return [one for one in parents if descends(one) and b"ray::RemoteWorker" in _command(one)]


def _command(number: int) -> bytes:
    try:
        return Path(f"/proc/{number}/cmdline").read_bytes()
    except OSError:
        return b""
