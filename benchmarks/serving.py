"""A server under load: python -m benchmarks.serving RUN [EXPORT ...] [--clients 1 8 64] [--seconds 15] [--rounds 3]

RUN is a run folder or a model file, an EXPORT what `kerasvgg export` made of it. `kerasvgg serve` of each answers on
127.0.0.1 beside a plain server: FastAPI, the same decoder, and Keras' compiled `predict_on_batch` behind a lock. The
clients of a closed loop ask anew as soon as they have an answer; in the open loop requests come at 50, 80 and 120 % of
what 64 clients got, whatever becomes of the ones before. Client and server share the processors.

With `--hostile 10000`, the servers of kerasvgg instead get so many requests, of which one in twenty is hostile: answers
that differ from those given to a picture alone, and processes that ended, are counted, and memory is looked at.
"""

import argparse
import asyncio
import json
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.measure import print_table, run, spread
from benchmarks.serving_load import HOST, Seen, closed_loop, open_loop

PICTURES = 200
SHARES = (0.5, 0.8, 1.2)  # of capacity
PLAIN = "plain, predict_on_batch"
SECONDS_TO_START = 180
HEADER = ("server", "clients", "pictures/s", "p50, ms", "p99, ms", "it / plain")


def main(models: Sequence[Path], clients: Sequence[int], seconds: float, rounds: int, hostile: int) -> None:
    """Prints a table of closed loops and one of open loops, or what became of hostile requests."""
    with tempfile.TemporaryDirectory(prefix="kerasvgg-bench-") as temporary:
        run(["-m", "benchmarks.pictures", Path(temporary) / "photos", PICTURES])
        contents = [path.read_bytes() for path in sorted((Path(temporary) / "photos").iterdir())]
        if hostile:
            from benchmarks.serving_hostile import soak

            for model in models:
                with _ours(model, Path(temporary)) as (port, process, log):
                    print(f"{model.name}: {asyncio.run(soak(port, process.pid, log, contents, hostile))}", flush=True)
            return
        _loops(models, contents, Path(temporary), clients=clients, seconds=seconds, rounds=rounds)


def _loops(
    models: Sequence[Path],
    contents: Sequence[bytes],
    folder: Path,
    *,
    clients: Sequence[int],
    seconds: float,
    rounds: int,
) -> None:
    ways = [PLAIN, *(f"kerasvgg, {model.name}" for model in models)]
    closed: dict[tuple[str, int], list[Seen]] = {(way, count): [] for way in ways for count in clients}
    opened: dict[tuple[str, float], Seen] = {}
    for number in range(rounds):
        for place, way in enumerate(ways):
            print(f"round {number + 1} of {rounds}: {way}", file=sys.stderr, flush=True)
            with _plain(models[0]) if not place else _ours(models[place - 1], folder) as (port, _, _):
                asyncio.run(closed_loop(port, contents, 8, 3.0))  # it has seen some before it is timed
                for count in clients:
                    closed[way, count].append(asyncio.run(closed_loop(port, contents, count, seconds)))
                if number == rounds - 1:
                    capacity = closed[way, max(clients)][-1].rate
                    for share in SHARES:
                        opened[way, share] = asyncio.run(open_loop(port, contents, share * capacity, seconds))
    print_table(HEADER, [_row(way, count, some, closed[PLAIN, count]) for (way, count), some in closed.items()])
    print()
    columns = ("server", "of its capacity", "pictures/s", "p50, ms", "p99, ms", "refused (429, 503)")
    print_table(columns, [_open_row(way, share, seen) for (way, share), seen in opened.items()])


def _row(way: str, count: int, some: Sequence[Seen], plain: Sequence[Seen]) -> tuple[str, ...]:
    ratio = [mine.rate / other.rate for mine, other in zip(some, plain, strict=True)]
    p50, p99 = (spread([one.quantile(share) for one in some]) for share in (0.5, 0.99))
    lost = sum(sum(one.others.values()) for one in some)
    return (
        way,
        f"{count}{f', {lost} lost' if lost else ''}",
        spread([one.rate for one in some], 1),
        p50,
        p99,
        spread(ratio, 2),
    )


def _open_row(way: str, share: float, seen: Seen) -> tuple[str, ...]:
    total = len(seen.seconds) + sum(seen.others.values())
    figures = (f"{seen.rate:.1f}", f"{seen.quantile(0.5):,.0f}", f"{seen.quantile(0.99):,.0f}")
    return way, f"{100 * share:.0f} %", *figures, f"{sum(seen.others.values())} of {total}"


Begun = tuple[int, "subprocess.Popen[bytes]", Path]


@contextmanager
def _ours(model: Path, folder: Path) -> Iterator[Begun]:
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".jsonl") as log:
        words = ["-m", "kerasvgg", "serve", str(model)]
        with _begun(words, ["--port"], Path(log.name)) as begun:
            yield begun


@contextmanager
def _plain(model: Path) -> Iterator[Begun]:
    file = model / "model.keras" if model.is_dir() else model
    with (
        tempfile.NamedTemporaryFile() as log,
        _begun(["-m", "benchmarks.peers.plain_server", str(file)], [], Path(log.name)) as begun,
    ):
        yield begun


@contextmanager
def _begun(words: Sequence[str], before_port: Sequence[str], log: Path) -> Iterator[Begun]:
    """Yields a server that answers; it ends with the block."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    command = [sys.executable, *words, *before_port, str(port)]
    with log.open("wb") as errors, subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors) as process:
        try:
            _wait(process, port, log)
            yield port, process, log
        finally:
            process.terminate()


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    ends = time.monotonic() + SECONDS_TO_START
    while process.poll() is None and time.monotonic() < ends:
        try:
            with urllib.request.urlopen(f"http://{HOST}:{port}/ready", timeout=5) as answer:
                json.load(answer)
                return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"the server does not answer:\n{log.read_text(encoding='utf-8', errors='replace')}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", type=Path, metavar="RUN [EXPORT ...]")
    parser.add_argument("--clients", nargs="+", type=int, default=[1, 8, 64])
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--hostile", type=int, default=0, metavar="REQUESTS")
    main(**vars(parser.parse_args()))
