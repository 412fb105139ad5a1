"""A visit from beginning to end, by the command itself, in a real browser, with a real training."""

import csv
import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("psutil", reason="needs the extra `ui`")
pytestmark = pytest.mark.slow
A_CLASS, TWICE, WRONG = 160, 3, 12  # pictures of a class, pairs of copies, pictures in the wrong class


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    """Noisy pictures of two colours, of which some are there twice and some in the wrong class."""
    draw = np.random.default_rng(0)
    for name, other, colour in (("blue", "red", (60, 80, 190)), ("red", "blue", (190, 80, 60))):
        for i in range(A_CLASS):
            folder = tmp_path / "pets" / (other if i < WRONG else name)
            folder.mkdir(parents=True, exist_ok=True)
            pixels = np.clip(np.array(colour) + draw.integers(-60, 60, (64, 72, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / f"{name}-{i}.png")
    for i in range(TWICE):
        shutil.copy(tmp_path / "pets" / "red" / f"red-{40 + i}.png", tmp_path / "pets" / "red" / f"again-{i}.png")
    return tmp_path / "pets"


def _points(page: Any) -> int:
    drawn = page.locator("#loss polyline").first
    return len((drawn.get_attribute("points") or "").split()) if drawn.count() else 0


def _begin(page: Any) -> None:
    """Chooses the folder and begins a small training."""
    page.click("nav >> text=New run")
    page.click("#folders button:text-is('pets')")
    page.wait_for_selector("#about:has-text('2 classes')")
    page.check("input[value=small]")
    page.click("#begin")
    page.wait_for_url("**/")
    page.wait_for_selector("#runs tr:has-text('running')", timeout=90_000)
    page.click("#runs tbody a")


def test_from_a_folder_to_a_run_its_worst_mistake_and_a_cleaner_folder(
    chromium: Callable, command: Callable, pets: Path, tmp_path: Path
) -> None:
    page = chromium()
    page.goto(command().address)
    assert "There is no run yet" in page.inner_text("main")
    _begin(page)
    page.wait_for_selector("#loss polyline", timeout=90_000)
    before = _points(page)
    deadline = time.monotonic() + 60
    while _points(page) <= before and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    assert _points(page) > before, "the curve did not grow"
    page.wait_for_selector("h2:has-text('How good')", timeout=120_000)  # it is finished, and the report is there
    assert "Can it be trusted" in page.inner_text("main")

    page.click("text=All pictures")
    page.click("#gallery a >> nth=0")
    page.wait_for_selector("#heat-words:has-text('the more it speaks')", timeout=90_000)
    page.wait_for_selector("#nearest figure", timeout=90_000)
    assert page.evaluate("document.getElementById('heat').naturalWidth") > 100
    assert page.locator("#nearest figure").count() == 6

    page.click("text=Try it")
    page.wait_for_selector("body[data-ready]")
    page.set_input_files("#files", str(pets / "red" / "red-50.png"))
    page.wait_for_selector("#answers h2", timeout=90_000)
    assert page.inner_text("#answers h2").split(",")[0] in ("red", "blue")

    page.goto(page.url.split("/run/")[0] + "/")
    page.wait_for_selector("body[data-ready]")
    run = tmp_path / "runs" / "quickstart" / "from_scratch"
    shutil.copytree(run / "1", run / "2")
    page.wait_for_selector("#runs input >> nth=1", timeout=20_000)  # the second one appears by itself
    for number in (0, 1):
        page.check(f"#runs input >> nth={number}")
    page.click("#compare-button")
    page.wait_for_selector("h2:has-text('Which is better')")
    assert "No evidence that they differ" in page.inner_text("main")

    _clean(page, pets)
    assert page.said == []


def _clean(page: Any, pets: Path) -> None:
    """Puts one of each pair of copies aside by keyboard, carries that out, and takes it back."""
    files = {path.name: path.read_bytes() for path in pets.rglob("*.png")}
    page.click("nav >> text=Check a folder")
    page.click("#folders button:text-is('pets')")
    page.wait_for_selector("#look:not([disabled])")
    page.click("#look")
    page.wait_for_selector("#queue:not([hidden])", timeout=60_000)
    assert f"1 of {TWICE}" in page.inner_text("#place")
    for _ in range(TWICE):
        names = page.locator("#cards figcaption").all_inner_texts()
        if names[0].startswith("red/red"):
            page.keyboard.press("ArrowRight")
        page.keyboard.press("x")
        page.wait_for_timeout(300)
    assert f"{TWICE} pictures decided about" in page.inner_text("#decided")
    with Path(page.inner_text("#file")).open() as file:
        assert [(row["path"][:9], row["decision"]) for row in csv.DictReader(file)] == [("red/again", "aside")] * TWICE
    page.click("#apply")
    page.wait_for_selector("#done:has-text('3 put aside')")
    assert not list(pets.rglob("again-*.png"))
    assert len(list(pets.with_name("pets-aside").rglob("*.png"))) == TWICE
    page.click("#undo")
    page.wait_for_selector("#done:has-text('3 from aside')")
    assert {path.name: path.read_bytes() for path in pets.rglob("*.png")} == files
    assert not pets.with_name("pets-aside").exists()


def test_a_run_outlives_the_server_and_is_stopped_and_resumed_by_another(
    chromium: Callable, command: Callable, pets: Path, tmp_path: Path
) -> None:
    first = command()
    page = chromium()
    page.goto(first.address)
    _begin(page)
    page.wait_for_selector("#stop:not([hidden])", timeout=60_000)
    first.kill()
    page, other = chromium(), chromium()
    second = command()
    for one in (page, other):  # two pages at once
        one.goto(second.address)
        one.wait_for_selector("#runs tr:has-text('running')", timeout=20_000)
    page.click("#runs tbody a")
    page.wait_for_selector("#stop:not([hidden])", timeout=20_000)
    page.wait_for_selector("#accuracy circle.s2", timeout=60_000)  # an epoch is over
    page.click("#stop")
    page.wait_for_selector("#resume:not([hidden])", timeout=60_000)
    assert "It was stopped" in page.inner_text("#state")
    run = tmp_path / "runs" / "quickstart" / "from_scratch" / "1"
    assert not (run / "progress.json").exists()
    assert not (run / "metrics.json").exists()
    page.click("#resume")
    page.wait_for_selector("h2:has-text('How good')", timeout=120_000)
    assert (run / "metrics.json").is_file()
    assert "went on after epoch" in page.inner_text("main")
    assert [one for one in page.said + other.said if "Failed to load" not in one] == []


def test_a_run_that_is_killed_is_said_to_be(chromium: Callable, command: Callable, pets: Path, tmp_path: Path) -> None:
    page = chromium()
    page.goto(command().address)
    _begin(page)
    page.wait_for_selector("#state:has-text('epoch')", timeout=60_000)
    run = tmp_path / "runs" / "quickstart" / "from_scratch" / "1"
    pid = int((run / "progress.json").read_text().partition('"pid": ')[2].partition(",")[0])
    os.kill(pid, signal.SIGKILL)
    page.wait_for_selector("#state:has-text('it was killed')", timeout=30_000)
    assert page.is_visible("#resume")
