"""Who may ask, how much, and how many at a time; and what is noted of it.

Without a token only this machine may: the Host must be this server's, because a name of somebody else's can be made to
lead to 127.0.0.1, and a page of somebody else's may not ask.
"""

import asyncio
import hmac
import time
from contextlib import suppress
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kerasvgg.page.body import Body, RefusedError
from kerasvgg.serve.answers import refusal
from kerasvgg.serve.limits import SECONDS_FOR_BODY, Limits
from kerasvgg.serve.log import event
from kerasvgg.serve.metrics import Metrics

PREDICT = "/predict"
OPEN = ("/health", "/ready")  # which tell no one anything, and are asked by what keeps servers alive
SECONDS_TO_LINGER = 2.0  # that a client which still sends has to hear why it is refused
NOT_NOW = "the server is stopping: ask again in a moment"


@dataclass(frozen=True)
class Access:
    """`hosts` are the names that this server goes by, none where any will do; `token` is "" where none is asked for."""

    hosts: frozenset[str]
    token: str


@dataclass
class Phase:
    """A server that is `leaving` ends each connection with its next answer; if it is `stopping`, too, it refuses."""

    leaving: bool = False
    stopping: bool = False


class Guard:
    """Lets requests through to `app` that may be answered."""

    def __init__(self, app: ASGIApp, access: Access, limits: Limits, phase: Phase, metrics: Metrics) -> None:
        self._app, self._access, self._limits, self._phase = app, access, limits, phase
        self._metrics, self._in_hand = metrics, set[Body]()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        body = Body(scope, receive, self._limits.body, min(SECONDS_FOR_BODY, self._limits.seconds))
        reply, began = _Reply(body, receive, send, self._phase), time.monotonic()
        self._in_hand.add(body)
        try:
            self._admit(scope)
            await self._app(scope, self._counted(body), reply)
        except RefusedError as refused:
            headers = {"www-authenticate": "Bearer"} if refused.status == 401 else None
            await refusal(refused.status, refused.why, headers)(scope, body, reply)
        except Exception:
            if not reply.status:  # else it was answered and told already
                raise
        finally:
            self._in_hand.remove(body)
            self._note(scope, body, reply.status, time.monotonic() - began)

    def _admit(self, scope: Scope) -> None:
        """Raises RefusedError for what may not be answered."""
        headers, path, access = Headers(scope=scope), scope["path"], self._access
        if access.hosts and headers.get("host") not in access.hosts:
            raise RefusedError(421, "this server answers to 127.0.0.1 alone")
        origin = headers.get("origin")
        if origin is not None and origin.partition("://")[2] != headers.get("host"):
            raise RefusedError(403, "a page of somebody else's may not ask this server")
        if access.token and path not in OPEN and not _is_token(headers.get("authorization", ""), access.token):
            raise RefusedError(401, "`authorization` must be `Bearer` and the token of this server")
        if path == PREDICT and self._phase.stopping:
            raise RefusedError(503, NOT_NOW)
        if path == PREDICT and len(self._in_hand) > self._limits.queue:
            raise RefusedError(429, f"at most {self._limits.queue:,} requests at a time: ask again in a moment")

    def _counted(self, body: Body) -> Receive:
        async def receive() -> Message:
            message = await body()
            if sum(one.got for one in self._in_hand) > self._limits.held:
                raise RefusedError(429, "requests of others fill the memory set apart: ask again in a moment")
            return message

        return receive

    def _note(self, scope: Scope, body: Body, status: int, seconds: float) -> None:
        self._metrics.request(scope["path"], status, seconds)
        about = {"method": scope["method"], "path": scope["path"][:200], "bytes": body.got}
        pictures = {"pictures": found} if (found := scope.get("pictures")) else {}
        event("request", **about, **pictures, status=status, milliseconds=round(1000 * seconds, 1))


def _is_token(given: str, token: str) -> bool:
    kind, _, word = given.partition(" ")
    return kind.lower() == "bearer" and hmac.compare_digest(word.strip().encode(), token.encode())


class _Reply:
    """Sends an answer; whoever still sends then hears it to its end, and the connection is closed."""

    def __init__(self, body: Body, receive: Receive, send: Send, phase: Phase) -> None:
        self._body, self._receive, self._send, self._phase = body, receive, send, phase
        self.status, self._is_early = 0, False

    async def __call__(self, message: Message) -> None:
        """Sends a part of it."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._is_early = self.status >= 400 and not self._body.is_over
            if self._is_early or self._phase.leaving:
                message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
        elif self._is_early and not message.get("more_body", False):
            await self._send({**message, "more_body": True})
            await self._linger()
            message = {"type": "http.response.body", "body": b""}
        await self._send(message)

    async def _linger(self) -> None:
        """Hears what the client still sends: to close at once would take the answer from it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SECONDS_TO_LINGER):
                while (await self._receive()).get("more_body", False):
                    pass
