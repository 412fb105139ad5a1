"""`kerasvgg serve` as a process on 127.0.0.1, tiny ONNX files for it, and requests to it."""

import base64
import http.client
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scenes import scene

pytest.importorskip("fastapi", reason="needs the extra `serve`")
pytest.importorskip("onnx", reason="needs the extra `export`")

import onnx
from onnx import TensorProto, helper, numpy_helper

import kerasvgg
from kerasvgg.data.pictures.decode import Content, decode

INPUT = "pictures"
SIDE = 32
NAMES = ("cat", "dog", "eel")
SECONDS = 30.0


def kernel(seed: int, classes: int) -> np.ndarray:
    """Returns the weights of a tiny model: from mean colours to scores, which gray has none of."""
    drawn = np.random.default_rng(seed).normal(0, 9, (3, classes))
    return (drawn - drawn.mean(axis=0)).astype(np.float32)


def write_onnx(path: Path, seed: int = 0, names: Sequence[str] = NAMES, work: int = 0, **said: Any) -> Path:
    """Writes an export that goes by mean colours; `work` products of large matrices make it slow."""
    nodes = [
        helper.make_node("Div", [INPUT, "full"], ["shares"]),
        helper.make_node("MatMul", ["shares", "kernel"], ["class_maps"]),
        helper.make_node("ReduceMean", ["class_maps"], ["scores"], axes=[1, 2], keepdims=0),
    ]
    arrays = {"full": np.float32(255), "kernel": kernel(seed, len(names))}
    last = "scores"
    if work:
        arrays |= {"wide": np.zeros((len(names), 2048), np.float32), "square": np.zeros((2048, 2048), np.float32)}
        arrays |= {"narrow": np.zeros((2048, len(names)), np.float32)}
        nodes.append(helper.make_node("MatMul", ["scores", "wide"], ["work0"]))
        for place in range(work):
            nodes.append(helper.make_node("MatMul", [f"work{place}", "square"], [f"work{place + 1}"]))
        nodes.append(helper.make_node("MatMul", [f"work{work}", "narrow"], ["nothing"]))
        nodes.append(helper.make_node("Add", ["scores", "nothing"], ["same"]))
        last = "same"
    nodes.append(helper.make_node("Softmax", [last], ["probabilities"], axis=1))
    given = [("probabilities", ["n", len(names)]), ("class_maps", ["n", SIDE, SIDE, len(names)])]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["n", SIDE, SIDE, 3])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in given],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in arrays.items()],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    about = {"class_names": list(names), "image_size": [SIDE, SIDE], "channels": 3, "interpolation": "bilinear"}
    about |= {"fit": "squeeze", "thresholds": None, "temperature": 2.0, **said}
    helper.set_model_props(made, {"kerasvgg": json.dumps(about)})
    fresh = path.with_name(f"{path.name}.new")
    onnx.save(made, fresh)
    fresh.replace(path)
    return path


def jpeg(seed: int, size: tuple[int, int] = (96, 72)) -> bytes:
    """Returns a picture's file, which no other seed has."""
    made = io.BytesIO()
    scene(seed, size).save(made, "JPEG", quality=90)
    return made.getvalue()


def expected(content: bytes, seed: int = 0, classes: int = len(NAMES)) -> np.ndarray:
    """Returns the probabilities that a tiny model must give, computed here."""
    pixels = decode(Content("picture", content), (SIDE, SIDE)).astype(np.float64)
    scores = (pixels / 255).mean(axis=(0, 1)) @ kernel(seed, classes)
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()


def as_json(*contents: bytes, **more: Any) -> tuple[bytes, dict[str, str]]:
    """Returns a request's body and headers with pictures in JSON."""
    pictures = [{"content": base64.b64encode(one).decode(), **more} for one in contents]
    return json.dumps({"pictures": pictures}).encode(), {"Content-Type": "application/json"}


def as_form(*contents: bytes, field_name: str = "pictures") -> tuple[bytes, dict[str, str]]:
    """Returns the same as a form."""
    parts = [
        f'--frontier\r\nContent-Disposition: form-data; name="{field_name}"; filename="{place}.jpg"\r\n\r\n'.encode()
        + one
        + b"\r\n"
        for place, one in enumerate(contents)
    ]
    body = b"".join(parts) + b"--frontier--\r\n"
    return body, {"Content-Type": "multipart/form-data; boundary=frontier"}


@dataclass
class Answer:
    """What the server has answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> Any:
        return json.loads(self.body)

    @property
    def rows(self) -> np.ndarray:
        """The probabilities (n, classes)."""
        return np.array([list(one["probabilities"].values()) for one in self.said["predictions"]])


@dataclass
class Server:
    """A server's process, and requests to it."""

    process: subprocess.Popen[str]
    address: str
    log_file: Path
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def place(self) -> tuple[str, int]:
        host, _, port = self.address.removeprefix("http://").rpartition(":")
        return host, int(port)

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(*self.place, timeout=SECONDS)

    def ask(self, path: str, body: Any = None, headers: Any = None, method: str = "", kept: Any = None) -> Answer:
        """Asks over a connection that is `kept`, or one of its own."""
        connection = kept or self.connect()
        how = method or ("GET" if body is None else "POST")
        connection.request(how, path, body, {**self.headers, **(headers or {})})
        response = connection.getresponse()
        answer = Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        if not kept:
            connection.close()
        return answer

    def predict(self, content: bytes, query: str = "", **how: Any) -> Answer:
        """Asks what is on one picture."""
        return self.ask(f"/predict{query}", content, {"Content-Type": "image/jpeg"}, **how)

    def log(self) -> list[dict[str, Any]]:
        """Returns the log's lines."""
        lines = self.log_file.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    def workers(self) -> list[int]:
        """Returns the processes that have begun to serve, in order."""
        return [line["process"] for line in self.log() if line["event"] == "serving"]

    def wait_for(self, event: str, count: int = 1) -> None:
        """Waits until so many lines of the log tell of it."""
        ends = time.monotonic() + SECONDS
        while sum(line["event"] == event for line in self.log()) < count:
            assert time.monotonic() < ends, self.log_file.read_text(encoding="utf-8")
            time.sleep(0.02)

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)


@contextmanager
def serving(root: Path) -> Iterator[Callable[..., Server]]:
    """Yields what begins servers; they end with the block."""
    begun: list[Server] = []

    def begin(model: Path, *words: object, **variables: str) -> Server:
        command = [sys.executable, "-m", "kerasvgg", "serve", str(model), "--port", "0", *map(str, words)]
        env = {**os.environ, "PYTHONPATH": str(Path(kerasvgg.__file__).parents[1]), **variables}
        log = root / f"log{len(begun)}.jsonl"
        with log.open("w", encoding="utf-8") as stderr:
            process = subprocess.Popen(command, cwd=root, env=env, stdout=subprocess.PIPE, stderr=stderr, text=True)
        assert process.stdout is not None
        found = re.match(r"http\S+", process.stdout.readline())
        assert found, log.read_text(encoding="utf-8")
        begun.append(Server(process, found.group(), log))
        return begun[-1]

    yield begin
    for one in begun:
        with one.process:  # which closes what it writes to
            one.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                one.process.wait(SECONDS)
            one.process.kill()


@dataclass
class Load:
    """What became of requests that several clients sent without a pause, each over a connection that it keeps."""

    answers: list[Answer] = field(default_factory=list)
    lost: list[Exception] = field(default_factory=list)

    def wait_for(self, more: int) -> None:
        """Waits for so many answers more."""
        wanted, ends = len(self.answers) + more, time.monotonic() + SECONDS
        while len(self.answers) < wanted:
            assert time.monotonic() < ends, self.lost
            time.sleep(0.01)

    @property
    def models(self) -> list[str]:
        return [one.said["model"] for one in self.answers if one.status == 200]


@contextmanager
def load(server: Server, clients: int, content: bytes) -> Iterator[Load]:
    """Yields what comes of the load as long as the block goes on."""
    seen, ending = Load(), threading.Event()

    def client() -> None:
        connection = server.connect()
        while not ending.is_set():
            try:
                seen.answers.append(server.predict(content, kept=connection))
            except (OSError, http.client.HTTPException) as error:
                seen.lost.append(error)
                connection.close()
                time.sleep(0.01)
        connection.close()

    threads = [threading.Thread(target=client, daemon=True) for _ in range(clients)]
    for one in threads:
        one.start()
    try:
        yield seen
    finally:
        ending.set()
        for one in threads:
            one.join(SECONDS)


def raw(server: Server, *parts: bytes, pause: float = 0.0, patience: float = 10.0) -> bytes:
    """Sends bytes as they are, and returns what comes back until the server closes the connection."""
    with socket.create_connection(server.place, timeout=patience) as connection:
        with suppress(OSError):  # it has heard enough
            for part in parts:
                connection.sendall(part)
                time.sleep(pause)
        found = b""
        with suppress(OSError):
            while part := connection.recv(65536):
                found += part
        return found
