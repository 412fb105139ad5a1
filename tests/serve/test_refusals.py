"""What a server refuses, with which status, and that it goes on."""

import json
import struct
import time
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from model_server import Server, as_form, as_json, expected, jpeg, raw, write_onnx

TOKEN = "a-token-of-this-test"


@pytest.fixture(autouse=True)
def _goes_on(request: pytest.FixtureRequest) -> object:
    """Afterwards, a server that is shared answers as before."""
    yield
    if "server" in request.fixturenames:
        shared = request.getfixturevalue("server")
        assert np.abs(shared.predict(jpeg(1)).rows[0] - expected(jpeg(1))).max() < 1e-5
        assert "traceback" not in shared.log_file.read_text(encoding="utf-8")


def bomb(side: int = 20_000) -> bytes:
    """Returns a small PNG file of very many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(side * (1 + side // 8)), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "the file is empty"),
        (b"<html>", "it looks like a web page"),
        (jpeg(1)[:700], "a damaged JPEG"),
        (bomb(), "pixels"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "damaged"),
    ],
)
def test_what_is_no_picture_is_told_why(server: Server, content: bytes, why: str) -> None:
    for answer in (server.predict(content), server.ask("/predict", *as_json(content))):
        assert answer.status == 400
        assert why in answer.said["error"]


@pytest.mark.parametrize(
    ("body", "kind", "status", "why"),
    [
        (b"x", "text/plain", 415, "`content-type` must be"),
        (b"x", "", 415, "received none"),
        (b"{", "application/json", 422, "must be JSON"),
        (b"[" * 100_000, "application/json", 422, "must be JSON"),
        (b"[]", "application/json", 422, "must be an object"),
        (b'{"pictures": 5}', "application/json", 422, "must be an object"),
        (b'{"pictures": []}', "application/json", 422, "at least one picture"),
        (b'{"pictures": ["x"]}', "application/json", 422, "`pictures[0].content`"),
        (b'{"pictures": [{"content": "!"}]}', "application/json", 422, "base64"),
        (b'{"pictures": [{"content": "", "name": 5}]}', "application/json", 422, "`pictures[0].name`"),
        (json.dumps({"pictures": [{"content": ""}] * 65}).encode(), "application/json", 413, "at most 64"),
        (b"nothing", "multipart/form-data", 400, "boundary"),
        (b"nothing", "multipart/form-data; boundary=x", 400, ""),
    ],
)
def test_what_cannot_be_read_is_told_why(server: Server, body: bytes, kind: str, status: int, why: str) -> None:
    answer = server.ask("/predict", body, {"Content-Type": kind})
    assert answer.status == status
    assert why in answer.said["error"]


def test_a_form_has_pictures_and_nothing_else(server: Server) -> None:
    answer = server.ask("/predict", *as_form(jpeg(1), field_name="other"))
    assert (answer.status, answer.said["error"]) == (422, "each part of the form must be a file called `pictures`")


@pytest.mark.parametrize("query", ["?unsure=2", "?unsure=x", "?calibrated=perhaps", "?class_map=7"])
def test_what_is_asked_for_must_be_what_there_is(server: Server, query: str) -> None:
    answer = server.predict(jpeg(1), query)
    assert answer.status == 422
    assert answer.said["error"].startswith(f"`{query[1:].partition('=')[0]}`")


def test_other_addresses_and_methods_are_refused_in_json(server: Server) -> None:
    assert server.ask("/").status == 404
    assert server.ask("/docs").status == 404
    assert server.ask("/reload", b"").status == 404
    answer = server.ask("/predict")
    assert (answer.status, answer.said["error"]) == (405, "Method Not Allowed")


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", ""])
def test_a_name_that_leads_here_is_not_enough(server: Server, host: str) -> None:
    assert server.ask("/ready", headers={"Host": host}).status == 421


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
def test_a_page_of_somebody_elses_may_not_ask(server: Server, origin: str) -> None:
    assert server.ask("/predict", jpeg(1), {"Origin": origin, "Content-Type": "image/jpeg"}).status == 403


def test_a_large_body_is_refused_before_it_is_read(server: Server) -> None:
    head = f"POST /predict HTTP/1.1\r\nHost: {server.address[7:]}\r\nContent-Type: image/jpeg\r\n"
    found = raw(server, f"{head}Content-Length: 2000000\r\n\r\n".encode(), b"x" * 2_000_000)
    assert found.startswith(b"HTTP/1.1 413 ")
    assert b'"error":"at most 1,000,000 bytes, received 2,000,000"' in found
    answer = server.ask("/predict", b"x" * 8_000_000, {"Content-Type": "image/jpeg"})
    assert answer.status == 413


def test_an_endless_body_ends(server: Server) -> None:
    head = f"POST /predict HTTP/1.1\r\nHost: {server.address[7:]}\r\nContent-Type: image/jpeg\r\n"
    part = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    began = time.monotonic()
    found = raw(server, f"{head}Transfer-Encoding: chunked\r\n\r\n".encode(), *[part] * 2000, pause=0.005)
    assert found.startswith(b"HTTP/1.1 413 ")
    assert time.monotonic() - began < 6  # all parts would take ten


@pytest.mark.parametrize(
    "words", [b"\x00\x01\x02\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"]
)
def test_what_is_no_http_is_turned_away(server: Server, words: bytes) -> None:
    found = raw(server, words)
    assert found.startswith(b"HTTP/1.1 4")
    assert "error" in json.loads(found.partition(b"\r\n\r\n")[2])


@pytest.mark.slow
def test_who_says_nothing_is_left(server: Server) -> None:
    began = time.monotonic()
    assert raw(server, b"POST /pre", patience=20) == b""
    assert 8 < time.monotonic() - began < 15


def test_other_addresses_than_127_0_0_1_need_the_token(begin: Callable, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    server = begin(write_onnx(tmp_path / "model.onnx"), "--host", "127.0.0.2", "--token-file", tmp_path / "token")
    assert server.address.startswith("http://127.0.0.2:")
    for given in ({}, {"Authorization": "Bearer"}, {"Authorization": f"Bearer {TOKEN}x"}, {"Authorization": TOKEN}):
        for path in ("/predict", "/metrics", "/openapi.json"):
            answer = server.ask(path, jpeg(1) if path == "/predict" else None, {**given, "Content-Type": "image/jpeg"})
            assert answer.status == 401
            assert answer.headers["www-authenticate"] == "Bearer"
    assert [server.ask(path).status for path in ("/health", "/ready")] == [200, 200]
    server.headers["Authorization"] = f"Bearer {TOKEN}"
    assert np.abs(server.predict(jpeg(1)).rows[0] - expected(jpeg(1))).max() < 1e-5
    assert server.ask("/ready", headers={"Host": "any.example"}).status == 200
    assert TOKEN not in server.log_file.read_text()
    scheme = server.ask("/openapi.json").said["components"]["securitySchemes"]
    assert [one["scheme"] for one in scheme.values()] == ["bearer"]


@pytest.mark.slow
def test_more_than_can_wait_are_asked_to_come_back(begin: Callable, tmp_path: Path) -> None:
    model = write_onnx(tmp_path / "model.onnx", work=60)
    server = begin(model, "--queue", 3, "--batch", 1, "--wait", 0)
    contents = [jpeg(seed) for seed in range(24)]
    with ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(server.predict, contents))
    statuses = {one.status for one in answers}
    assert statuses == {200, 429}
    for content, one in zip(contents, answers, strict=True):
        if one.status == 429:
            assert one.headers["retry-after"] == "1"
            assert one.said["error"] == "at most 3 requests at a time: ask again in a moment"
        else:
            assert np.abs(one.rows[0] - expected(content)).max() < 1e-5
    assert server.predict(jpeg(1)).status == 200


@pytest.mark.slow
def test_who_would_wait_too_long_is_told_so(begin: Callable, tmp_path: Path) -> None:
    model = write_onnx(tmp_path / "model.onnx", work=60)
    server = begin(model, "--timeout", 0.2, "--batch", 1)
    head = f"POST /predict HTTP/1.1\r\nHost: {server.address[7:]}\r\nContent-Type: image/jpeg\r\n"
    slow = raw(server, f"{head}Content-Length: 200\r\n\r\n".encode(), *[b"x"] * 5, pause=0.1)
    assert slow.startswith(b"HTTP/1.1 408 ")
    assert b'"the request took more than' in slow
    with ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(server.predict, [jpeg(1)] * 24))
    late = [one for one in answers if one.status == 503]
    assert late
    assert all(one.headers["retry-after"] == "1" for one in late)
    assert late[0].said["error"] == "no answer within 0.2 seconds: ask again in a moment"
