"""HTTP as uvicorn speaks it, for clients that take no more than their time, and are refused in JSON here, too."""

import asyncio
import json
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from kerasvgg.serve.limits import MOST_CONNECTIONS, RETRY_AFTER, SECONDS_FOR_HEAD


class Protocol(H11Protocol):
    """A connection; it is closed where the first lines of a request do not come in time."""

    def __init__(self, *words: Any, **more: Any) -> None:
        super().__init__(*words, **more)
        self._head: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begins to wait for a request."""
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            self._refuse(
                HTTPStatus.SERVICE_UNAVAILABLE, f"at most {MOST_CONNECTIONS:,} connections: ask again in a moment"
            )
        self._head = self.loop.call_later(SECONDS_FOR_HEAD, self._give_up)

    def data_received(self, data: bytes) -> None:
        """Takes a part of a request."""
        if self.transport.is_closing():
            return
        super().data_received(data)
        if not self._waits:
            self._stop_waiting()
        elif self._head is None:
            self._head = self.loop.call_later(SECONDS_FOR_HEAD, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stops waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Refuses what is no HTTP; in the middle of an answer there is nothing more to say."""
        if self._waits:
            self._refuse(HTTPStatus.BAD_REQUEST, msg)
        self.transport.close()

    def _refuse(self, status: HTTPStatus, why: str) -> None:
        body = json.dumps({"error": why})
        later = f"retry-after: {RETRY_AFTER}\r\n" if status == HTTPStatus.SERVICE_UNAVAILABLE else ""
        head = f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: application/json\r\n{later}"
        self.transport.write(f"{head}content-length: {len(body)}\r\nconnection: close\r\n\r\n{body}".encode())
        self.transport.close()

    @property
    def _waits(self) -> bool:
        """Tells whether a request is waited for, and not an answer."""
        cycle: Any = self.cycle
        return cycle is None or bool(cycle.response_complete)

    def _stop_waiting(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def _give_up(self) -> None:
        self._head = None
        if self._waits:
            self.transport.close()
