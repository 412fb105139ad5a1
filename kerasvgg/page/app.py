"""The server's addresses, put together."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from kerasvgg.page import check_pages, picture_pages, run_pages, start_pages
from kerasvgg.page.asking import AppState, answering
from kerasvgg.page.checking import Checks
from kerasvgg.page.guard import Guard
from kerasvgg.page.pictures import ThumbnailCache
from kerasvgg.page.places import Places
from kerasvgg.page.runs_index import Runs
from kerasvgg.page.worker import Worker
from kerasvgg.report.page import SCRIPT, STYLE, source

STATIC = Path(__file__).with_name("static")
KINDS = {".css": "text/css", ".js": "text/javascript"}
A_RUN, A_PICTURE, A_CHECK = "/run/{run}", "/run/{run}/picture/{number:int}", "/check/{check}"

GIVEN = {
    "/": run_pages.table,
    "/events": run_pages.events,
    "/compare": run_pages.compare,
    A_RUN: run_pages.one,
    f"{A_RUN}/events": run_pages.events,
    f"{A_RUN}/pictures": picture_pages.gallery,
    f"{A_RUN}/predictions": picture_pages.predictions,
    f"{A_RUN}/split/{{number:int}}": picture_pages.small_of_split,
    f"{A_RUN}/try": picture_pages.try_page,
    f"{A_RUN}/layers": picture_pages.layers,
    A_PICTURE: picture_pages.picture,
    f"{A_PICTURE}/small": picture_pages.small,
    f"{A_PICTURE}/large": picture_pages.large,
    f"{A_PICTURE}/heat/{{label:int}}": picture_pages.heat,
    f"{A_PICTURE}/activations/{{layer:int}}": picture_pages.activations,
    f"{A_PICTURE}/nearest": picture_pages.nearest,
    "/start": start_pages.page,
    "/folders": start_pages.folders,
    "/content": start_pages.content,
    "/check": check_pages.choose,
    A_CHECK: check_pages.page,
    f"{A_CHECK}/found": check_pages.found,
    f"{A_CHECK}/picture/{{number:int}}": check_pages.small,
}
DONE = {
    f"{A_RUN}/stop": run_pages.stop_run,
    f"{A_RUN}/resume": run_pages.resume_run,
    f"{A_RUN}/try": picture_pages.try_picture,
    "/start": start_pages.begin,
    "/check": check_pages.begin,
    f"{A_CHECK}/decide": check_pages.decide,
    f"{A_CHECK}/apply": check_pages.apply,
    f"{A_CHECK}/undo": check_pages.undo,
}


def make_app(runs: Path, port: int, token: str, ending: threading.Event) -> Guard:
    """Returns the server as an ASGI application, guarded; it looks at the runs below a folder.

    Who waits for news is let go when it is `ending`.
    """
    shared = AppState(ending, Runs(runs), Worker(), ThumbnailCache(), Places(Path.cwd(), Path.home()), Checks())

    @asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        async with anyio.create_task_group() as tasks:
            app.state.background = tasks
            yield
            tasks.cancel_scope.cancel()
        shared.worker.close()
        shared.checks.close()

    routes = [Route(path, answering(make)) for path, make in GIVEN.items()]
    routes += [Route(path, answering(make), methods=["POST"]) for path, make in DONE.items()]
    app = Starlette(routes=[*routes, Route("/static/{name}", _static)], lifespan=life)
    app.state.shared = shared
    return Guard(app, port, token)


async def _static(request: Request) -> Response:
    """Answers with a style sheet or a script, of those that there are."""
    name = request.path_params["name"]
    if name in (STYLE, SCRIPT):
        text = source(name)
    elif name in {path.name for path in STATIC.iterdir()}:
        text = (STATIC / name).read_text(encoding="utf-8")
    else:
        return PlainTextResponse("there is no such file\n", 404)
    return Response(text, media_type=KINDS[Path(name).suffix])
