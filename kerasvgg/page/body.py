"""What comes with a request: no more than allowed, and no slower."""

import asyncio
from typing import Any

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope


class RefusedError(Exception):
    """Says with which status a request is refused and why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why


class Body:
    """A request's body of at most so many bytes, which come within so many seconds; `is_over` when all of it has come.

    Raises RefusedError, which the app turns into words.
    """

    def __init__(self, scope: Scope, receive: Receive, most: int, seconds: float) -> None:
        self._receive, self._most, self._seconds = receive, most, seconds
        self._ends = asyncio.get_running_loop().time() + seconds
        self.got, self.is_over = 0, False
        length = Headers(scope=scope).get("content-length", "0")
        self._announced = int(length) if length.isdigit() else 0

    async def __call__(self) -> Message:
        """Returns the next part."""
        if self.is_over:
            return await self._receive()  # waits for the client to go away
        if self._announced > self._most:
            raise RefusedError(413, f"at most {self._most:,} bytes, received {self._announced:,}")
        left = self._ends - asyncio.get_running_loop().time()
        try:
            message: dict[str, Any] = dict(await asyncio.wait_for(self._receive(), max(left, 0.01)))
        except TimeoutError:
            raise RefusedError(408, f"the request took more than {self._seconds:g} seconds") from None
        self.got += len(message.get("body", b""))
        if self.got > self._most:
            raise RefusedError(413, f"at most {self._most:,} bytes, received more")
        self.is_over = not message.get("more_body", False)
        return message
