"""How fast frozen VGG16 is alone, engine by engine, beside its peers and the machine's limit.

python -m benchmarks.forward [--sides 150 224 288] [--images 32] [--rounds 3]

Thirteen convolutions, float32, pictures already in memory, the same processors for all. Each way is a fresh child that
must give Keras' outputs within 1e-3; its best pass counts, `difference` is relative (L2). The limit is that of direct
convolution: the best float32 tf.matmul of 2048x2048 in the same round. Peers are compared at the first side alone; what
is not installed is left out: pip install -e ".[bench]"
"""

import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from importlib.util import find_spec
from itertools import pairwise
from typing import Any

from benchmarks.measure import Case, options, print_table, ratios, reported, run, spread, take_turns

BATCH = 32
BLOCKS = ((3, 64, 64), (64, 128, 128), (128, 256, 256, 256), (256, 512, 512, 512), (512, 512, 512, 512))  # channels
ENGINES = ("graph", "xla", "ncnn")
OURS = {("kerasvgg", engine): () for engine in ENGINES}
PEERS = {  # peer and variant: the packages that it needs
    ("keras", "32"): (),
    ("keras", "20"): (),
    ("pytorch", "contiguous"): ("torch",),
    ("pytorch", "channels last"): ("torch",),
    ("onnxruntime", "ORT_ENABLE_ALL"): ("onnx", "onnxruntime"),
    ("openvino", "LATENCY"): ("onnx", "openvino"),
}
HEADER = ("side", "way", "images/s", "/ graph", "of the limit", "difference", "peak, MB")
LIMIT = "limit"
PASSES = 2
Reports = dict[str, list[dict[str, Any]]]


def main(sides: Sequence[int], images: int, rounds: int) -> None:
    """Prints one line for each way at each side, and how kerasvgg's fastest stands to the fastest of the others."""
    if images % BATCH:
        sys.exit(f"`--images` must be a multiple of {BATCH}, received {images}")
    rows, missing = [], [way for way, packages in PEERS.items() if not all(map(find_spec, packages))]
    told = ""
    for side in sides:
        ways = [*OURS, *(way for way in PEERS if side == sides[0] and way not in missing)]
        limit, found = _at(side, ways, images, rounds)
        rows += _rows(side, found, limit)
        told = told or _told(found)
    print_table(HEADER, rows)
    print(told)
    for way in missing:
        print(f'{_name(way)}: not installed; pip install -e ".[bench]"')


def _at(side: int, ways: Sequence[tuple[str, str]], images: int, rounds: int) -> tuple[list[float], Reports]:
    """Returns the limit in images a second, round by round, and what each way reported."""
    with tempfile.TemporaryDirectory(prefix="kerasvgg-bench-") as folder:
        run(["-m", "benchmarks.peers.given", folder, images, side])
        cases: dict[Case, Callable[[], dict[str, Any]]] = {
            (LIMIT, side): partial(reported, ["-m", "benchmarks.matmul"])
        }
        for way in ways:
            command = ["-m", "benchmarks.peers.pass_once", *way, folder, PASSES]
            cases[_name(way), side] = partial(reported, command)
        results = take_turns(cases, rounds)
    limit = [report["gflops"] / gflop(side) for report in results.pop((LIMIT, side))]
    return limit, {name: some for (name, _), some in results.items()}


def _rows(side: int, found: Reports, limit: Sequence[float]) -> list[tuple[str, ...]]:
    graph = _rates(found["kerasvgg, graph"])
    rows = []
    for name, some in found.items():
        rates = _rates(some)
        exact = f"{max(report['difference'] for report in some):.1e}"
        compared = [spread(ratios(rates, other), 2) for other in (graph, limit)]
        rows.append((str(side), name, spread(rates, 1), *compared, exact, spread([one["peak_mb"] for one in some])))
    return [*rows, (str(side), "limit of direct convolution", spread(limit, 1), "", "1", "", "")]


def _told(found: Reports) -> str:
    ours, others = (
        [max(some) for some in zip(*(_rates(found[_name(way)]) for way in ways if _name(way) in found), strict=True)]
        for ways in (OURS, PEERS)
    )
    return f"kerasvgg's fastest / the fastest other way of each round: {spread(ratios(ours, others), 2)}"


def _rates(some: Sequence[dict[str, Any]]) -> list[float]:
    return [report["images_per_second"] for report in some]


def gflop(side: int) -> float:
    """Returns the multiplications and additions of direct convolution for an image, in thousands of millions."""
    work = sum(
        2 * 9 * (side >> block) ** 2 * before * after
        for block, channels in enumerate(BLOCKS)
        for before, after in pairwise(channels)
    )
    return work / 1e9


def _name(way: tuple[str, str]) -> str:
    return ", ".join(way)


if __name__ == "__main__":
    parser = options(__doc__, images=32, rounds=3)
    parser.add_argument("--sides", type=int, nargs="+", default=[150, 224, 288], help="of the pictures, in pixels")
    main(**vars(parser.parse_args()))
