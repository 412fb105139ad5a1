"""What others may try on a page on 127.0.0.1, and what becomes of it."""

import io
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from page_server import Server, serving, write_run
from PIL import Image

from kerasvgg.errors import ConfigError
from kerasvgg.page import guard
from kerasvgg.page.runs_index import Runs

SCRIPT = "<script>alert(1)<b>"
SECRET = "what nobody may see"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for all that leave it as it was."""
    root = tmp_path_factory.mktemp("page")
    write_run(root)
    (root / "secret.txt").write_text(SECRET)
    with serving() as begin:
        yield begin(root / "runs")


@pytest.fixture(scope="module")
def trained_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of a few weights, as a run leaves it."""
    import keras

    from kerasvgg.modelfile.description import Description
    from kerasvgg.models.save import save_model

    layers = [keras.Input((16, 16, 3)), keras.layers.Conv2D(4, 3), keras.layers.Flatten()]
    model = keras.Sequential([*layers, keras.layers.Dense(1, activation="sigmoid")])
    path = tmp_path_factory.mktemp("model") / "model.keras"
    save_model(model, path, Description(("cat", "dog"), (16, 16), "bilinear", "unit", "small_cnn"))
    return path


def _run_of(server) -> str:
    return Runs(server.runs).all()[0].id


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "[::1]:{port}", ""]
)
def test_a_name_that_leads_here_is_not_enough(server, host: str) -> None:
    answer = server.ask("/", Host=host.format(port=server.port))
    assert answer.status in (400, 421)
    assert "Runs" not in answer.text


def test_localhost_by_name_is_this_server(server) -> None:
    assert server.ask("/", Host=f"localhost:{server.port}").status == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://127.0.0.1:{port}", "http://127.0.0.1:1", None]
)
def test_a_form_of_somebody_elses_changes_nothing(server, origin: str | None) -> None:
    run = _run_of(server)
    sent = origin.format(port=server.port) if origin else None
    for path in (f"/run/{run}/stop", f"/run/{run}/resume", "/start", "/check"):
        answer = server.ask(path, "POST", b"{}", Origin=sent)
        assert answer.status == 403
        assert "somebody else's" in answer.text or "must come from a page of this server" in answer.text


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_picture_or_a_script_in_anothers_page_gets_nothing(server, site: str) -> None:
    assert server.ask("/events", Sec_Fetch_Site=site).status == 403


@pytest.mark.parametrize(
    "cookie", ["", "kerasvgg-{port}=", "kerasvgg-{port}=guess", "kerasvgg-1=x; =;;", "kerasvgg-{port}"]
)
def test_without_the_cookie_there_is_nothing(server, cookie: str) -> None:
    for path in ("/", "/events", "/static/ui.js", f"/run/{_run_of(server)}"):
        answer = server.ask(path, Cookie=cookie.format(port=server.port))
        assert answer.status == 403
        assert "open the address" in answer.text


def test_tokens_are_guessed_slowly_one_at_a_time(server) -> None:
    began = time.monotonic()
    for _ in range(3):
        answer = server.ask("/?token=guess", Cookie=None)
        assert answer.status == 403
        assert "set-cookie" not in answer.headers
    assert time.monotonic() - began > 3 * guard.SECONDS_FOR_GUESS


def test_the_token_is_out_of_the_address_at_once_and_the_cookie_is_kept_from_scripts_and_others(server) -> None:
    answer = server.ask("/?token=the-token-of-this-test", Cookie=None)
    assert (answer.status, answer.headers["location"]) == (303, "/")
    kept = answer.headers["set-cookie"].lower()
    assert kept.startswith(f"kerasvgg-{server.port}=")
    assert "httponly" in kept
    assert "samesite=strict" in kept
    assert "the-token" not in kept


@pytest.mark.parametrize(
    "path",
    [
        "/static/../guard.py",
        "/static/..%2fguard.py",
        "/static/%2e%2e/%2e%2e/pyproject.toml",
        "/static/..%5c..%5csecret.txt",
        "/static//etc/passwd",
        "/run/../../secret.txt",
        "/run/%2e%2e%2f%2e%2e%2fsecret.txt",
        "/run/..%2f..%2fsecret.txt/pictures",
        "/folders?at=/etc",
        "/folders?at=..%2f..",
        "/check/..%2f..%2fsecret.txt/found",
        "/run/%00/pictures",
        "//etc/passwd",
    ],
)
def test_no_path_is_made_of_what_is_asked(server, path: str) -> None:
    answer = server.ask(path)
    assert answer.status == 404
    assert SECRET not in answer.text
    assert "root:" not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("number", ["99", "-1", "1e3", "99999999999999999999"])
def test_numbers_beyond_the_last_picture_are_refused(server, number: str) -> None:
    run = _run_of(server)
    for path in (f"/run/{run}/picture/{number}", f"/run/{run}/picture/{number}/small", f"/run/{run}/split/{number}"):
        assert server.ask(path).status == 404


def test_links_out_of_the_runs_are_not_followed(serve: Callable, written_run: Callable, tmp_path: Path) -> None:
    run = written_run("one/1")
    elsewhere = tmp_path / "elsewhere"
    (tmp_path / "runs" / "one" / "1").rename(elsewhere)
    (tmp_path / "runs" / "one").rmdir()
    (tmp_path / "runs" / "link").symlink_to(elsewhere)
    assert Runs(tmp_path / "runs").all() == []
    written_run("two/1")
    (tmp_path / "secret.txt").write_text(SECRET)
    two = tmp_path / "runs" / "two" / "1"
    (two / "worst").mkdir()
    (two / "worst" / "worst.csv").write_text("number,path,true,predicted,probability\n1,x,cat,dog,0.9\n")
    (two / "worst" / "1.jpg").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "pictures" / "cat" / "0.png").unlink()
    (tmp_path / "pictures" / "cat" / "0.png").symlink_to(tmp_path / "secret.txt")
    server = serve(tmp_path / "runs")
    known = _run_of(server)
    assert SECRET not in server.ask(f"/run/{known}").text
    picture = server.ask(f"/run/{known}/picture/0/small")
    assert picture.status == 404
    assert SECRET not in picture.text
    assert run.name


def test_a_manifest_that_names_files_outside_gets_none(serve: Callable, written_run: Callable, tmp_path: Path) -> None:
    run = written_run()
    (tmp_path / "secret.png").write_bytes((tmp_path / "pictures" / "dog" / "0.png").read_bytes())
    for name in ("split.csv", "predictions.csv"):
        (run / name).write_text((run / name).read_text().replace("dog/0.png", "../secret.png"))
    server = serve(tmp_path / "runs")
    assert server.ask(f"/run/{_run_of(server)}/picture/1/small").status == 404


def test_an_upload_that_is_announced_as_too_large_is_refused_before_it_comes(server) -> None:
    answer = server.ask(f"/run/{_run_of(server)}/try", "POST", b"", Content_Length=str(guard.LARGEST + 1))
    assert answer.status == 413


def test_an_upload_that_grows_too_large_is_cut(server) -> None:
    parts = (b"100000\r\n" + b"\0" * 0x100000 + b"\r\n" for _ in range(guard.LARGEST // 0x100000 + 2))
    answer = server.ask(f"/run/{_run_of(server)}/try", "POST", parts, Transfer_Encoding="chunked")
    assert answer.status == 413


@pytest.mark.parametrize("body", [b"[" * 100_000, b"nothing", b"[1]", b'{"at": 7}', b"\xff\xfe", b"{}"])
def test_what_is_no_request_is_told_in_words(server, body: bytes) -> None:
    for path in ("/start", "/check"):
        answer = server.ask(path, "POST", body)
        assert answer.status == 404
        assert json.loads(answer.text)["why"]


def test_other_requests_are_limited_as_well(server) -> None:
    assert server.ask("/start", "POST", b" " * (guard.LARGEST_FORM + 1)).status == 413


def test_a_slow_upload_ends(server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "SECONDS_FOR_BODY", 0.5)
    began = time.monotonic()
    answer = server.ask("/start", "POST", b"{", Content_Length="100")
    assert answer.status == 408
    assert time.monotonic() - began < 5


def test_requests_that_never_end_keep_nobody_out(server) -> None:
    waiting = []
    for _ in range(150):
        one = socket.create_connection(("127.0.0.1", server.port))
        one.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1")
        waiting.append(one)
    began = time.monotonic()
    assert server.ask("/").status == 200
    assert time.monotonic() - began < 2
    for one in waiting:
        one.close()


def test_a_head_without_end_is_refused(server) -> None:
    with suppress(ConnectionError):  # it may hang up in the midst of it
        assert server.ask("/", X_Long="x" * 200_000).status in (400, 431)
    assert server.ask("/").status == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_are_not_known(server, method: str) -> None:
    assert server.ask("/start", method, b"").status in (400, 403, 405)


def test_no_page_may_be_framed_guessed_at_kept_or_told_of(server) -> None:
    run = _run_of(server)
    for path in ("/", "/start", "/check", f"/run/{run}", f"/run/{run}/pictures", "/static/ui.js", "/none", "/?token=x"):
        headers = server.ask(path).headers
        rules = dict(rule.strip().split(" ", 1) for rule in headers["content-security-policy"].split(";"))
        assert rules["default-src"] == "'none'"
        assert rules["script-src"] == rules["style-src"] == "'self'"
        assert rules["frame-ancestors"] == "'none'"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "server" not in headers


def test_a_strangers_names_stay_words_on_every_page(serve: Callable, written_run: Callable, tmp_path: Path) -> None:
    run = written_run(f"{SCRIPT}/1", SCRIPT)
    (run / "experiment.yaml").write_text((run / "experiment.yaml").read_text() + f"# {SCRIPT}\n")
    (run / "environment.json").write_text(json.dumps({"python": SCRIPT, "skipped": {SCRIPT: SCRIPT}}))
    (run / "progress.json").write_text(json.dumps({"line": {"text": SCRIPT}}))
    server = serve(tmp_path / "runs")
    known = _run_of(server)
    for path in ("/", f"/run/{known}", f"/run/{known}/pictures", f"/run/{known}/picture/0", f"/run/{known}/picture/1"):
        answer = server.ask(path)
        assert answer.status == 200
        assert SCRIPT not in answer.text
        assert "&lt;script&gt;alert(1)&lt;b&gt;" in answer.text
    assert server.ask(f"/run/{known}/predictions").headers["content-type"] == "application/json"


def test_a_stranger_s_folder_does_not_say_which_process_is_stopped(written_run: Callable, tmp_path: Path) -> None:
    run = written_run(finished=False)
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as bystander:
        said = {"pid": bystander.pid, "begun": time.time() + 1e6, "batch": {"epoch": 1}}
        (run / "progress.json").write_text(json.dumps(said))
        runs = Runs(tmp_path / "runs")
        assert [one.state for one in runs.all()] == ["stopped"]
        with pytest.raises(ConfigError, match="no process of this machine is at work"):
            runs.stop(runs.all()[0].folder)
        time.sleep(0.2)
        assert bystander.poll() is None
        bystander.kill()


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_damaged_progress_is_no_progress(written_run: Callable, tmp_path: Path) -> None:
    run = written_run(finished=False)
    for said in (
        "",
        "[]",
        "{",
        '{"pid": "x"}',
        '{"pid": 1e400}',
        '{"pid": 99999999999999999999, "begun": 1.0}',
        "[" * 9999,
    ):
        (run / "progress.json").write_text(said)
        assert Runs(tmp_path / "runs").all()[0].state == "stopped"


def test_a_run_on_another_machine_is_shown_and_left_alone(written_run: Callable, tmp_path: Path) -> None:
    run = written_run(finished=False)
    said = {"host": "another", "pid": os.getpid(), "begun": time.time(), "updated": time.time()}
    (run / "progress.json").write_text(json.dumps(said))
    runs = Runs(tmp_path / "runs")
    assert runs.all()[0].state == "running"
    with pytest.raises(ConfigError, match="it runs on another"):
        runs.stop(runs.all()[0].folder)
    (run / "progress.json").write_text(json.dumps({**said, "updated": time.time() - 1000}))
    assert runs.all()[0].state == "stopped"


def test_a_sweep_shows_its_winner_and_a_cross_validation_is_not_gone_on_with(
    serve: Callable, written_run: Callable, tmp_path: Path
) -> None:
    sweep = written_run("sweeps/search/1", finished=False)
    (sweep / "sweep.yaml").write_text("trials: 3\n")
    written_run("sweeps/search/1/winner/1")
    written_run("one/crossvalidation/1", finished=False)
    (tmp_path / "runs" / "experiment.yaml").write_text("# a folder of pictures may be called so")
    server = serve(tmp_path / "runs")
    runs = {one.name: one.id for one in Runs(tmp_path / "runs").all()}
    assert set(runs) == {"sweeps/search/1/winner/1", "one/crossvalidation/1"}
    answer = server.ask(f"/run/{runs['one/crossvalidation/1']}/resume", "POST", b"{}")
    assert answer.status == 404
    assert "no run that `kerasvgg run --resume` goes on with" in answer.text


@pytest.mark.parametrize("odd", ['foo={"a":1}; ', "[x]=1; ", "x=a b c; ", "user@x=1; "])
def test_a_cookie_of_another_server_on_this_machine_keeps_nobody_out(server, odd: str) -> None:
    assert server.ask("/", Cookie=odd + server.cookie).status == 200


def test_the_way_in_from_a_file_leads_by_a_page_of_our_own(server) -> None:
    answer = server.ask("/?token=the-token-of-this-test", Cookie=None, Sec_Fetch_Site="cross-site")
    assert answer.status == 200
    assert 'content="0; url=/"' in answer.text
    assert "token" not in answer.text
    assert "set-cookie" in answer.headers


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind", ["noise of 100 MB", "a bomb of pixels", "a PNG that is cut", "nothing", "a script as SVG"]
)
def test_what_is_no_picture_is_refused_by_the_one_decoder(
    server, tmp_path: Path, trained_model: Path, kind: str
) -> None:
    run = server.runs / "one" / "1"
    shutil.copy(trained_model, run / "model.keras")
    whole = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(whole, "PNG")
    small = io.BytesIO()
    Image.new("RGB", (60, 60), "red").save(small, "PNG")
    sent = {
        "noise of 100 MB": (os.urandom(1_000_000) * 100, "not a picture"),
        "a bomb of pixels": (whole.getvalue(), "more than"),
        "a PNG that is cut": (small.getvalue()[:-30], "damaged"),
        "nothing": (b"", "the file is empty"),
        "a script as SVG": (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "it looks like SVG"),
    }
    body, said = sent[kind]
    answer = server.ask(f"/run/{_run_of(server)}/try", "POST", body)
    assert answer.status == 404
    assert said in json.loads(answer.text)["why"]
    assert server.ask("/").status == 200
    good = server.ask(f"/run/{_run_of(server)}/try", "POST", small.getvalue())
    assert good.status == 200
    assert json.loads(good.text)["predicted"] in ("cat", "dog")
