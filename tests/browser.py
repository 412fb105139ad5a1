"""A real browser where there is one."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

SEVERE = ("serious", "critical")
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


def require_open_to_all(page: Any) -> None:
    """Fails where axe-core finds something serious."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python")
    found = axe.Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found if one["impact"] in SEVERE] == []
