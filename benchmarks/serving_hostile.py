"""Requests as they should be, and one in twenty as it should not: what a server says of the former meanwhile."""

import asyncio
import random
import struct
import time
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from benchmarks.serving_load import HOST, Client, probabilities, request

CLIENTS = 16
ONE_IN = 20
SAME = 1e-3  # of a probability; int8 rounds, and a batch may round otherwise than a picture alone


async def soak(port: int, process: int, log: Path, contents: Sequence[bytes], count: int) -> str:
    """Sends so many requests, and returns in words what became of them."""
    alone = Client(port)
    wanted = [probabilities((await alone.ask(request(port, one)))[1]) for one in contents]
    state, statuses, wrong, draw = iter(range(count)), Counter[str](), [0], random.Random(0)
    memory: list[float] = []

    async def client() -> None:
        own = Client(port)
        for number in state:
            if number % ONE_IN == 0:
                kind, send = draw.choice(HOSTILE)
                statuses[f"{kind} {await send(port, contents[number % len(contents)])}"] += 1
                continue
            place = number % len(contents)
            status, body = await own.ask(request(port, contents[place]))
            statuses[f"picture {status}"] += 1
            if status == 200:
                given = probabilities(body)
                wrong[0] += max(abs(a - b) for a, b in zip(given, wanted[place], strict=True)) > SAME
        own.close()

    async def watch() -> None:
        parent = psutil.Process(process)
        while True:
            memory.append(sum(one.memory_info().rss for one in [parent, *parent.children(recursive=True)]) / 1e6)
            await asyncio.sleep(1)

    watching, began = asyncio.create_task(watch()), time.monotonic()
    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    watching.cancel()
    lines = log.read_text(encoding="utf-8").splitlines()
    ended = sum("a process ended" in line for line in lines)
    unusual = Counter(line.partition('"event"')[2][:200] for line in lines if '"level": "info"' not in line)
    fifth = max(1, len(memory) // 5)
    early, late = (sorted(some)[len(some) // 2] for some in (memory[fifth : 2 * fifth] or memory, memory[-fifth:]))
    listed = ", ".join(f"{name}: {number:,}" for name, number in sorted(statuses.items()))
    return (
        f"{wrong[0]} wrong answers, {ended} processes ended, {unusual.total()} lines of the log that are no "
        f"information, at most {max(memory):.0f} MB, {early:.0f} MB in the second fifth, {late:.0f} MB in the last; "
        f"{time.monotonic() - began:.0f} s\n{listed}\n{dict(unusual)}"
    )


def _bomb() -> bytes:
    """Returns a PNG file of 50 KB and 400 million pixels."""
    side = 20_000

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress(bytes(side * (1 + side // 8)), 9)
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


BOMB = _bomb()


def _of(change: Callable[[bytes], bytes], kind: str = "image/jpeg") -> Callable[[int, bytes], object]:
    async def send(port: int, content: bytes) -> int:
        client = Client(port)
        status, _ = await client.ask(request(port, change(content), kind))
        client.close()
        return status

    return send


async def _endless(port: int, content: bytes) -> int:
    """Sends parts until there is an answer, or many."""
    reader, writer = await asyncio.open_connection(HOST, port)
    head = request(port, b"").replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
    writer.write(head)
    answer = asyncio.create_task(reader.read(12))
    with suppress(OSError):
        for _ in range(1024):
            if answer.done():
                break
            writer.write(b"10000\r\n" + bytes(0x10000) + b"\r\n")
            await writer.drain()
    with suppress(OSError):
        found = await answer
        writer.close()
        return int(found[9:12] or 0)
    return 0


async def _gone(port: int, content: bytes) -> int:
    """Goes away in the middle of a picture."""
    _, writer = await asyncio.open_connection(HOST, port)
    writer.write(request(port, content)[: len(content) // 2])
    await writer.drain()
    writer.close()
    return 0


HOSTILE: list[tuple[str, Callable[..., object]]] = [
    ("bomb", _of(lambda content: BOMB)),
    ("truncated", _of(lambda content: content[: len(content) // 2])),
    ("noise", _of(lambda content: bytes(random.Random(1).randbytes(len(content))))),
    ("text", _of(lambda content: b"hello", "text/plain")),
    ("JSON of others", _of(lambda content: b'{"pictures": [{"content": 5}]}', "application/json")),
    ("deep JSON", _of(lambda content: b"[" * 100_000, "application/json")),
    ("form without end", _of(lambda content: b"--x\r\n" + content, "multipart/form-data; boundary=x")),
    ("too large", _of(lambda content: content + bytes(21_000_000))),
    ("endless", _endless),
    ("gone", _gone),
]
