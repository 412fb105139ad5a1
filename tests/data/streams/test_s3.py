"""Pictures in an S3 store on 127.0.0.1 that stalls, cuts, and answers 503."""

import http.client
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from kerasvgg.data.streams import remote
from kerasvgg.data.streams.items import items
from kerasvgg.data.streams.records import stream
from kerasvgg.errors import DataError

KEY, SECRET = "AKIAVERYSECRETKEY", "verysecretsecret"
CLASSES = ("cat", "dog")


class Between(BaseHTTPRequestHandler):
    """Hands requests on to the store behind it; `plan` says how the next answers to GET fail."""

    protocol_version = "HTTP/1.1"
    behind, plan, asked = 0, [], []

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.asked.append((self.command, self.path))
        step = self.plan.pop(0) if self.plan and self.command == "GET" else ""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        connection = http.client.HTTPConnection("127.0.0.1", self.behind)
        connection.request(self.command, self.path, body, dict(self.headers))
        answer = connection.getresponse()
        content = answer.read()
        if step == "503":
            content = b"<Error><Code>ServiceUnavailable</Code><Message>later</Message></Error>"
        self.send_response(503 if step == "503" else answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("content-length", "transfer-encoding", "connection", "server", "date"):
                self.send_header(name, value)
        length = answer.getheader("Content-Length") if self.command == "HEAD" else str(len(content))
        self.send_header("Content-Length", length or "0")
        self.end_headers()
        if step in ("stall", "cut"):
            self.wfile.write(content[: len(content) // 2])
            self.wfile.flush()
            time.sleep(3 if step == "stall" else 0)
            self.close_connection = True
            return
        self.wfile.write(content)


for command in ("HEAD", "PUT", "POST"):
    setattr(Between, f"do_{command}", Between.do_GET)


@pytest.fixture(scope="module")
def store() -> Iterator[type[Between]]:
    moto = pytest.importorskip("moto.server", reason="no moto: `pip install 'moto[server]'`")
    pytest.importorskip("s3fs", reason="no s3fs: `pip install 'kerasvgg[sources]'`")
    server = moto.ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    Between.behind = server.get_host_and_port()[1]
    front = ThreadingHTTPServer(("127.0.0.1", 0), Between)
    front.daemon_threads = True
    thread = threading.Thread(target=front.serve_forever, args=(0.01,))
    thread.start()
    Between.url = f"http://127.0.0.1:{front.server_port}"
    yield Between
    front.shutdown()
    thread.join()
    front.server_close()
    server.stop()


@pytest.fixture
def bucket(store, pets: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket with the pictures below pets/, by way of what stands between."""
    import fsspec

    monkeypatch.setenv("AWS_ENDPOINT_URL", store.url)
    for name, value in (("ACCESS_KEY_ID", KEY), ("SECRET_ACCESS_KEY", SECRET), ("DEFAULT_REGION", "us-east-1")):
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setattr(remote, "SECONDS", 1)
    monkeypatch.setattr("random.uniform", lambda low, high: 0.01)
    store.plan.clear()
    system = fsspec.filesystem("s3", skip_instance_cache=True)
    system.mkdir("photos")
    for path in pets.glob("*/*.png"):
        system.pipe(f"photos/pets/{path.relative_to(pets).as_posix()}", path.read_bytes())
    store.asked.clear()
    yield "s3://photos/pets"
    store.plan.clear()
    reset = http.client.HTTPConnection("127.0.0.1", store.behind)
    reset.request("POST", "/moto-api/reset")
    assert reset.getresponse().status == 200
    reset.close()


def expected(pets: Path) -> list[tuple[str, bytes]]:
    return sorted((path.parent.name, path.read_bytes()) for path in pets.glob("*/*.png"))


def read(source: str) -> list[tuple[str, bytes]]:
    return sorted((one.label, one.load().data) for one in stream(source, CLASSES, []))


def test_all_objects_are_listed_in_pages_and_read_whole(bucket, pets, store, monkeypatch):
    pages = remote._s3_pages
    monkeypatch.setattr(remote, "_s3_pages", lambda system, path: pages(_Few(system), path))
    assert read(bucket) == expected(pets)
    assert sum("list-type=2" in path for _, path in store.asked) == 5  # of five at a time


class _Few:
    """A file system that lists five at a time, where S3 lists a thousand."""

    def __init__(self, system) -> None:
        self._system = system

    def call_s3(self, *words, **how):
        return self._system.call_s3(*words, **how, MaxKeys=5)


@pytest.mark.parametrize("step", [pytest.param("stall", marks=pytest.mark.slow), "cut", "503"])
def test_what_fails_is_asked_for_again_until_it_is_whole(bucket, pets, store, step):
    found = list(items(bucket))
    assert len(found) == 24
    store.plan += [step, "", step, step, ""]
    assert read(bucket) == expected(pets)
    assert not store.plan


def test_a_store_that_never_answers_is_told_by_name_without_keys(bucket, store, monkeypatch):
    monkeypatch.setattr(remote, "TRIES", 2)
    record = next(stream(f"{bucket}/cat/0.png", CLASSES, []))
    store.plan += ["cut"] * 50
    with pytest.raises(remote.UnreachableError) as raised:
        record.load()
    said = str(raised.value)
    assert said.startswith(f"{bucket}/cat/0.png: the store did not give it in 2 tries")
    assert KEY not in said
    assert SECRET not in said


def test_an_object_or_a_bucket_that_is_not_there_is_told(bucket):
    for source in (f"{bucket}/none.png", "s3://nosuchbucket/pets"):
        with pytest.raises(DataError, match="received nothing there"):
            list(items(source))


def test_a_shard_that_is_cut_goes_on_where_it_was_cut(bucket, pets, store, tmp_path):
    import fsspec
    from shapes import write_tar

    members = [(f"{label}/{number}.png", data) for number, (label, data) in enumerate(expected(pets))]
    path = write_tar(tmp_path / "s.tar", members)
    fsspec.filesystem("s3", skip_instance_cache=True).put(str(path), "photos/shards/s.tar")
    store.plan += ["cut", "503"]
    assert read("s3://photos/shards/s.tar") == expected(pets)
    assert not store.plan
