"""The pages of a folder that is looked through."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kerasvgg.errors import DataError, KerasVGGError
from kerasvgg.page.asking import app_state, in_thread, text_of, words_of
from kerasvgg.page.checking import DECISIONS_FILE, Checked
from kerasvgg.page.pictures import SMALL
from kerasvgg.page.rendering import render


async def choose(request: Request) -> Response:
    """Answers with the page to choose a folder on."""
    return render("check.html", page="choose-check", check="", path="")


async def begin(request: Request) -> Response:
    """Begins to look through a folder."""
    said, shared = await words_of(request), app_state(request)
    root = shared.places.path(text_of(said, "at"))
    number = shared.checks.begin(root)
    checked = shared.checks.find(number)
    request.app.state.background.start_soon(_look, checked, said.get("wrong_labels") is True)
    return JSONResponse({"check": number})


async def _look(checked: Checked, wrong_labels: bool) -> None:
    def look() -> None:
        try:
            checked.look(wrong_labels=wrong_labels)
        except (KerasVGGError, OSError, LookupError, TypeError) as error:
            checked.state, checked.why = "failed", str(error)

    await in_thread(look, kind="checks")


async def page(request: Request) -> Response:
    """Answers with the queue."""
    checked = app_state(request).checks.find(request.path_params["check"])
    return render("check.html", page="check", check=request.path_params["check"], path=str(checked.root))


async def found(request: Request) -> Response:
    """Answers with what there is to decide, and what was decided."""
    checked = app_state(request).checks.find(request.path_params["check"])
    places = {path: place for place, path in enumerate(checked.paths)}
    items = [{**one, "places": [places[path] for path in one["paths"]]} for one in checked.items]
    decided = {path: [one.decision, one.label] for path, one in checked.decisions.items()}
    about = {"state": checked.state, "why": checked.why, "classes": checked.classes, "counts": checked.counts}
    file = str(checked.folder / DECISIONS_FILE) if checked.folder else ""
    return JSONResponse({**about, "items": items, "decided": decided, "file": file, "root": str(checked.root)})


async def small(request: Request) -> Response:
    """Answers with a picture that the check has found, small."""
    checked = app_state(request).checks.find(request.path_params["check"])
    if (place := request.path_params["number"]) >= len(checked.paths):
        raise DataError("there is no such picture")
    path = checked.root / checked.paths[place]
    made = await in_thread(app_state(request).thumbnails.small, path, 2 * SMALL)
    return Response(made, media_type="image/jpeg")


async def decide(request: Request) -> Response:
    """Notes a decision."""
    checked, said = app_state(request).checks.find(request.path_params["check"]), await words_of(request)
    await in_thread(checked.decide, text_of(said, "path"), text_of(said, "decision"), text_of(said, "class"))
    return JSONResponse({"decided": len(checked.decisions)})


async def apply(request: Request) -> Response:
    """Carries the decisions out."""
    checked = app_state(request).checks.find(request.path_params["check"])
    return JSONResponse({"words": await in_thread(checked.apply)})


async def undo(request: Request) -> Response:
    """Takes back what was carried out."""
    checked = app_state(request).checks.find(request.path_params["check"])
    return JSONResponse({"words": await in_thread(checked.undo)})
