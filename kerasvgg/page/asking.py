"""What is asked of the server, and how it answers: in threads, so that no page waits for another."""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
from anyio import CapacityLimiter
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from kerasvgg.errors import ConfigError, KerasVGGError
from kerasvgg.page.body import RefusedError
from kerasvgg.page.rendering import render

if TYPE_CHECKING:
    from kerasvgg.page.checking import Checks
    from kerasvgg.page.pictures import ThumbnailCache
    from kerasvgg.page.places import Places
    from kerasvgg.page.runs_index import Runs
    from kerasvgg.page.worker import Worker

Found = TypeVar("Found")
THREADS = {"quick": 6, "computing": 4, "checks": 2}


@dataclass(frozen=True)
class AppState:
    """What the pages share; `ending` is set when the server is told to end."""

    ending: threading.Event
    runs: "Runs"
    worker: "Worker"
    thumbnails: "ThumbnailCache"
    places: "Places"
    checks: "Checks"


def app_state(request: Request) -> AppState:
    """Returns what the pages share."""
    found: AppState = request.app.state.shared
    return found


async def in_thread(work: Callable[..., Found], *words: Any, kind: str = "quick") -> Found:
    """Returns what the work returns, done in a thread; each kind of work has a few, and keeps no other waiting."""
    limiter = _limiter(asyncio.get_running_loop(), kind)
    return await anyio.to_thread.run_sync(partial(work, *words), limiter=limiter, abandon_on_cancel=True)


@cache
def _limiter(_loop: asyncio.AbstractEventLoop, kind: str) -> CapacityLimiter:
    return CapacityLimiter(THREADS[kind])


async def ask_worker(request: Request, what: str, *words: Any) -> Any:
    """Returns what the process that computes answers."""
    return await in_thread(app_state(request).worker.ask, what, *words, kind="computing")


async def words_of(request: Request) -> dict[str, Any]:
    """Returns the JSON object that came with a request. Raises ConfigError for anything else."""
    try:
        said = json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise ConfigError("the request must be a JSON object") from error
    if not isinstance(said, dict):
        raise ConfigError("the request must be a JSON object")
    return said


def text_of(said: dict[str, Any], name: str) -> str:
    """Returns a text of a request. Raises ConfigError where it is none."""
    if not isinstance(found := said.get(name), str):
        raise ConfigError(f"`{name}` must be text, received {type(found).__name__}")
    return found


def answering(make: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """Returns what answers a request, what is raised on purpose in words."""

    async def answer(request: Request) -> Response:
        try:
            return await make(request)
        except RefusedError as refused:
            return PlainTextResponse(refused.why + "\n", refused.status)
        except (KerasVGGError, OSError, UnicodeError) as error:
            return _refusal(request, str(error))

    return answer


def _refusal(request: Request, why: str) -> Response:
    if "text/html" in request.headers.get("accept", ""):
        return render("refused.html", 404, why=why)
    return JSONResponse({"why": why}, 404)
