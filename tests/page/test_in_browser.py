"""Pages in a real browser: nothing is loaded from elsewhere, nothing is said on the console, nobody is kept out."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from browser import require_open_to_all
from page_server import Server

from kerasvgg.files.run_folder import RunFolder
from kerasvgg.page.runs_index import Runs
from kerasvgg.page.server import _way_in
from kerasvgg.report.run_page import write_page


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
def test_a_report_opens_from_a_file_and_loads_nothing_else(
    chromium: Callable, written_run: Callable, theme: str
) -> None:
    run = written_run()
    write_page(RunFolder(run))
    address = (run / "report.html").as_uri()
    page = chromium(color_scheme=theme)
    page.goto(address)
    page.wait_for_timeout(200)
    assert [one for one in page.asked if not one.startswith("data:")] == [address]
    assert page.said == []
    page.click("summary >> nth=0")
    assert page.locator("details[open]").count() == 1
    without = chromium(color_scheme=theme, bypass_csp=True)  # axe-core is injected
    without.goto(address)
    require_open_to_all(without)
    phone = chromium(color_scheme=theme, viewport={"width": 360, "height": 700})
    phone.goto(address)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_report_keeps_to_its_policy_where_its_text_was_changed(chromium: Callable, written_run: Callable) -> None:
    run = written_run()
    write_page(RunFolder(run))
    path = run / "report.html"
    path.write_text(path.read_text().replace("</main>", "<script>document.title = 'taken'</script></main>"))
    page = chromium()
    page.goto(path.as_uri())
    assert page.title() == "runs/one/1"
    assert any("Content Security Policy" in one for one in page.said)


def _open(page: Any, server: Server) -> Any:
    page.goto(f"http://127.0.0.1:{server.port}/?token=the-token-of-this-test")
    assert page.url == f"http://127.0.0.1:{server.port}/"
    return page


@pytest.mark.slow
def test_every_page_is_quiet_asks_nobody_else_and_is_open_to_all(
    chromium: Callable, serve: Callable, written_run: Callable, tmp_path: Path
) -> None:
    written_run("one/1")
    written_run("two/1", finished=False)
    written_run("three/1")
    server = serve(tmp_path / "runs")
    ids = {one.name: one.id for one in Runs(tmp_path / "runs").all()}
    own = f"http://127.0.0.1:{server.port}"
    places = ["/", "/start", "/check", f"/run/{ids['one/1']}", f"/run/{ids['two/1']}", f"/run/{ids['one/1']}/pictures"]
    places.append(f"/compare?run={ids['one/1']}&run={ids['three/1']}")
    for theme in ("light", "dark"):
        page, axed = (_open(chromium(color_scheme=theme, bypass_csp=with_axe), server) for with_axe in (False, True))
        for place in places:
            page.goto(own + place)
            page.wait_for_timeout(150)
            axed.goto(own + place)
            axed.wait_for_timeout(150)
            require_open_to_all(axed)
        assert page.said == []
        assert [one for one in page.asked if not one.startswith((own, "data:", "blob:"))] == []
    phone = _open(chromium(viewport={"width": 360, "height": 700}), server)
    for place in places:
        phone.goto(own + place)
        phone.wait_for_timeout(100)
        assert phone.evaluate("document.documentElement.scrollWidth") <= 360, place


def test_the_table_is_filtered_sorted_and_ticked_by_keyboard(
    chromium: Callable, serve: Callable, written_run: Callable, tmp_path: Path
) -> None:
    for name in ("apple/1", "pear/1", "plum/1"):
        written_run(name)
    page = _open(chromium(), serve(tmp_path / "runs"))
    page.focus("#filter")
    page.keyboard.type("p")
    page.keyboard.type("l")
    assert page.locator("#runs tbody tr:visible").count() == 2
    page.fill("#filter", "")
    page.focus("th button >> nth=0")
    page.keyboard.press("Enter")
    assert page.locator("#runs tbody a").all_inner_texts() == ["apple/1", "pear/1", "plum/1"]
    page.keyboard.press("Enter")
    assert page.locator("#runs tbody a").all_inner_texts() == ["plum/1", "pear/1", "apple/1"]
    for number in (0, 1):
        page.focus(f"#runs input >> nth={number}")
        page.keyboard.press("Space")
    page.focus("#compare-button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/compare?**")
    assert "They say the same of every picture." in page.inner_text("main")
    assert page.said == []


@pytest.mark.slow
def test_a_gallery_shows_what_is_asked_for_and_leads_to_the_picture(
    chromium: Callable, serve: Callable, written_run: Callable, tmp_path: Path
) -> None:
    written_run()
    server = serve(tmp_path / "runs")
    page = _open(chromium(), server)
    page.goto(f"http://127.0.0.1:{server.port}/run/{Runs(tmp_path / 'runs').all()[0].id}/pictures")
    page.wait_for_selector("#gallery[data-ready]")
    assert page.locator("#gallery a").count() == 1
    assert "cat 80.0 %" in page.inner_text("#gallery")
    page.select_option("#which", "all")
    assert page.locator("#gallery a").count() == 2
    page.select_option("#true", "cat")
    assert page.locator("#gallery a").count() == 1
    page.wait_for_timeout(300)
    assert page.evaluate("document.querySelector('#gallery img').naturalWidth") > 0
    page.click("#gallery a")
    page.wait_for_selector("h1:has-text('cat/0.png')")
    assert "Rightly said to be cat" in page.inner_text("header")


def test_the_browser_is_let_in_by_a_file_whose_address_nobody_sees(
    chromium: Callable, serve: Callable, written_run: Callable, tmp_path: Path
) -> None:
    written_run()
    server = serve(tmp_path / "runs")
    page = chromium()
    with _way_in(f"http://127.0.0.1:{server.port}/?token=the-token-of-this-test") as file:
        assert oct(file.parent.stat().st_mode)[-3:] == "700"
        page.goto(file.as_uri())
        page.wait_for_selector("h1:has-text('Runs')")
    assert page.url == f"http://127.0.0.1:{server.port}/"
    assert page.said == []
