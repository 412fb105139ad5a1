"""kerasvgg serve"""

import os
from pathlib import Path
from typing import Annotated

import typer

MODEL = "A run folder, a model file (.keras or .h5), or what `kerasvgg export` wrote."
TOKEN = "KERASVGG_TOKEN"  # in the environment, because every user of a machine can read its command lines
NEEDS = ("fastapi", "multipart", "prometheus_client", "uvicorn")


def serve(
    model: Annotated[Path, typer.Argument(help=MODEL)],
    *,
    host: Annotated[str, typer.Option(help="The address to listen on; any but 127.0.0.1 needs a token.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any that is free.")] = 8000,
    token_file: Annotated[Path | None, typer.Option(help="A file with the token that clients bring.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that answer, each with the model in memory.")] = 1,
    batch: Annotated[int, typer.Option(min=1, max=256, help="Pictures computed at a time, at most.")] = 16,
    wait: Annotated[float, typer.Option(min=0, max=1000, help="Milliseconds to wait for pictures about to come.")] = 10,
    queue: Annotated[int, typer.Option(min=1, help="Pictures that may wait in a process; others are told 429.")] = 256,
    body: Annotated[float, typer.Option(min=0.001, max=1000, help="Megabytes of a request, at most.")] = 20,
    timeout: Annotated[float, typer.Option(min=0.1, max=3600, help="Seconds that an answer may take.")] = 30,
) -> None:
    """Answer over HTTP what is on pictures, in batches of what comes at the same time; Ctrl-C ends it."""
    from importlib.util import find_spec

    from kerasvgg.errors import ConfigError

    if lacking := [name for name in NEEDS if find_spec(name) is None]:
        raise ConfigError(f"`kerasvgg serve` needs {', '.join(lacking)}: pip install 'kerasvgg[serve]'")
    from kerasvgg.files.reading import read_small
    from kerasvgg.serve.limits import Limits
    from kerasvgg.serve.server import serve as serve_model

    token = os.environ.get(TOKEN, "") if token_file is None else read_small(token_file).strip()
    limits = Limits(round(1e6 * body), queue, timeout, batch, wait / 1000)
    serve_model(model, limits, typer.echo, host=host, port=port, token=token, workers=workers)
