"""A real server on 127.0.0.1, and a real browser where there is one."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import kerasvgg

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture
def serve() -> Iterator[Callable[[Path], Any]]:
    """Begins servers on folders of runs."""
    from page_server import serving

    with serving() as begin:
        yield begin


@pytest.fixture
def written_run(tmp_path: Path) -> Callable[..., Path]:
    """Writes a run folder as a stranger might, with pictures, below a folder of runs."""
    from page_server import write_run

    return partial(write_run, tmp_path)


@pytest.fixture
def chromium() -> Iterator[Callable[..., Any]]:
    """Opens pages in Debian's Chromium, each in a profile of its own; skips where it is missing."""
    if os.environ.get("KERASVGG_TESTS_NEED_BROWSER"):
        import playwright.sync_api as playwright
    else:
        playwright = pytest.importorskip("playwright.sync_api", reason="needs Playwright for Python")
        if not CHROMIUM.exists():
            pytest.skip(f"needs a browser at {CHROMIUM}: apt-get install chromium")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=list(ARGUMENTS))

        def open_page(**how: Any) -> Any:
            page = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **how}).new_page()
            page.said, page.asked = [], []
            page.on("console", lambda message: page.said.append(message.text))
            page.on("pageerror", lambda error: page.said.append(str(error)))
            page.on("request", lambda request: page.asked.append(request.url))
            return page

        yield open_page
        browser.close()


@dataclass
class Command:
    """`kerasvgg ui` as a process of its own."""

    process: subprocess.Popen[str]
    address: str

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def command(tmp_path: Path, cache: Path) -> Iterator[Callable[[], Command]]:
    """Begins the command in the working folder."""
    begun: list[Command] = []

    def begin() -> Command:
        env = {**os.environ, "PYTHONPATH": str(Path(kerasvgg.__file__).parents[1]), "HOME": str(tmp_path)}
        words = [sys.executable, "-m", "kerasvgg", "ui", "--no-browser", "--port", "0"]
        process = subprocess.Popen(words, cwd=tmp_path, env=env, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        found = re.search(r"http\S+", process.stdout.readline())
        assert found
        begun.append(Command(process, found.group()))
        return begun[-1]

    yield begin
    for one in begun:
        with one.process:  # which closes what it writes to
            one.process.terminate()
    shutil.rmtree(tmp_path / "runs", ignore_errors=True)
