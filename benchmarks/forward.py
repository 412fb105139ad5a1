"""How fast frozen VGG16 is alone, beside its peers and the machine's limit: python -m benchmarks.forward

Thirteen convolutions at 150x150, float32, pictures already in memory, the same threads for all. Each way is a fresh
child that must give Keras' outputs within 1e-3; its best pass counts. The limit is the best float32 tf.matmul of
2048x2048 in the same round, at 13.23 GFLOP an image. What is not installed is left out:
pip install -e ".[bench]"
"""

import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from importlib.util import find_spec
from typing import Any

from benchmarks.measure import Case, options, print_table, ratios, reported, run, spread, take_turns

GFLOP = 13.23  # of one image at 150x150; the feature maps are 75, 37, 18 and 9 wide after the pools
BATCH = 32
OURS = ("kerasvgg", "vgg")
WAYS = {  # peer and variant: the packages that it needs
    OURS: (),
    ("keras", "32"): (),
    ("keras", "20"): (),
    ("pytorch", "contiguous"): ("torch",),
    ("pytorch", "channels last"): ("torch",),
    ("onnxruntime", "ORT_ENABLE_ALL"): ("onnx", "onnxruntime"),
    ("openvino", "LATENCY"): ("onnx", "openvino"),
}
HEADER = ("way", "images/s", "of the limit", "kerasvgg / it", "largest difference", "peak, MB")
LIMIT = "limit"
PASSES = 3


def main(images: int, rounds: int) -> None:
    """Prints one line for each way, and how kerasvgg stands to the fastest of the others."""
    if images % BATCH:
        sys.exit(f"`--images` must be a multiple of {BATCH}, received {images}")
    ways = {way: _name(way) for way, packages in WAYS.items() if all(map(_installed, packages))}
    with tempfile.TemporaryDirectory(prefix="kerasvgg-bench-") as folder:
        run(["-m", "benchmarks.peers.given", folder, images])
        cases: dict[Case, Callable[[], dict[str, Any]]] = {
            (LIMIT, images): partial(reported, ["-m", "benchmarks.matmul"])
        }
        for way, name in ways.items():
            cases[name, images] = partial(reported, ["-m", "benchmarks.peers.pass_once", *way, folder, PASSES])
        results = take_turns(cases, rounds)
    limit = [report["gflops"] / GFLOP for report in results.pop((LIMIT, images))]
    reports = {name: some for (name, _), some in results.items()}
    _print(reports, limit, _name(OURS))
    for name in (_name(way) for way in WAYS if way not in ways):
        print(f'{name}: not installed; pip install -e ".[bench]"')


def _print(reports: dict[str, list[dict[str, Any]]], limit: Sequence[float], ours: str) -> None:
    rates = {name: [report["images_per_second"] for report in some] for name, some in reports.items()}
    rows = []
    for name, some in reports.items():
        compared = spread(ratios(rates[ours], rates[name]), 2)
        exact = f"{max(report['difference'] for report in some):.1e}"
        memory = spread([report["peak_mb"] for report in some])
        rows.append((name, spread(rates[name], 1), spread(ratios(rates[name], limit), 2), compared, exact, memory))
    rows.append((LIMIT, spread(limit, 1), "1", spread(ratios(rates[ours], limit), 2), "", ""))
    print_table(HEADER, rows)
    fastest = [max(some) for some in zip(*(rate for name, rate in rates.items() if name != ours), strict=True)]
    print(f"kerasvgg / the fastest other way of each round: {spread(ratios(rates[ours], fastest), 2)}")


def _name(way: tuple[str, str]) -> str:
    return "kerasvgg" if way == OURS else ", ".join(way)


def _installed(package: str) -> bool:
    return find_spec(package) is not None


if __name__ == "__main__":
    main(**vars(options(__doc__, images=160, rounds=5).parse_args()))
