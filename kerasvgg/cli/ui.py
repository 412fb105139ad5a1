"""kerasvgg ui"""

from pathlib import Path
from typing import Annotated

import typer

PORT = 8765


def ui(
    runs: Annotated[Path, typer.Option(help="Folder of runs.")] = Path("runs"),
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0: any that is free.")] = PORT,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open it in the browser.")] = True,
) -> None:
    """Open a page to work with: runs while they go on, every picture, a folder's duplicates, new runs."""
    from importlib.util import find_spec

    from kerasvgg.errors import ConfigError

    if lacking := [name for name in ("starlette", "uvicorn", "psutil") if find_spec(name) is None]:
        raise ConfigError(f"`kerasvgg ui` needs {', '.join(lacking)}: pip install 'kerasvgg[ui]'")
    from kerasvgg.page.server import serve

    serve(runs, port, lambda address: typer.echo(f"{address}\nCtrl-C ends it; runs go on."), browser=browser)
