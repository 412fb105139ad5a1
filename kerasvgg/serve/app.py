"""The server's addresses, put together."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response

from kerasvgg.errors import ConfigError, DataError
from kerasvgg.page.body import RefusedError
from kerasvgg.process.environment import own_version
from kerasvgg.process.threads import processors
from kerasvgg.serve.answers import How, refusal, said_of
from kerasvgg.serve.batching import Batcher, Row
from kerasvgg.serve.guard import NOT_NOW, PREDICT, Access, Guard, Phase
from kerasvgg.serve.limits import Limits
from kerasvgg.serve.log import trouble
from kerasvgg.serve.metrics import Metrics, exposition
from kerasvgg.serve.model import PICTURE, Model
from kerasvgg.serve.openapi import REQUEST, RESPONSES
from kerasvgg.serve.reading import Sent, read_pictures

TITLE = "kerasvgg serve"
Unsure = Annotated[float | None, Query(ge=0, le=1, description="Say unsure below this calibrated probability.")]
Calibrated = Annotated[bool, Query(description="Give probabilities as high as the model was often right.")]
OfClass = Annotated[bool, Query(description="Add the class activation map of the likeliest class.")]


class Service:
    """Answers what is asked of a model; `name` is what it is called in answers."""

    def __init__(self, model: Model, name: str, limits: Limits, phase: Phase, metrics: Metrics) -> None:
        self._model, self._name, self._limits, self._phase = model, name, limits, phase
        self._metrics = metrics
        self._batcher = Batcher(model.run, limits.batch, limits.wait, processors(), metrics)
        metrics.model(name, model.about.engine)

    async def predict(
        self, request: Request, calibrated: Calibrated = False, unsure: Unsure = None, class_map: OfClass = False
    ) -> Response:
        """Say what is on pictures."""
        how, about = How(calibrated, unsure, class_map), self._model.about
        how.require(about)
        sent = await read_pictures(request)
        request.scope["pictures"] = len(sent)
        if self._batcher.length + len(sent) > self._limits.queue and self._batcher.length:
            raise RefusedError(429, f"at most {self._limits.queue:,} pictures wait: ask again in a moment")
        found = await self._answers(sent)
        if len(sent) == 1 and isinstance(found[0], DataError):
            return refusal(400, _reason(found[0]))
        rows = [
            {"name": one.name, "error": _reason(row)}
            if isinstance(row, DataError)
            else said_of(one.name, row, about, how)
            for one, row in zip(sent, found, strict=True)
        ]
        return JSONResponse({"model": self._name, "predictions": rows})

    async def _answers(self, sent: Sequence[Sent]) -> list[Row | DataError]:
        seconds = self._limits.seconds
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.gather(*(self._answer(one) for one in sent))
        except TimeoutError:
            raise RefusedError(503, f"no answer within {seconds:g} seconds: ask again in a moment") from None
        finally:
            self._metrics.waiting(self._batcher.length)

    async def _answer(self, one: Sent) -> Row | DataError:
        try:
            row = await self._batcher.answer(partial(self._model.pixels, one.content))
        except DataError as error:
            self._metrics.picture("refused")
            return error
        self._metrics.picture("answered")
        return row

    async def health(self) -> dict[str, str]:
        """Say that the server is alive."""
        return {"status": "alive"}

    async def ready(self) -> Response:
        """Say whether the server answers, by which model, and what that knows."""
        if self._phase.stopping:
            return refusal(503, NOT_NOW)
        about = self._model.about
        size = {"image_size": list(about.resizing.image_size)}
        said = {"status": "ready", "model": self._name, "engine": about.engine, **size}
        return JSONResponse({**said, "class_names": list(about.class_names), "class_maps": about.has_maps})

    async def metrics(self) -> Response:
        """Give figures as Prometheus takes them."""
        text, kind = await asyncio.to_thread(exposition)
        return Response(text, media_type=kind)

    @asynccontextmanager
    async def life(self, _app: FastAPI) -> AsyncIterator[None]:
        """Makes batches as long as the app lives."""
        working = asyncio.create_task(self._batcher.work())
        yield
        working.cancel()


def make_app(
    model: Model, name: str, access: Access, *, limits: Limits, phase: Phase, metrics: Metrics
) -> tuple[Guard, FastAPI]:
    """Returns the server as an ASGI application, guarded, and what is inside."""
    service = Service(model, name, limits, phase, metrics)
    # No pages that describe it: these would load scripts from elsewhere.
    app = FastAPI(title=TITLE, version=own_version(), lifespan=service.life, docs_url=None, redoc_url=None)
    asked: list[Any] = [Depends(HTTPBearer(auto_error=False))] if access.token else []
    predicting: dict[str, Any] = {"responses": RESPONSES, "openapi_extra": REQUEST, "dependencies": asked}
    app.add_api_route(PREDICT, service.predict, methods=["POST"], **predicting)
    app.add_api_route("/health", service.health)
    app.add_api_route("/ready", service.ready, responses={503: RESPONSES[503]})
    app.add_api_route("/metrics", service.metrics, response_class=Response, dependencies=asked)
    for kind, answer in REFUSALS.items():
        app.add_exception_handler(kind, answer)
    return Guard(app, access, limits, phase, metrics), app


def _reason(error: DataError) -> str:
    return str(error).removeprefix(f"{PICTURE}: ")


async def _refused(_request: Request, error: Any) -> Response:
    return refusal(error.status, error.why)


async def _by_http(_request: Request, error: Any) -> Response:
    return refusal(error.status_code, str(error.detail), dict(error.headers or {}))


async def _wrongly_asked(_request: Request, error: Any) -> Response:
    if isinstance(error, ConfigError):
        return refusal(422, str(error))
    first = error.errors()[0]
    return refusal(422, f"`{first['loc'][-1]}`: {first['msg']}, received {str(first.get('input'))[:60]!r}")


async def _gone(_request: Request, _error: Any) -> Response:
    return refusal(400, "the client went away")


async def _our_mistake(request: Request, error: Exception) -> Response:
    trouble(f"{request.url.path} failed", error)
    return refusal(500, "the server made a mistake, which its log tells")


REFUSALS: dict[Any, Any] = {
    RefusedError: _refused,
    HTTPException: _by_http,
    ConfigError: _wrongly_asked,
    RequestValidationError: _wrongly_asked,
    ClientDisconnect: _gone,
    Exception: _our_mistake,
}
