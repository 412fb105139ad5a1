"""The house's plan, so far as import-linter can't hold it: how long things are, and how light the way in is."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import kerasvgg

ROOT = Path(kerasvgg.__file__).parent
FILES = {
    ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(ROOT.rglob("*.py"))
}
HEAVY = ("tensorflow", "keras", "numpy")

OUTSIDE = re.compile(
    r"\.\./|shared/|(?<![\w.~}>:/])/(?:data|home|mnt|opt|root|srv|tmp|usr|Users|var|work)\b|[A-Z]:\\\\"
)
MAIN = "from kerasvgg.__main__ import main\nmain()"
EXPERIMENT = """\
data: {dataset: pets, image_size: [64, 64]}
model: {base: vgg16}
train: [{epochs: 1, learning_rate: 1e-3}]
"""
HISTORY = "phase,epoch,loss,accuracy,val_loss,val_accuracy\nhead,1,0.5,0.5,0.5,0.5\n"

WITHOUT_TENSORFLOW = (
    "modelfile",
    "plots",
    "evaluation",
    "report",
)  # when imported; pyproject.toml says what never names it


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _is_in(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def _loaded(code: str, *words: str, folder: Path | None = None, status: int = 0) -> set[str]:
    """Returns the top-level modules that a fresh Python has loaded when it ends, with that status."""
    tell = "import atexit, sys\natexit.register(lambda: sys.stderr.write(' '.join(sys.modules)))\n"
    command = [sys.executable, "-c", tell + code, *words]
    env = {**os.environ, "PYTHONPATH": str(ROOT.parent)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=env)
    assert done.returncode == status, done.stderr
    return {name.partition(".")[0] for name in done.stderr.split()}


def test_there_is_something_to_look_at() -> None:
    assert len(FILES) > 50


def test_imports_say_in_full_who_is_meant() -> None:
    relative = [
        f"{module}:{node.lineno}"
        for module, path in FILES.items()
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == []


def test_a_loaded_library_is_noticed() -> None:
    assert {"numpy", "kerasvgg"} <= _loaded("import kerasvgg.features.store")


def test_importing_the_package_loads_no_library() -> None:
    assert not _loaded("import kerasvgg") & {*HEAVY, "pydantic", "typer", "rich", "PIL", "h5py"}


def test_what_reads_files_never_loads_tensorflow() -> None:
    modules = [module for module in FILES if any(_is_in(module, f"kerasvgg.{one}") for one in WITHOUT_TENSORFLOW)]
    assert len(modules) > 6
    assert not _loaded(f"import {', '.join(modules)}") & {"tensorflow", "keras"}


@pytest.mark.parametrize(
    "words",
    [
        "--help",
        "--version",
        "run --help",
        "validate x.yaml",
        "validate quickstart",
        "ls",
        "model",
        "data list",
        "data --help",
    ],
)
def test_what_needs_no_arithmetic_starts_without_it(tmp_path: Path, words: str) -> None:
    (tmp_path / "x.yaml").write_text(EXPERIMENT)
    assert not _loaded(MAIN, *words.split(), folder=tmp_path) & {*HEAVY, "fastapi", "starlette", "uvicorn"}


def test_plotting_starts_without_tensorflow(tmp_path: Path) -> None:
    (tmp_path / "history.csv").write_text(HISTORY)
    assert not _loaded(MAIN, "plot", ".", folder=tmp_path) & {"tensorflow", "keras"}
    assert (tmp_path / "curves.png").is_file()


@pytest.mark.parametrize("words", ["run x.yaml sed=1", "split none there --validation 0.5", "init none"])
def test_mistakes_are_told_without_tensorflow(tmp_path: Path, words: str) -> None:
    (tmp_path / "x.yaml").write_text(EXPERIMENT)
    assert not _loaded(MAIN, *words.split(), folder=tmp_path, status=2) & {"tensorflow", "keras"}


def test_no_module_is_a_drawer_for_everything() -> None:
    assert [module for module in FILES if re.search(r"util|helper|misc|common", module)] == []


def test_modules_are_short() -> None:
    lines = {module: path.read_text(encoding="utf-8").count("\n") for module, path in FILES.items()}
    assert {module: count for module, count in lines.items() if count > 250} == {}


def test_functions_are_short() -> None:
    lines = {
        f"{module}.{node.name}": _lines(node)
        for module, path in FILES.items()
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert len(lines) > 200
    assert {function: count for function, count in lines.items() if count > 40} == {}


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_only_the_command_line_prints_and_nothing_asserts() -> None:
    wrong = [
        f"{module}:{node.lineno}"
        for module, path in FILES.items()
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Assert)
        or (isinstance(node, ast.Name) and node.id == "print" and not _is_in(module, "kerasvgg.cli"))
    ]
    assert wrong == []


def test_no_module_knows_a_folder_of_some_machine() -> None:
    found = {module: OUTSIDE.findall(path.read_text(encoding="utf-8")) for module, path in FILES.items()}
    assert {module: places for module, places in found.items() if places} == {}


@pytest.mark.parametrize("text", ["../elsewhere", "in /home/me/data", "'/tmp/x'", "(/root)", r"C:\\Users"])
def test_a_folder_of_some_machine_is_noticed(text: str) -> None:
    assert OUTSIDE.search(text)
