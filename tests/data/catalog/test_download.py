import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kerasvgg.data.catalog.download import download
from kerasvgg.errors import DataError

QUICK = {"timeout": 0.2}


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "file.bin"


def half_a_file(server, path: Path) -> None:
    server.plan = ["cut"]
    with pytest.raises(DataError, match="cut"):
        download(server.url, path, attempts=1, **QUICK)
    server.ranges.clear()


def test_a_file_arrives_whole_and_alone(server, path):
    assert download(server.url, path, size=len(server.body)) == sha256(server.body)
    assert path.read_bytes() == server.body
    assert names(path.parent) == ["file.bin"]


def test_an_empty_file_arrives(server, path):
    server.body = b""
    assert download(server.url, path) == sha256(b"")
    assert path.read_bytes() == b""


@pytest.mark.parametrize("trouble", ["cut", "stall"])
def test_a_broken_connection_is_resumed_in_the_same_call(server, path, trouble, capsys):
    server.plan = [trouble]
    download(server.url, path, **QUICK)
    assert path.read_bytes() == server.body
    assert server.ranges == [None, f"bytes={len(server.body) // 2}-"]
    assert server.sent == len(server.body)
    assert "51,200 bytes kept, trying again in 0.2 s" in capsys.readouterr().err


def test_it_goes_on_as_long_as_each_connection_brings_something(server, path):
    server.plan = ["cut"] * 6
    download(server.url, path, attempts=2, timeout=0.01)
    assert path.read_bytes() == server.body
    assert server.sent == len(server.body)


def test_after_several_attempts_without_a_byte_it_gives_up_and_says_how_to_go_on(server, path):
    server.plan = ["cut"]
    server.usual = 503
    with pytest.raises(DataError) as failure:
        download(server.url, path, attempts=3, timeout=0.05)
    assert len(server.ranges) == 3
    assert server.url in str(failure.value)
    assert "answered 503" in str(failure.value)
    assert f"Run it again to resume, or put the file by hand at `{path}`" in str(failure.value)
    assert names(path.parent) == ["file.bin.part", "file.bin.part.json"]


def test_the_next_call_asks_for_the_rest_alone(server, path):
    half_a_file(server, path)
    assert download(server.url, path) == sha256(server.body)
    assert server.ranges == [f"bytes={len(server.body) // 2}-"]
    assert path.read_bytes() == server.body
    assert names(path.parent) == ["file.bin"]


def test_a_part_that_is_whole_needs_no_connection(server, path):
    half_a_file(server, path)
    path.with_name("file.bin.part").write_bytes(server.body)
    assert download(server.url, path) == sha256(server.body)
    assert server.ranges == []


def test_a_part_that_is_too_long_is_started_over(server, path):
    half_a_file(server, path)
    path.with_name("file.bin.part").write_bytes(server.body + b"more")
    assert download(server.url, path, **QUICK) == sha256(server.body)


def test_a_server_that_ignores_ranges_starts_over(server, path):
    half_a_file(server, path)
    server.plan = ["ignore_range"]
    download(server.url, path)
    assert path.read_bytes() == server.body


def test_a_file_that_changed_in_between_is_not_glued_to_the_old_one(server, path):
    half_a_file(server, path)
    server.body, server.tag = server.body[::-1], '"two"'
    assert download(server.url, path) == sha256(server.body)
    assert path.read_bytes() == server.body


def test_the_date_serves_where_there_is_no_etag(server, path):
    server.tag, server.modified = None, "Mon, 01 Jun 2026 00:00:00 GMT"
    half_a_file(server, path)
    server.body, server.modified = server.body[::-1], "Tue, 02 Jun 2026 00:00:00 GMT"
    download(server.url, path)
    assert server.ranges == [f"bytes={len(server.body) // 2}-"]
    assert path.read_bytes() == server.body


def test_a_weak_etag_is_not_trusted(server, path):
    server.tag = 'W/"one"'
    half_a_file(server, path)
    download(server.url, path)
    assert server.ranges == [None]
    assert path.read_bytes() == server.body


def test_a_server_that_goes_on_with_another_version_is_noticed(server, path):
    half_a_file(server, path)
    server.body = server.body[::-1]
    server.plan = ["other_version"]
    download(server.url, path, **QUICK)
    assert path.read_bytes() == server.body


@pytest.mark.parametrize("pinned", [True, False])
def test_without_a_version_the_part_is_continued_only_if_a_hash_will_tell(server, path, pinned):
    server.tag = None
    half_a_file(server, path)
    download(server.url, path, sha256=sha256(server.body) if pinned else None)
    assert server.ranges == ["bytes=51200-" if pinned else None]
    assert path.read_bytes() == server.body


def test_a_range_that_was_not_asked_for_is_not_glued(server, path):
    half_a_file(server, path)
    server.plan = ["wrong_range"]
    download(server.url, path, **QUICK)
    assert server.ranges == ["bytes=51200-", None]
    assert path.read_bytes() == server.body


def test_a_file_that_shrank_is_started_over(server, path):
    half_a_file(server, path)
    server.body = b"short now"
    download(server.url, path, **QUICK)
    assert path.read_bytes() == b"short now"


def test_the_part_of_another_address_is_not_continued(server, path):
    half_a_file(server, path)
    download(server.url + "?other", path)
    assert server.ranges == [None]


@pytest.mark.parametrize("note", ["", "[]", "{}", '{"url": 3}', "\x00"])
def test_a_part_with_a_damaged_description_is_dropped(server, path, note):
    half_a_file(server, path)
    path.with_name("file.bin.part.json").write_text(note)
    download(server.url, path)
    assert server.ranges == [None]
    assert path.read_bytes() == server.body


def test_a_server_that_announces_more_than_it_sends_is_found_out(server, path):
    server.usual = "announce_more"
    with pytest.raises(DataError, match="cut"):
        download(server.url, path, attempts=2, timeout=0.05)
    assert not path.exists()


def test_a_server_that_announces_less_than_it_sends_is_found_out_by_the_size(server, path):
    server.usual = "announce_less"
    with pytest.raises(DataError, match=r"102,400 bytes are expected, the server announces 102,300"):
        download(server.url, path, size=len(server.body))
    assert len(server.ranges) == 1
    assert names(path.parent) == []


def test_a_server_that_announces_less_than_it_sends_is_found_out_by_the_hash(server, path):
    server.usual = "announce_less"
    with pytest.raises(DataError, match="sha256 hash"):
        download(server.url, path, sha256=sha256(server.body))
    assert names(path.parent) == []


def test_an_unannounced_length_is_fine_and_still_checked(server, path):
    server.usual = "unannounced"
    assert download(server.url, path, size=len(server.body)) == sha256(server.body)
    path.unlink()
    with pytest.raises(DataError, match=r"5 bytes are expected, received \d"):
        download(server.url, path, size=5)
    assert names(path.parent) == []


@pytest.mark.parametrize("kind", ["sha256", "md5"])
def test_a_wrong_hash_removes_the_part(server, path, kind):
    wanted = hashlib.new(kind, b"other").hexdigest()
    with pytest.raises(DataError, match=f"the {kind} hash {wanted} is expected, received "):
        download(server.url, path, **{kind: wanted})
    assert names(path.parent) == []


@pytest.mark.parametrize("kind", ["sha256", "md5"])
def test_a_right_hash_is_right_in_either_case(server, path, kind):
    download(server.url, path, **{kind: hashlib.new(kind, server.body).hexdigest().upper()})
    assert path.exists()


def test_a_web_page_is_refused_and_quoted(server, path):
    server.usual = "page"
    with pytest.raises(DataError, match=r"a web page came .* '<!doctype html> <title>Please log in</title>'"):
        download(server.url, path)
    assert len(server.ranges) == 1
    assert names(path.parent) == []


def test_a_missing_file_is_not_asked_for_twice(server, path):
    server.usual = 404
    with pytest.raises(DataError, match="answered 404"):
        download(server.url, path)
    assert len(server.ranges) == 1


def test_a_busy_server_is_asked_again(server, path):
    server.plan = [503, 429]
    download(server.url, path, timeout=0.05)
    assert path.read_bytes() == server.body


def test_nobody_listening_is_an_error_not_a_traceback(server, path):
    with socket.create_server(("127.0.0.1", 0)) as unused:
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/file.bin"
    with pytest.raises(DataError, match="no connection"):
        download(url, path, attempts=2, timeout=0.05)


@pytest.mark.parametrize("url", ["file:///etc/hostname", "ftp://127.0.0.1/x", "x.zip", "http://[::1", "http://a b/"])
def test_only_addresses_of_the_web_are_opened(path, url):
    with pytest.raises(DataError, match=r"must begin with https|not an address"):
        download(url, path, attempts=1)


def test_a_redirect_is_followed(server, path):
    server.plan = [server.url]
    download(server.url, path)
    assert path.read_bytes() == server.body


def test_a_redirect_to_another_kind_of_address_is_refused(server, path):
    server.plan = ["ftp://127.0.0.1/file.bin"]
    with pytest.raises(DataError, match="redirects to ftp"):
        download(server.url, path)


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl to make a certificate")
def test_a_redirect_from_https_to_http_is_refused(server, path, tmp_path, monkeypatch):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    request = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*request.split(), *names], check=True, capture_output=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    server.speak_tls(str(certificate), str(key))
    server.plan = ["range", "http://127.0.0.1:9/file.bin"]
    download(server.url, path)
    with pytest.raises(DataError, match="from https only https is followed"):
        download(server.url, path.with_name("other.bin"))


def test_a_file_put_there_by_hand_is_checked_and_kept(server, path):
    path.parent.mkdir()
    path.write_bytes(b"by hand")
    assert download(server.url, path, size=7, sha256=sha256(b"by hand")) == sha256(b"by hand")
    with pytest.raises(DataError, match=r"`.*file\.bin` is not the right file: 8 bytes are expected, received 7"):
        download(server.url, path, size=8)
    assert path.read_bytes() == b"by hand"
    assert server.ranges == []


def test_a_place_that_cannot_be_written_is_an_error_not_a_traceback(server, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataError, match="can't be written"):
        download(server.url, tmp_path / "file" / "file.bin")


CHILD = "import sys; from pathlib import Path; from kerasvgg.data.catalog.download import download; "
CHILD += "download(sys.argv[1], Path(sys.argv[2]))"


@pytest.fixture
def child(server, path):
    """A process that is in the middle of a slow download."""
    server.plan = ["slow"]
    process = subprocess.Popen([sys.executable, "-c", CHILD, server.url, str(path)])
    part = path.with_name("file.bin.part")
    limit = time.monotonic() + 20
    while not (part.exists() and part.stat().st_size > 30_000) and time.monotonic() < limit:
        time.sleep(0.005)
    yield process
    process.kill()
    process.wait()


def test_a_second_process_waits_its_turn(server, path, child):
    with pytest.raises(DataError, match=r"process \d+ on .*\.file\.bin\.lock"):
        download(server.url, path)
    assert child.wait(20) == 0
    assert path.read_bytes() == server.body


@pytest.mark.skipif(os.name == "nt", reason="Windows has no kill -9")
def test_a_killed_process_loses_nothing(server, path, child):
    child.send_signal(signal.SIGKILL)
    child.wait()
    kept = path.with_name("file.bin.part").stat().st_size
    time.sleep(0.05)  # the server notices
    assert 30_000 < kept < len(server.body)
    download(server.url, path)
    assert path.read_bytes() == server.body
    assert server.ranges[-1] == f"bytes={kept}-"
    assert server.sent < len(server.body) + 10_000
    assert names(path.parent) == ["file.bin"]
