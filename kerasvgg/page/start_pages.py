"""From a folder to a run: choosing one, seeing what is in it, and beginning."""

import json
import re
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kerasvgg.errors import ConfigError, did_you_mean
from kerasvgg.files.text import printable
from kerasvgg.page.asking import app_state, in_thread, text_of, words_of
from kerasvgg.page.places import what_is_in
from kerasvgg.page.rendering import render

PARTS = "data.split={validation: 0.15, test: 0.15, keep_together: true}"
SCRATCH = ["quickstart", "--variant", "from_scratch"]
RECIPES = {
    "quick": "Quick: VGG16's features, a head chosen by pictures that are held out",
    "auto": "Thorough: the same, and fine-tuning where that is better",
    "small": "A small CNN from scratch, at 64 x 64: to see what the pictures alone teach",
}


async def page(request: Request) -> Response:
    """Answers with the page to begin on."""
    return render("start.html", page="start", recipes=RECIPES)


async def folders(request: Request) -> Response:
    """Answers with the folders inside of one."""
    found = await in_thread(app_state(request).places.inside, request.query_params.get("at", ""))
    here = {"at": found.id, "path": printable(str(found.path))}
    return JSONResponse({**here, "folders": [one._asdict() for one in found.inside]})


async def content(request: Request) -> Response:
    """Answers with what a folder holds."""
    path = app_state(request).places.path(request.query_params.get("at", ""))
    return JSONResponse(await in_thread(what_is_in, path, kind="checks"))


async def begin(request: Request) -> Response:
    """Begins a run on a folder."""
    said, shared = await words_of(request), app_state(request)
    path, recipe = shared.places.path(text_of(said, "at")), text_of(said, "recipe")
    if recipe not in RECIPES:
        raise ConfigError(
            f"`recipe` must be one of {', '.join(RECIPES)}; received {recipe!r}{did_you_mean(recipe, RECIPES)}"
        )
    about = await in_thread(what_is_in, path, kind="checks")
    if about["why_not"]:
        raise ConfigError(str(about["why_not"]))
    shared.runs.begin(_words(path, recipe, is_split=bool(about["is_split"])), re.sub(r"\W+", "-", path.name) or "run")
    return JSONResponse({"words": "it begins: the run appears among the runs in a moment"})


def _words(path: Path, recipe: str, *, is_split: bool) -> list[str]:
    """Returns what `kerasvgg run` is told."""
    if recipe != "small":
        return [str(path), *(["--quick"] if recipe == "quick" else [])]
    split = "data.split=null" if is_split else PARTS
    return [*SCRATCH, f"data.dataset={json.dumps(str(path), ensure_ascii=False)}", split, "data.image_size=[64, 64]"]
