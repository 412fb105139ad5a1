"""How the house is built, in figures: modules, statements, circles, long functions, and the way of one experiment.

python -m tools.structure            every figure but the last, from the text of the code
python -m tools.structure --walk     also runs a tiny experiment and follows it through the modules
"""

import argparse
import ast
import os
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

PACKAGE = "kerasvgg"
ROOT = Path(__file__).resolve().parent.parent
SHORT = 40  # lines; a module below it usually belongs to its neighbour, a function above it is too long
EXPERIMENT = """\
seed: 0
data: {dataset: pictures, split: {validation: 0.25, test: 0.25}, image_size: [32, 32], batch_size: 4}
model: {base: vgg16, weights: null, preprocessing: vgg, head: {units: 4, dropout: 0.5}}
augment: {horizontal_flip: true}
augment_copies: 2
train:
  - {layers: head, epochs: 1, learning_rate: 1e-3}
  - {layers: [block5, head], epochs: 1, learning_rate: 1e-3}
"""
Graph = dict[str, set[str]]


def modules(root: Path) -> dict[str, Path]:
    """Returns the package's modules by dotted name."""
    paths = sorted((root / PACKAGE).rglob("*.py"))
    return {".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): path for path in paths}


def imports(found: Mapping[str, Path]) -> Graph:
    """Returns whom each module imports, wherever in the file, for type checkers too."""
    graph: Graph = {name: set() for name in found}
    for name, path in found.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                full = [f"{node.module}.{alias.name}" for alias in node.names]
                graph[name] |= {one if one in found else node.module for one in full} & found.keys()
            elif isinstance(node, ast.Import):
                graph[name] |= {alias.name for alias in node.names} & found.keys()
        graph[name].discard(name)
    return graph


def circles(graph: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Returns the groups of nodes that reach each other."""
    reached = {node: _reached(graph, node) for node in graph}
    groups = {frozenset(other for other in reached[node] if node in reached.get(other, ())) for node in graph}
    return sorted(sorted(group) for group in groups if len(group) > 1)


def _reached(graph: Mapping[str, Iterable[str]], start: str) -> set[str]:
    found: set[str] = set()
    stack = list(graph[start])
    while stack:
        node = stack.pop()
        if node not in found:
            found.add(node)
            stack += graph.get(node, ())
    return found


def folder_circles(graph: Graph) -> list[list[str]]:
    """Returns the circles among neighbours: the files and folders that lie in one folder, at every level."""
    siblings: dict[str, Graph] = defaultdict(lambda: defaultdict(set))
    for name, others in graph.items():
        for other in others:
            mine, theirs = name.split("."), other.split(".")
            depth = next((i for i, (a, b) in enumerate(zip(mine, theirs, strict=False)) if a != b), None)
            if depth is not None:
                siblings[".".join(mine[:depth])][".".join(mine[: depth + 1])].add(".".join(theirs[: depth + 1]))
    return [circle for inside in siblings.values() for circle in circles(inside)]


def floors(graph: Graph) -> dict[str, int]:
    """Returns on which floor each module stands: above all that it imports; those of a circle stand together."""
    together = {name: frozenset(circle) for circle in circles(graph) for name in circle}
    height: dict[frozenset[str], int] = {}

    def floor(group: frozenset[str]) -> int:
        if group not in height:
            below = {together.get(other, frozenset({other})) for name in group for other in graph[name]} - {group}
            height[group] = 1 + max(map(floor, below), default=0)
        return height[group]

    return {name: floor(together.get(name, frozenset({name}))) for name in graph}


def long_functions(found: Mapping[str, Path]) -> list[str]:
    """Returns the functions of more than 40 lines, decorators and docstring included."""
    return [
        f"{name}:{node.name} {length}"
        for name, node in _functions(found)
        if (length := (node.end_lineno or 0) - node.lineno + 1) > SHORT
    ]


def any_in_signatures(found: Mapping[str, Path]) -> int:
    """Returns how many arguments and results are annotated with something that has Any in it."""
    count = 0
    for _, node in _functions(found):
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
        notes = [one.annotation for one in arguments if one] + [node.returns]
        count += sum(
            any(isinstance(part, ast.Name) and part.id == "Any" for part in ast.walk(note)) for note in notes if note
        )
    return count


def _functions(found: Mapping[str, Path]) -> Iterator[tuple[str, Any]]:
    for name, path in found.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield name, node


def statements(path: Path) -> int:
    """Returns the statements of a module, docstrings not counted."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    texts = [node for node in nodes if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)]
    return sum(isinstance(node, ast.stmt) for node in nodes) - len(texts)


class Walk:
    """Follows what is called while it is at work, each function the first time that it is entered."""

    def __init__(self, found: Mapping[str, Path], height: Mapping[str, int]) -> None:
        self._names, self._height = {str(path): name for name, path in found.items()}, height
        self._entered: set[Any] = set()
        self.rooms: list[str] = []

    def __enter__(self) -> "Walk":
        sys.setprofile(self._look)
        return self

    def __exit__(self, *error: object) -> None:
        sys.setprofile(None)

    def _look(self, frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        name = self._names.get(code.co_filename)
        if event == "call" and name and code not in self._entered:
            self._entered.add(code)
            if not self.rooms or self.rooms[-1] != name:
                self.rooms.append(name)

    @property
    def climbs(self) -> int:
        """How often the next function that is entered stands on a higher floor than the one before."""
        steps = zip(self.rooms, self.rooms[1:], strict=False)
        return sum(self._height[there] > self._height[here] for here, there in steps)


def walk(found: Mapping[str, Path], height: Mapping[str, int]) -> Walk:
    """Prepares a tiny experiment (two phases, mirrored copies, frozen VGG16) and follows its run in the main thread."""
    import numpy as np
    from PIL import Image

    with tempfile.TemporaryDirectory() as place:
        os.chdir(place)
        os.environ["KERASVGG_CACHE"] = place
        draw = np.random.default_rng(0)
        for label in ("cat", "dog"):
            for number in range(16):
                path = Path("pictures", label, f"{number}.png")
                path.parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(draw.integers(0, 255, (32, 32, 3), dtype=np.uint8)).save(path)
        Path("tiny.yaml").write_text(EXPERIMENT, encoding="utf-8")
        return _follow(Path("tiny.yaml"), Walk(found, height))


def _follow(experiment: Path, walker: Walk) -> Walk:
    from kerasvgg.config.load import load_experiments
    from kerasvgg.runs.prepare import prepare
    from kerasvgg.runs.run import run

    prepared = prepare(load_experiments(experiment)[""])
    with walker:
        run(prepared, "tiny", Path("runs"))
    return walker


def report(root: Path, follow: bool) -> Iterator[tuple[str, object]]:
    """Yields each figure with its name."""
    found = modules(root)
    graph = imports(found)
    lines = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in found.items()}
    code = {name: count for name, count in lines.items() if found[name].name != "__init__.py"}
    folders = defaultdict(list)
    for path in found.values():
        folders[path.parent].append(path)
    yield "modules (without __init__.py)", f"{len(found)} ({len(code)})"
    yield "lines, median of a module", f"{sum(lines.values()):,}, {statistics.median(code.values()):g}"
    yield "statements", f"{sum(map(statements, found.values())):,}"
    yield f"modules under {SHORT} lines", sum(count < SHORT for count in code.values())
    yield "loose files at the top", len(folders[root / PACKAGE])
    flat = {place: paths for place, paths in folders.items() if not any(other.parent == place for other in folders)}
    largest = max(flat, key=lambda place: len(flat[place]))
    yield "largest folder without folders in it", f"{len(flat[largest])} ({largest.relative_to(root)})"
    yield "most files in one folder", max(map(len, folders.values()))
    yield "circles of files", len(circles(graph))
    yield "circles of neighbours in a folder", len(folder_circles(graph))
    longest = long_functions(found)
    yield f"functions over {SHORT} lines", len(longest)
    yield "arguments and results with Any", any_in_signatures(found)
    if follow:
        walked = walk(found, floors(graph))
        yield "modules on the way of a prepared experiment", len(set(walked.rooms))
        yield "climbs on it", walked.climbs
        yield "moves from module to module", len(walked.rooms) - 1


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--walk", action="store_true", help="run a tiny experiment and follow it")
    parser.add_argument("--root", type=Path, default=ROOT, help="the checkout to measure")
    asked = parser.parse_args()
    root = asked.root.resolve()
    sys.path.insert(0, str(root))
    for name, value in report(root, asked.walk):
        print(f"{name:45} {value}")


if __name__ == "__main__":
    main()
