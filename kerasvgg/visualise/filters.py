"""Pictures that excite a layer's filters."""

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np

from kerasvgg.errors import ConfigError
from kerasvgg.process.progress import progress
from kerasvgg.visualise.ascent import ChapterAscent, RegularisedAscent
from kerasvgg.visualise.layers import find_path, layers_by_path
from kerasvgg.visualise.record import record

Method = Literal["chapter", "regularised"]
BATCH = 8
SIDE = 128
FIRST = 16  # filters, where none are named
Size = tuple[int, int]


class Ascent(Protocol):
    """A batch of pictures on its way up; `gradient` maps pixels 0..255 (n, height, width, channels) to theirs."""

    def step(self) -> None:
        """Goes one step up."""
        ...

    def pictures(self) -> np.ndarray:
        """Returns the pictures as uint8."""
        ...


class Way(NamedTuple):
    """How to go up, and how far; `linear` tells whether on what comes before the layer's activation."""

    make: Callable[..., Ascent]
    steps: int
    step_size: float
    linear: bool


METHODS = {
    "chapter": Way(ChapterAscent, 40, 1.0, linear=False),
    "regularised": Way(RegularisedAscent, 64, 0.05, linear=True),
}


def filter_pictures(
    model: Any,
    layer: str,
    filters: Sequence[int] | None = None,
    *,
    method: Method = "regularised",
    steps: int | None = None,
    step_size: float | None = None,
    side: int | None = None,
    seed: int = 0,
) -> np.ndarray:
    """Returns a picture for each filter (None: the first 16), uint8 (n, height, width, channels).

    chapter: Chollet 2017, 5.4.2: from gray noise, 40 steps of 1 along the gradient of the filter's mean activation,
    divided by its root mean square. regularised: 64 steps of Adam on the picture's spectrum in decorrelated colours,
    under small random shifts and zooms (Olah et al. 2017), up what comes before the activation: a relu's zero has no
    slope. Without `side` it is 128, or the model's own height and width where the layer takes nothing else.
    """
    if method not in METHODS:
        raise ConfigError(f"`--method` must be one of {', '.join(METHODS)}, received {method!r}")
    if step_size is not None and not 0 < step_size < math.inf:
        raise ConfigError(f"`--step-size` must be above 0, received {step_size}")
    path, way = find_path(layers_by_path(model), layer), METHODS[method]
    size, count = _size_and_count(model, path, side)
    chosen = range(min(FIRST, count)) if filters is None else filters
    if not chosen or not all(0 <= one < count for one in chosen):
        raise ConfigError(f"`--filters` must be numbers from 0 to {count - 1} for {path}, received {_told(chosen)}")
    excite, steps, found = _excitement(model, path, count, way.linear), steps or way.steps, []
    with progress(f"filters of {path}", len(chosen) * steps) as advance:
        for start in range(0, len(chosen), BATCH):
            some = np.asarray(chosen[start : start + BATCH], dtype=np.int32)
            shape = (len(some), *size, model.inputs[0].shape[-1])
            random = np.random.default_rng((seed, start))
            ascent = way.make(shape, _of(excite, some), random, step_size or way.step_size)
            for _ in range(steps):
                ascent.step()
                advance(len(some))
            found.append(ascent.pictures())
    return np.concatenate(found)


def _of(excite: Callable[[Any, Any], Any], filters: np.ndarray) -> Callable[[Any], Any]:
    return lambda pixels: excite(pixels, filters)


def _size_and_count(model: Any, path: str, side: int | None) -> tuple[Size, int]:
    """Returns a size (height, width) that the layers up to the path take, and how many filters are there."""
    _, *own, channels = model.inputs[0].shape
    sizes = [(side or SIDE, side or SIDE), *([tuple(own)] if side is None and None not in own else [])]
    for size in sizes:
        found = record(model, np.zeros((1, *size, channels), np.float32), until=path)
        if not found.refused:
            return size, found.outputs[path].shape[-1]
    raise ConfigError(f"`--side` must be a size that the layers take, received {sizes[0][0]}: {found.refused}")


def _excitement(model: Any, path: str, count: int, linear: bool) -> Callable[[Any, Any], Any]:
    """Returns the mean activation of one filter per picture, summed, as a function of pixels and filters."""
    import tensorflow as tf

    without = layers_by_path(model)[path] if linear else None

    def excite(pixels: Any, chosen: Any) -> Any:
        output = record(model, pixels, until=path, linear=without).outputs[path]
        means = tf.reduce_mean(tf.reshape(output, (len(chosen), -1, count)), axis=1)
        return tf.reduce_sum(tf.gather(means, chosen, batch_dims=1))

    return excite


def _told(filters: Sequence[int]) -> str:
    return ", ".join(map(str, filters[:10])) or "none"


EXCITED_BATCH = 8


def excited(model: Any, layer: str, filters: Sequence[int], pictures: np.ndarray) -> list[bool]:
    """Tells for each picture (n, height, width, channels) whether its filter's activation is above 0 anywhere."""
    path = find_path(layers_by_path(model), layer)
    found = []
    for start in range(0, len(pictures), EXCITED_BATCH):
        outputs = record(model, pictures[start : start + EXCITED_BATCH], until=path).outputs[path]
        some = zip(np.asarray(outputs), filters[start : start + EXCITED_BATCH], strict=True)
        found += [bool((output[..., one] > 0).any()) for output, one in some]
    return found
