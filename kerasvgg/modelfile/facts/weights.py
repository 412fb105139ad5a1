"""Facts about weights: counts, fingerprints, and what the numbers are like."""

import hashlib
import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from kerasvgg.modelfile.facts.facts import ArrayFacts, Facts, LayerFacts, Numbers
from kerasvgg.modelfile.facts.network import VGG16, Leaf, convolutions_of, leaves_of, vgg_column
from kerasvgg.modelfile.read.saved import Danger
from kerasvgg.modelfile.safety.verdict import verdict


def numbers(blocks: Iterable[np.ndarray], whole: Any = None) -> Numbers:
    """Returns the figures; the fingerprint is over the little-endian bytes, floats as float32.

    `whole`, a digest of hashlib, takes the same bytes.
    """
    digest = hashlib.sha256()
    count = not_finite = zeros = 0
    total = squares = 0.0
    least, most = math.inf, -math.inf
    for values in blocks:
        content = np.ascontiguousarray(values.astype("<f4" if values.dtype.kind == "f" else "<i8", copy=False)).data
        digest.update(content)
        if whole is not None:
            whole.update(content)
        finite = _finite(values)
        count += values.size
        not_finite += values.size - finite.size
        zeros += values.size - int(np.count_nonzero(values))
        if finite.size:
            exact = finite.astype(np.float64)
            total += float(exact.sum())
            squares += float(np.dot(exact, exact))
            least, most = min(least, float(finite.min())), max(most, float(finite.max()))
    known = count - not_finite
    mean = total / known if known else 0.0
    spread = math.sqrt(max(0.0, squares / known - mean * mean)) if known else 0.0
    least, most = (least, most) if known else (0.0, 0.0)
    return Numbers(count, mean, 0.0 if least == most else spread, least, most, not_finite, zeros, digest.hexdigest())


def _finite(values: np.ndarray) -> np.ndarray:
    """Returns the finite ones; as nearly always all are, their sum tells that faster than each of them."""
    if values.dtype.kind != "f" or math.isfinite(float(values.sum(dtype=np.float64))):
        return values
    finite: np.ndarray = values[np.isfinite(values)]
    return finite


MOST = 40  # findings that are told


def with_numbers(facts: Facts, found: dict[str, Numbers], whole: str) -> Facts:
    """Returns the facts with the numbers of the arrays by their names in the file.

    `whole` is the fingerprint of all of them, which must be the one that kerasvgg saved where it wrote the file.
    """
    layers = tuple(_layer(layer, found) for layer in facts.layers)
    base = _base(layers)
    layers = tuple(_compared(layer, "", base) for layer in layers)
    findings = [*_findings(layers), *_of_base(layers, base)]
    facts = replace(facts, layers=layers, findings=tuple(findings[:MOST]))
    saved = (facts.about or {}).get("weights_sha256")
    return _damaged(facts) if saved and saved != whole else facts


def _damaged(facts: Facts) -> Facts:
    dangers = (*facts.dangers, Danger("damage", "the weights", "they are not those that kerasvgg saved"))
    judged, reasons = verdict(dangers, facts.changes, facts.obstacles, facts.container)
    return replace(facts, dangers=dangers, verdict=judged, reasons=reasons)


def _layer(layer: LayerFacts, found: dict[str, Numbers]) -> LayerFacts:
    arrays = tuple(replace(array, numbers=found.get(array.name)) for array in layer.arrays)
    return replace(layer, arrays=arrays, layers=tuple(_layer(inner, found) for inner in layer.layers))


def _base(layers: Iterable[LayerFacts]) -> dict[str, tuple[str, str]]:
    """Returns, for a VGG16, the fingerprints of ImageNet's kernel and bias by the path of the convolution."""
    convolutions = convolutions_of(list(leaves_of(tuple(layers))))
    found = vgg_column([shape for _, shape in convolutions])
    if found is None or found[0] != "D":
        return {}
    names = sorted({name for name, _ in VGG16})
    paths = [leaf.path for leaf, _ in convolutions[found[1] :]]
    return {path: (VGG16[name, "kernel"], VGG16[name, "bias"]) for path, name in zip(paths, names, strict=False)}


def _compared(layer: LayerFacts, path: str, base: dict[str, tuple[str, str]]) -> LayerFacts:
    place = f"{path}{layer.name}"
    known = base.get(place)
    arrays = tuple(_of_imagenet(array, known) for array in layer.arrays) if known else layer.arrays
    return replace(layer, arrays=arrays, layers=tuple(_compared(one, f"{place}/", base) for one in layer.layers))


def _of_imagenet(array: ArrayFacts, known: tuple[str, str]) -> ArrayFacts:
    if array.numbers is None:
        return array
    same = array.numbers.sha256 == known[0 if len(array.shape) == 4 else 1]
    return replace(array, numbers=replace(array.numbers, is_imagenet=same))


def _findings(layers: tuple[LayerFacts, ...]) -> Iterator[str]:
    for leaf in leaves_of(layers):
        for array in leaf.layer.arrays:
            if array.numbers:
                yield from _of_array(leaf, array, array.numbers)


def _of_array(leaf: Leaf, array: ArrayFacts, seen: Numbers) -> Iterator[str]:
    name = f"{leaf.path}, {array.name.rpartition('/')[2]} {'x'.join(map(str, array.shape))}"
    if seen.not_finite:
        yield f"{name}: {seen.not_finite:,} of {seen.count:,} are NaN or infinite"
    elif seen.count > 1 and len(array.shape) > 1 and seen.zeros == seen.count:
        yield f"{name}: all are zero"
    elif seen.count > 1 and len(array.shape) > 1 and seen.least == seen.most:
        yield f"{name}: all are {seen.least:g}"


def _of_base(layers: tuple[LayerFacts, ...], base: dict[str, tuple[str, str]]) -> Iterator[str]:
    leaves = {leaf.path: leaf.layer for leaf in leaves_of(layers)}
    if not base:
        return
    moved = [path for path in base if any(a.numbers and not a.numbers.is_imagenet for a in leaves[path].arrays)]
    same = len(base) - len(moved)
    yield f"{same} of {len(base)} convolutions of VGG16 are ImageNet's to the last bit" + (
        f"; others: {', '.join(moved)}" if moved else ": the base was never trained"
    )
    lying = [path for path in moved if leaves[path].trainable is False]
    if lying and same:
        yield f"said to be frozen, yet not ImageNet's: {', '.join(lying)}"
