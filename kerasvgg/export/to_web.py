"""A page that is one file: the model, ONNX Runtime Web, and what shows pictures to it; it loads nothing."""

import base64
import gzip
import tarfile
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from kerasvgg.data.catalog.download import download
from kerasvgg.files.locations import cache, find
from kerasvgg.report.page import policy_hash

VERSION = "1.30.0"
NAME = f"onnxruntime-web-{VERSION}.tgz"
ADDRESS = f"https://registry.npmjs.org/onnxruntime-web/-/{NAME}"  # npm's own, which no other package index has
SIZE = 33_106_585
SHA256 = "d2228df7e4616bc3348bf504ee888f3bec43789a273f0a63f3e68d203ce3bf71"
FOLDER = "runtimes"
SCRIPT, WASM = "package/dist/ort.wasm.bundle.min.mjs", "package/dist/ort-wasm-simd-threaded.wasm"


def runtime() -> Path:
    """Returns npm's archive of ONNX Runtime Web, which is fetched once and then kept where weights are.

    Raises DataError, which says what to do by hand.
    """
    there = find(FOLDER, NAME) or cache() / FOLDER / NAME
    download(ADDRESS, there, size=SIZE, sha256=SHA256)
    return there


def write(onnx: Path, said: Mapping[str, Any], target: Path) -> None:
    """Writes the page around an ONNX file. Style, script and WebAssembly are all that its policy lets run."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    with tarfile.open(runtime()) as archive:
        script, wasm = (_member(archive, name) for name in (SCRIPT, WASM))
    css, js = _text("page.css"), _text("resize.js") + _text("page.js")
    templates = Environment(loader=PackageLoader("kerasvgg.export", "web"), autoescape=True, undefined=StrictUndefined)
    page = templates.get_template("page.html").render(
        about=said,
        policy=_policy(css, js),
        css=Markup(css),  # ours
        js=Markup(js),
        version=VERSION,
        licence=_text("onnxruntime-web-licence.txt"),
        runtime=_packed(script),
        wasm=_packed(wasm),
        model=_packed(onnx.read_bytes()),
    )
    target.write_text(page, encoding="utf-8", newline="\n")


def _policy(css: str, js: str) -> str:
    """Returns the page's Content-Security-Policy; the runtime comes as a blob, because it is a module of its own."""
    return (
        f"default-src 'none'; style-src {policy_hash(css)}; script-src {policy_hash(js)} 'wasm-unsafe-eval' blob:; "
        "img-src blob: data:; media-src blob:; base-uri 'none'; form-action 'none'"
    )


def _member(archive: tarfile.TarFile, name: str) -> bytes:
    file = archive.extractfile(name)
    return file.read() if file else b""


def _packed(content: bytes) -> str:
    """Returns bytes as the page holds them; no time is in it, so that equal pages have equal bytes."""
    return base64.b64encode(gzip.compress(content, 9, mtime=0)).decode()


def _text(name: str) -> str:
    return files("kerasvgg.export").joinpath("web", name).read_text(encoding="utf-8")
