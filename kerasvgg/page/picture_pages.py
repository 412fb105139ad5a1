"""The pictures of a run: all that were scored, one of them, and those that are brought along."""

from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kerasvgg.data.targets import classes_of
from kerasvgg.errors import ConfigError, DataError
from kerasvgg.evaluation.predictions import NO_CLASS
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.page.asking import AppState, app_state, ask_worker, in_thread
from kerasvgg.page.pictures import LARGE, SMALL, Contents
from kerasvgg.page.rendering import render
from kerasvgg.report.charts import interval_chart
from kerasvgg.report.worst import as_address

KEPT = {"cache-control": "private, max-age=600"}  # a small picture is asked for again whenever it comes into sight
MOST_BARS = 30


def _found(shared: AppState, asked: str) -> tuple[RunFolder, Contents]:
    folder = shared.runs.find(asked)
    return folder, shared.thumbnails.contents(folder)


async def _asked(request: Request) -> tuple[RunFolder, Contents]:
    return await in_thread(_found, app_state(request), request.path_params["run"])


async def gallery(request: Request) -> Response:
    """Answers with the page of all pictures that were scored."""
    folder, contents = await _asked(request)
    about: dict[str, Any] = {"name": folder.path.name, "class_names": contents.class_names, "gone": contents.gone}
    return render(
        "gallery.html", page="gallery", run=request.path_params["run"], count=len(contents.predictions), **about
    )


async def predictions(request: Request) -> Response:
    """Answers with what was said of each picture."""
    _, contents = await _asked(request)
    return JSONResponse({"rows": await in_thread(contents.rows)})


async def small(request: Request) -> Response:
    """Answers with a scored picture, small."""
    _, contents = await _asked(request)
    name = contents.prediction(request.path_params["number"]).path
    return await _jpeg(request, contents.picture(name).path, SMALL)


async def large(request: Request) -> Response:
    """Answers with a scored picture, large enough to be looked at."""
    _, contents = await _asked(request)
    name = contents.prediction(request.path_params["number"]).path
    return await _jpeg(request, contents.picture(name).path, LARGE)


async def small_of_split(request: Request) -> Response:
    """Answers with any picture of the run's split, small, by its place there."""
    _, contents = await _asked(request)
    if (place := request.path_params["number"]) >= len(contents.names):
        raise DataError("there is no such picture")
    return await _jpeg(request, contents.picture(contents.names[place]).path, SMALL)


async def _jpeg(request: Request, path: Path, side: int) -> Response:
    return Response(
        await in_thread(app_state(request).thumbnails.small, path, side), media_type="image/jpeg", headers=KEPT
    )


async def picture(request: Request) -> Response:
    """Answers with the page of one picture."""
    folder, contents = await _asked(request)
    number = request.path_params["number"]
    said = contents.prediction(number)
    known = contents.pictures.get(said.path)
    shares = sorted(zip(contents.class_names, said.probabilities, strict=True), key=lambda pair: -pair[1])
    true = {said.true, *classes_of(said.true)}  # a class may have the sign that joins several in its name
    bars = [(name, share, share, share, "s1" if name in true else "s2") for name, share in shares[:MOST_BARS]]
    return render(
        "picture.html",
        page="picture",
        run=request.path_params["run"],
        number=number,
        count=len(contents.predictions),
        said=said,
        right=said.predicted == said.true,
        chart=interval_chart(bars, "probabilities"),
        known=known,
        gone=contents.gone,
        classes=list(enumerate(contents.class_names)),
        likeliest=contents.class_names.index(shares[0][0]),
        name=folder.path.name,
    )


async def heat(request: Request) -> Response:
    """Answers with the heat of a class over a scored picture."""
    folder, contents = await _asked(request)
    path, number = _path(request, contents), request.path_params["label"]
    if number >= len(contents.class_names):
        raise DataError("there is no such class")
    words = (str(folder.path), path, contents.class_names[number])
    return Response(await ask_worker(request, "heat", *words), media_type="image/jpeg", headers=KEPT)


async def layers(request: Request) -> Response:
    """Answers with the layers that have something to show."""
    folder, _ = await _asked(request)
    return JSONResponse({"layers": await ask_worker(request, "layers", str(folder.path))})


async def activations(request: Request) -> Response:
    """Answers with the most active channels of a layer for a scored picture."""
    folder, contents = await _asked(request)
    path = _path(request, contents)
    known = await ask_worker(request, "layers", str(folder.path))
    if (place := request.path_params["layer"]) >= len(known):
        raise DataError("there is no such layer")
    made = await ask_worker(request, "activations", str(folder.path), path, known[place])
    return Response(made, media_type="image/jpeg", headers=KEPT)


async def nearest(request: Request) -> Response:
    """Answers with the training pictures that are nearest to a scored one."""
    folder, contents = await _asked(request)
    found = await ask_worker(request, "nearest", str(folder.path), _path(request, contents))
    places = {name: place for place, name in enumerate(contents.names)}
    rows = [
        {"name": name, "label": label, "likeness": round(likeness, 3), "place": places[name]}
        for name, label, likeness in found["found"]
        if name in places
    ]
    return JSONResponse({"of": found["of"], "found": rows})


def _path(request: Request, contents: Contents) -> Path:
    return contents.picture(contents.prediction(request.path_params["number"]).path).path


async def try_page(request: Request) -> Response:
    """Answers with the page that takes pictures."""
    folder = await in_thread(app_state(request).runs.find, request.path_params["run"])
    if not folder.model_keras.is_file():
        raise ConfigError("this run has no model yet")
    return render("try.html", page="try", run=request.path_params["run"], name=folder.path.name)


async def try_picture(request: Request) -> Response:
    """Answers with what a picture that was sent is said to be."""
    folder = await in_thread(app_state(request).runs.find, request.path_params["run"])
    content = await request.body()
    found: dict[str, Any] = await ask_worker(request, "predict", str(folder.path), "the picture", content)
    seen = {name: as_address(found[name]) for name in ("picture", "heat")}
    return JSONResponse({**found, **seen, "predicted": found["predicted"] or NO_CLASS})
