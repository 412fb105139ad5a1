"""Clients of a server on 127.0.0.1: so many that wait for each other, or requests at a rate, whatever becomes of them.

They are few lines of asyncio, because what they take is taken from the server.
"""

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

HOST = "127.0.0.1"
SECONDS = 60.0  # that an answer may take


@dataclass
class Seen:
    """Seconds of answers with status 200, by their ends; and how often each other status, 0 for none, came."""

    seconds: list[float] = field(default_factory=list)
    others: Counter[int] = field(default_factory=Counter)
    wall: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.seconds) / self.wall

    def quantile(self, share: float) -> float:
        """Returns milliseconds that so large a share of answers took at most."""
        ordered = sorted(self.seconds) or [float("nan")]
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def request(port: int, content: bytes, kind: str = "image/jpeg") -> bytes:
    """Returns a request for a picture as it goes over the wire."""
    head = (
        f"POST /predict HTTP/1.1\r\nHost: {HOST}:{port}\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n"
    )
    return head.encode() + b"\r\n" + content


class Client:
    """One connection at a time, opened again where the server closes it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, words: bytes) -> tuple[int, bytes]:
        """Returns the status and the body of the answer; 0 where the connection ends before there is one."""
        try:
            async with asyncio.timeout(SECONDS):
                return await self._ask(words)
        except (OSError, EOFError, TimeoutError, ValueError):
            self.close()
            return 0, b""

    async def _ask(self, words: bytes) -> tuple[int, bytes]:
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(HOST, self._port)
        with suppress(ConnectionError):  # it may have answered before it has heard all
            self._writer.write(words)
            await self._writer.drain()
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        status, length = int(head[9:12]), int(head.partition("content-length: ")[2].partition("\r\n")[0])
        body = await self._reader.readexactly(length)
        if "connection: close" in head:
            self.close()
        return status, body

    def close(self) -> None:
        """Closes the connection."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None


async def closed_loop(port: int, contents: Sequence[bytes], clients: int, seconds: float) -> Seen:
    """Has so many clients ask, each anew as soon as it has its answer."""
    seen, words = Seen(), [request(port, one) for one in contents]
    began = time.monotonic()

    async def client(number: int) -> None:
        own, turn = Client(port), number
        while time.monotonic() < began + seconds:
            turn += clients
            asked = time.monotonic()
            status, _ = await own.ask(words[turn % len(words)])
            _note(seen, status, asked)
        own.close()

    await asyncio.gather(*(client(number) for number in range(clients)))
    seen.wall = time.monotonic() - began
    return seen


async def open_loop(port: int, contents: Sequence[bytes], rate: float, seconds: float) -> Seen:
    """Asks so often a second, at times of a Poisson process; an answer's time counts from when it was due."""
    seen, words, draw = Seen(), [request(port, one) for one in contents], random.Random(0)
    idle: list[Client] = []
    began = due = time.monotonic()

    async def one(number: int, due: float) -> None:
        client = idle.pop() if idle else Client(port)
        status, _ = await client.ask(words[number % len(words)])
        _note(seen, status, due)
        idle.append(client)

    tasks, number = set(), 0
    while (due := due + draw.expovariate(rate)) < began + seconds:
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        tasks.add(asyncio.create_task(one(number, due)))
        number += 1
    await asyncio.gather(*tasks)
    seen.wall = time.monotonic() - began
    for client in idle:
        client.close()
    return seen


def _note(seen: Seen, status: int, asked: float) -> None:
    if status == 200:
        seen.seconds.append(time.monotonic() - asked)
    else:
        seen.others[status] += 1


def probabilities(body: bytes) -> list[float]:
    """Returns those of the first picture of an answer."""
    return list(json.loads(body)["predictions"][0]["probabilities"].values())
