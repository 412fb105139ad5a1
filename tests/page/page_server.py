"""A real server in a thread, requests to it, and run folders written by hand."""

import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("starlette", reason="needs the extra `ui`")

import uvicorn

from kerasvgg.page.app import make_app

TOKEN = "the-token-of-this-test"


@dataclass
class Answer:
    """What the server has answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Server:
    """A server in a thread, and requests to it as a browser sends them once it has the cookie."""

    port: int
    runs: Path
    cookie: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def ask(self, path: str, method: str = "GET", body: Any = None, **headers: str | None) -> Answer:
        own = f"127.0.0.1:{self.port}"
        sent = {"Host": own, "Cookie": self.cookie}
        if method != "GET":
            sent["Origin"] = f"http://{own}"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in sent.items():
            if value is not None:
                connection.putheader(name, value)
        if body is not None and "Content-Length" not in sent and "Transfer-Encoding" not in sent:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders()
        with suppress(OSError):  # it has heard enough
            for part in [body] if isinstance(body, bytes) else body or ():
                connection.send(part)
        response = connection.getresponse()
        answer = Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        connection.close()
        return answer


@contextmanager
def serving() -> Iterator[Callable[[Path], Server]]:
    """Yields what begins servers on folders of runs; they end with the block."""
    running: list[tuple[uvicorn.Server, threading.Thread]] = []
    ending = threading.Event()

    def begin(runs: Path) -> Server:
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        how = {"log_level": "error", "server_header": False, "timeout_graceful_shutdown": 1}
        server = uvicorn.Server(uvicorn.Config(make_app(runs, port, TOKEN, ending), **how))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        running.append((server, thread))
        made = Server(port, runs)
        made.cookie = made.ask(f"/?token={TOKEN}").headers["set-cookie"].partition(";")[0]
        return made

    yield begin
    ending.set()
    for server, _ in running:
        server.should_exit = True
    for _, thread in running:
        thread.join(10)


PREDICTIONS = "path,true,predicted,p:{0},p:dog\n{0}/0.png,{0},{0},0.9,0.1\ndog/0.png,dog,{0},0.8,0.2\n"
HISTORY = "phase,epoch,loss,accuracy,val_loss,val_accuracy\nall,1,0.5,0.5,0.5,0.5\nall,2,0.4,0.6,0.5,0.6\n"
EXPERIMENT = """\
data: {dataset: pictures, split: {train: 1, validation: 1, test: 1}, image_size: [48, 48]}
model: {base: small_cnn}
train: [{epochs: 2, learning_rate: 1e-3}]
"""
METRICS = (
    '{"split": "test", "role": "scored once", "n": 2, "correct": 1, "accuracy": 0.5, "interval_95": [0.1, 0.9], '
    '"loss": 0.9, "classes": ["%s", "dog"], "confusion": [[1, 0], [1, 0]]}'
)


def write_run(root: Path, name: str = "one/1", label: str = "cat", finished: bool = True) -> Path:
    """Writes a run folder as a stranger might below root/runs, and its pictures."""
    folder = root / "runs" / name
    folder.mkdir(parents=True)
    (folder / "history.csv").write_text(HISTORY)
    (folder / "experiment.yaml").write_text(EXPERIMENT.replace("pictures", str(root / "pictures")))
    parts = list(enumerate(("test", "train", "validation")))
    rows = [f"{one}/{i}.png,{one},{part},{'0' * 64}" for one in (label, "dog") for i, part in parts]
    (folder / "split.csv").write_text("path,class,split,sha256\n" + "\n".join(rows) + "\n")
    (folder / "predictions.csv").write_text(PREDICTIONS.format(label))
    if finished:
        (folder / "metrics.json").write_text(METRICS % label)
    for one in (label, "dog"):
        (root / "pictures" / one).mkdir(parents=True, exist_ok=True)
        for i in range(3):
            pixels = np.random.default_rng(i).integers(0, 255, (40, 60, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(root / "pictures" / one / f"{i}.png")
    return folder
