"""A real HTTP server on 127.0.0.1 that misbehaves on demand."""

import ssl
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


class Server:
    """Serves `body` at every path; each request is answered by the next step of `plan`, then by `usual`.

    Steps: range, ignore_range, wrong_range, other_version, stall, cut, slow, announce_more, announce_less,
    unannounced, page; a status number; or an address to redirect to.
    """

    def __init__(self) -> None:
        self.body = bytes(range(256)) * 400
        self.tag: str | None = '"one"'
        self.modified: str | None = None
        self.plan: list[str | int] = []
        self.usual: str | int = "range"
        self.ranges: list[str | None] = []
        self.sent = 0
        self.closing = threading.Event()
        handler = type("Handler", (Handler,), {"desk": self})
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.http.daemon_threads = True
        self.scheme = "http"
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.01,))
        self.thread.start()

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.http.server_port}/file.bin"

    def speak_tls(self, certificate: str, key: str) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.http.socket = context.wrap_socket(self.http.socket, server_side=True)
        self.scheme = "https"

    def close(self) -> None:
        self.closing.set()
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


class Handler(BaseHTTPRequestHandler):
    desk: Server
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        desk, self.close_connection = self.desk, True
        desk.ranges.append(self.headers["Range"])
        step = desk.plan.pop(0) if desk.plan else desk.usual
        if isinstance(step, int):
            self.answer(step, b"no", {})
        elif "://" in step:
            self.answer(302, b"", {"Location": step})
        else:
            getattr(self, step)(desk.body)

    def range(self, body: bytes, shift: int = 0) -> None:
        start = self.start()
        if start >= len(body) > 0:
            return self.answer(416, b"", {"Content-Range": f"bytes */{len(body)}"})
        if not start:
            return self.answer(200, body, self.version())
        place = f"bytes {start + shift}-{len(body) - 1}/{len(body)}"
        return self.answer(206, body[start + shift :], {"Content-Range": place, **self.version()})

    def wrong_range(self, body: bytes) -> None:
        self.range(body, shift=7)

    def ignore_range(self, body: bytes) -> None:
        self.answer(200, body, self.version())

    def other_version(self, body: bytes) -> None:
        self.desk.tag = '"two"'
        del self.headers["If-Range"]
        self.range(body)

    def cut(self, body: bytes) -> None:
        rest = body[self.start() :]
        self.head(rest, len(body))
        self.send(rest[: len(rest) // 2])

    def stall(self, body: bytes) -> None:
        self.cut(body)
        self.desk.closing.wait(5)

    def slow(self, body: bytes) -> None:
        rest = body[self.start() :]
        self.head(rest, len(body))
        for start in range(0, len(rest), 2048):
            self.send(rest[start : start + 2048])
            time.sleep(0.02)

    def announce_more(self, body: bytes) -> None:
        self.answer(200, body, self.version(), announced=len(body) + 100)

    def announce_less(self, body: bytes) -> None:
        self.answer(200, body, self.version(), announced=len(body) - 100)

    def unannounced(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.send(b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body))

    def page(self, _: bytes) -> None:
        html = b"<!doctype html>\n<title>Please log in</title>"
        self.answer(200, html, {"Content-Type": "text/html; charset=utf-8"})

    def start(self) -> int:
        condition = self.headers["If-Range"]
        if not self.headers["Range"] or condition not in (None, self.desk.tag, self.desk.modified):
            return 0
        return int(self.headers["Range"].removeprefix("bytes=").removesuffix("-"))

    def version(self) -> dict[str, str]:
        known = {"ETag": self.desk.tag, "Last-Modified": self.desk.modified}
        return {name: value for name, value in known.items() if value}

    def head(self, rest: bytes, total: int) -> None:
        start = total - len(rest)
        place = {"Content-Range": f"bytes {start}-{total - 1}/{total}"} if start else {}
        self.answer(206 if start else 200, b"", {**self.version(), **place}, announced=len(rest))

    def answer(self, status: int, body: bytes, headers: dict[str, str], announced: int | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/octet-stream", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if announced is None else announced))
        self.end_headers()
        self.send(body)

    def send(self, body: bytes) -> None:
        try:
            self.wfile.write(body)
            self.wfile.flush()
            self.desk.sent += len(body)
        except OSError:
            self.desk.closing.wait(0)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = Server()
    yield server
    server.close()
