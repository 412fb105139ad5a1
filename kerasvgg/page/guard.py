"""Who may ask: only this machine's user, from a page that this server gave out.

A page of somebody else's can make a browser send requests to 127.0.0.1, and a name of somebody else's can be made to
lead there (DNS rebinding). So the Host must be this server's, what changes something must come from its own pages, and
all of it must bring the cookie that the first address, with its token, was exchanged for.
"""

import asyncio
import hmac
import secrets
from collections.abc import Mapping
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kerasvgg.page.body import Body, RefusedError

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "media-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
SAFE = ("GET", "HEAD")
OWN = ("none", "same-origin")  # where a request comes from: the address line, or a page of this server
LEAVING = '<!doctype html><meta http-equiv="refresh" content="0; url=/"><link rel="icon" href="data:,">'
LARGEST = 100_000_000  # bytes of a picture that is uploaded
LARGEST_FORM = 1_000_000  # bytes of anything else
SECONDS_FOR_BODY = 30.0
SECONDS_FOR_GUESS = 0.5  # that a wrong token takes, one at a time
UPLOADS = "/try"  # how the paths end that take pictures


class Guard:
    """Lets requests through to `app` that may be answered, and gives every answer the headers that keep it safe."""

    def __init__(self, app: ASGIApp, port: int, token: str) -> None:
        self._app, self._token, self._secret = app, token, secrets.token_urlsafe(32)
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        self._name = f"kerasvgg-{port}"  # cookies know no ports, and there may be several servers
        self._guessing = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": _with_headers(message["headers"])}
            await send(message)

        try:
            answer = await self._admit(scope)
        except RefusedError as refused:
            answer = PlainTextResponse(refused.why + "\n", refused.status)
        if answer is not None:
            await answer(scope, receive, send_guarded)
            return
        most = LARGEST if scope["path"].endswith(UPLOADS) else LARGEST_FORM
        await self._app(scope, Body(scope, receive, most, SECONDS_FOR_BODY), send_guarded)

    async def _admit(self, scope: Scope) -> Response | None:
        """Returns the answer to the first address, None for a request that may go on. Raises RefusedError."""
        headers = Headers(scope=scope)
        if headers.get("host") not in self._hosts:
            raise RefusedError(421, "this server answers to 127.0.0.1 alone")
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [])
        if scope["path"] == "/" and scope["method"] in SAFE and given:
            return await self._exchange(given[0], headers.get("sec-fetch-site", "none"))
        _require_own_page(headers, scope["method"])
        if not hmac.compare_digest(_cookie(headers, self._name).encode(), self._secret.encode()):
            raise RefusedError(403, "open the address that `kerasvgg ui` has printed: it has a token in it")
        return None

    async def _exchange(self, token: str, site: str) -> Response:
        """Returns the way out of the first address; from a file or a link it goes by a page of this server's own,

        because the browser would not bring the cookie along from elsewhere.
        """
        if not hmac.compare_digest(token.encode(), self._token.encode()):
            async with self._guessing:
                await asyncio.sleep(SECONDS_FOR_GUESS)
            raise RefusedError(403, "this is not the token of this server; it may be that of an earlier one")
        answer: Response = HTMLResponse(LEAVING) if site not in OWN else RedirectResponse("/", 303)
        answer.set_cookie(self._name, self._secret, httponly=True, samesite="strict", path="/")
        return answer


def _require_own_page(headers: Mapping[str, str], method: str) -> None:
    origin, host = headers.get("origin"), headers.get("host")
    if origin is not None and origin != f"http://{host}":
        raise RefusedError(403, "a page of somebody else's may not ask this server")
    if headers.get("sec-fetch-site", "none") not in OWN:
        raise RefusedError(403, "a page of somebody else's may not ask this server")
    if method not in SAFE and origin is None:
        raise RefusedError(403, "what changes something must come from a page of this server")


def _cookie(headers: Mapping[str, str], name: str) -> str:
    return cookie_parser(headers.get("cookie", "")).get(name, "")


def _with_headers(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    there = {name for name, _ in headers}
    more = {**HEADERS, "cache-control": "no-store"}
    return [*headers, *((n.encode(), v.encode()) for n, v in more.items() if n.encode() not in there)]
