"""Runs: the table, a run while it goes on and when it has ended, and several side by side."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse

from kerasvgg.errors import ConfigError, DataError
from kerasvgg.evaluation.aligned import align_predictions
from kerasvgg.evaluation.compare import compare_runs
from kerasvgg.files.run_folder import RunFolder, run_names
from kerasvgg.page.asking import AppState, app_state, in_thread
from kerasvgg.page.rendering import render
from kerasvgg.page.runs_index import LARGEST, Listed, may_go_on, progress_of, state_of
from kerasvgg.report.comparison import comparison_facts
from kerasvgg.report.facts import read_facts
from kerasvgg.report.run_page import page_facts
from kerasvgg.runs.disagreements import shown_of

SECONDS = 0.5  # between two looks at what goes on
BEATS = 30  # looks without news, after which it is said that somebody is there
FEWEST_LEFT = 2
TOLD = ("line", "warning", "stage", "batch", "points", "seconds_left", "updated")


async def table(request: Request) -> Response:
    """Answers with all runs."""
    runs = await in_thread(app_state(request).runs.all)
    return render("runs.html", page="runs", runs=runs, root=str(app_state(request).runs.root))


async def one(request: Request) -> Response:
    """Answers with a run: its report, or what it is at."""
    folder, name = await in_thread(_found, app_state(request), request.path_params["run"])
    if folder.is_finished:
        facts = await in_thread(_facts, folder)
        return render("run.html", page="report", run=request.path_params["run"], **facts)
    return render("live.html", page="live", run=request.path_params["run"], name=name)


def _found(shared: AppState, asked: str) -> tuple[RunFolder, str]:
    folder = shared.runs.find(asked)
    return folder, folder.path.relative_to(shared.runs.root).as_posix()


def _facts(folder: RunFolder) -> dict[str, Any]:
    return page_facts(read_facts(folder.path))


async def events(request: Request) -> Response:
    """Answers with news of one run, or of all, for as long as somebody listens."""
    shared, asked = app_state(request), request.path_params.get("run")

    async def news() -> AsyncIterator[str]:
        before, quiet = "", 0
        while not (shared.ending.is_set() or await request.is_disconnected()):
            now = json.dumps(await in_thread(_news_of_one if asked else _news_of_all, shared, asked))
            quiet = 0 if now != before else quiet + 1
            if not quiet:
                yield f"data: {now}\n\n"
            elif quiet % BEATS == 0:
                yield ": still here\n\n"
            before = now
            await asyncio.sleep(SECONDS)

    return StreamingResponse(news(), media_type="text/event-stream")


def _news_of_all(shared: AppState, _: None) -> dict[str, Any]:
    return {"runs": [_brief(one) for one in shared.runs.all()], "failed": shared.runs.failed()}


def _brief(listed: Listed) -> dict[str, Any]:
    said = progress_of(listed.folder) if listed.state == "running" else {}
    return listed.as_json() | {"batch": said.get("batch"), "seconds_left": said.get("seconds_left")}


def _news_of_one(shared: AppState, asked: str) -> dict[str, Any]:
    folder = shared.runs.find(asked)
    said, state = progress_of(folder), state_of(folder)
    found: dict[str, Any] = {"state": state, "history": _history(folder), "killed": state == "stopped" and bool(said)}
    found["may_go_on"] = may_go_on(folder)
    if state == "running":
        found |= {name: said[name] for name in TOLD if name in said}
    elif state == "stopped":
        found["log"] = shared.runs.last_words(folder)
    return found


def _history(folder: RunFolder) -> list[list[Any]]:
    """Returns epoch, phase, and the four figures of each epoch so far; [] while there is none."""
    if not folder.history.is_file() or folder.history.stat().st_size > LARGEST:
        return []
    try:
        rows = folder.read_history()
    except DataError:
        return []
    names = ("accuracy", "loss", "val_accuracy", "val_loss")
    return [[row["epoch"], row["phase"], *(_number(row[name]) for name in names)] for row in rows]


def _number(value: float) -> float | None:
    return value if value - value == 0 else None  # infinite, or no number


async def stop_run(request: Request) -> Response:
    """Stops a run, as Ctrl-C does."""
    shared = app_state(request)
    await in_thread(shared.runs.stop, await in_thread(shared.runs.find, request.path_params["run"]))
    return JSONResponse({"words": "it stops after this batch; the epochs that are over are kept"})


async def resume_run(request: Request) -> Response:
    """Goes on with a run that was stopped."""
    shared = app_state(request)
    folder, name = await in_thread(_found, shared, request.path_params["run"])
    if not may_go_on(folder):
        raise ConfigError("this is no run that `kerasvgg run --resume` goes on with")
    if (state := await in_thread(state_of, folder)) != "stopped":
        raise ConfigError(f"only a run that was stopped goes on, this one is {state}")
    shared.runs.begin([str(folder.path), "--resume"], name.replace("/", "-"), folder.path)
    return JSONResponse({"words": "it goes on"})


async def compare(request: Request) -> Response:
    """Answers with several runs side by side."""
    asked = list(dict.fromkeys(request.query_params.getlist("run")))
    if len(asked) < FEWEST_LEFT:
        raise ConfigError("tick two runs or more to compare them")
    paths = [(await in_thread(app_state(request).runs.find, one)).path for one in asked]
    return await in_thread(_compared, paths)


def _compared(paths: list[Path]) -> HTMLResponse:
    runs, names = align_predictions(paths, common=True), run_names(paths)
    facts = comparison_facts(names, runs, compare_runs(runs)[0], shown_of(names, runs))
    return render("comparison.html", page="comparison", **facts)
