"""A server whose model changes, whose processes are killed, and that is stopped, all while it is asked."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from model_server import SECONDS, Server, expected, jpeg, load, write_onnx

import kerasvgg
from kerasvgg.errors import ConfigError, ModelFileError
from kerasvgg.serve.limits import Limits
from kerasvgg.serve.server import serve

CLIENTS = 6


def _until(is_so: Callable[[], bool]) -> None:
    ends = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.02)


def test_sighup_changes_the_model_without_a_lost_request(begin: Callable, tmp_path: Path) -> None:
    server = begin(write_onnx(tmp_path / "model.onnx", seed=0))
    content = jpeg(1)
    with load(server, CLIENTS, content) as seen:
        seen.wait_for(20)
        write_onnx(tmp_path / "model.onnx", seed=1)
        server.signal(signal.SIGHUP)
        server.wait_for("model taken", 2)
        _until(lambda: len(set(seen.models[-CLIENTS:])) == 1 and len(set(seen.models)) == 2)
        (tmp_path / "model.onnx").write_bytes(b"no model at all")
        server.signal(signal.SIGHUP)
        server.wait_for("model refused, the one before goes on")
        seen.wait_for(20)
        os.kill(server.workers()[-1], signal.SIGKILL)  # what begins anew is what was judged, not the file
        server.wait_for("serving", 3)
        seen.wait_for(20)
    assert 0 < len(seen.lost) <= CLIENTS  # those that the killed process had in hand
    assert {one.status for one in seen.answers} == {200}
    first, second = dict.fromkeys(seen.models)
    wanted = {first: expected(content, 0), second: expected(content, 1)}
    for one in seen.answers:
        assert np.abs(one.rows[0] - wanted[one.said["model"]]).max() < 1e-5
    assert seen.models[-1] == second
    assert "opening it failed" in next(line["why"] for line in server.log() if "refused" in line["event"])


@pytest.mark.slow
def test_it_stops_with_an_answer_for_each_who_has_asked(begin: Callable, tmp_path: Path) -> None:
    server = begin(write_onnx(tmp_path / "model.onnx", work=100), "--batch", 2)
    kept = server.connect()
    assert server.ask("/ready", kept=kept).said["status"] == "ready"
    with load(server, CLIENTS, jpeg(1)) as seen:
        seen.wait_for(4)
        server.signal(signal.SIGTERM)
        server.wait_for("stopping")
        late = server.predict(jpeg(1), kept=kept)
        assert server.process.wait(SECONDS) == 0
    assert (late.status, late.headers["connection"]) == (503, "close")
    assert late.said["error"].startswith("the server is stopping")
    assert {one.status for one in seen.answers} <= {200, 503}
    assert all(isinstance(one, ConnectionRefusedError | ConnectionResetError) for one in seen.lost)
    assert seen.answers[-1].headers["connection"] == "close"


def test_mistakes_are_told_before_anything_is_bound(tmp_path: Path) -> None:
    model, how = write_onnx(tmp_path / "model.onnx"), {"host": "127.0.0.1", "port": 0, "token": "", "workers": 1}

    def told(model: Path, kind: type[Exception], **more: object) -> str:
        with pytest.raises(kind) as refused:
            serve(model, Limits(), pytest.fail, **{**how, **more})
        return str(refused.value)

    assert "`--host 0.0.0.0` needs a token" in told(model, ConfigError, host="0.0.0.0")
    assert "at least 16 letters" in told(model, ConfigError, token="short")
    for place in (tmp_path / "nothing.onnx", tmp_path, Path(__file__)):
        assert "must be a run folder, a model file, or what `kerasvgg export` wrote" in told(place, ModelFileError)


def test_a_model_that_cannot_answer_is_refused_at_the_start(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "bad.onnx").write_bytes(b"none")
    command = [sys.executable, "-m", "kerasvgg", "serve", "bad.onnx", "--port", "0"]
    env = {**os.environ, "PYTHONPATH": str(Path(kerasvgg.__file__).parents[1])}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=env)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("`bad.onnx` must be what `kerasvgg export` wrote; opening it failed")
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_only_what_a_killed_process_has_in_hand_is_lost(begin: Callable, tmp_path: Path) -> None:
    server: Server = begin(write_onnx(tmp_path / "model.onnx"), "--workers", 2)
    server.wait_for("serving", 2)
    for times in range(3):
        with load(server, CLIENTS, jpeg(1)) as seen:
            seen.wait_for(50)
            os.kill(server.workers()[-1], signal.SIGKILL)
            server.wait_for("serving", 3 + times)
            seen.wait_for(50)
        assert len(seen.lost) <= CLIENTS
        assert {one.status for one in seen.answers} == {200}


@pytest.mark.slow
def test_replaced_files_change_the_model_again_and_again_without_a_lost_request(
    begin: Callable, tmp_path: Path
) -> None:
    server: Server = begin(write_onnx(tmp_path / "model.onnx"), "--workers", 2)
    with load(server, CLIENTS, content := jpeg(1)) as seen:
        for seed in range(1, 4):
            write_onnx(tmp_path / "model.onnx", seed=seed, names=("cat", "dog", f"class {seed}"))
            server.wait_for("model taken", seed + 1)
            server.wait_for("serving", 2 * seed + 2)
        seen.wait_for(50)
    assert seen.lost == []
    assert {one.status for one in seen.answers} == {200}
    seeds = {name: seed for seed, name in enumerate(dict.fromkeys(seen.models))}
    assert sorted(seeds.values()) == [0, 1, 2, 3]
    for one in seen.answers:
        assert np.abs(one.rows[0] - expected(content, seeds[one.said["model"]])).max() < 1e-5
    assert sum(line["event"] == "the classes are others" for line in server.log()) == 3
