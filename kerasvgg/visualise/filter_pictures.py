"""The picture that excites a filter most, found by gradient ascent from noise."""

from collections.abc import Callable, Sequence
from typing import Any, Literal, Protocol, get_args

import numpy as np

from kerasvgg.errors import ConfigError
from kerasvgg.progress import progress
from kerasvgg.visualise.chapter_ascent import ChapterAscent
from kerasvgg.visualise.layers import find_path, layers_by_path
from kerasvgg.visualise.record import record
from kerasvgg.visualise.regularised_ascent import RegularisedAscent

Method = Literal["chapter", "regularised"]
BATCH = 8
SIDE = 128


class Ascent(Protocol):
    """A batch of pictures on its way up; `gradient` maps pixels 0..255 (n, side, side, channels) to their gradient."""

    def step(self) -> None:
        """Goes one step up."""
        ...

    def pictures(self) -> np.ndarray:
        """Returns the pictures as uint8."""
        ...


METHODS: dict[str, tuple[Callable[..., Ascent], int, float]] = {  # how, steps, step size
    "chapter": (ChapterAscent, 40, 1.0),
    "regularised": (RegularisedAscent, 64, 0.05),
}


def filter_pictures(
    model: Any,
    layer: str,
    filters: Sequence[int],
    *,
    method: Method = "regularised",
    steps: int | None = None,
    step_size: float | None = None,
    side: int = SIDE,
    seed: int = 0,
) -> np.ndarray:
    """Returns a picture for each filter, uint8 (n, side, side, channels).

    chapter: Chollet 2017, 5.4.2: from gray noise, 40 steps of 1 along the gradient of the filter's mean activation,
    divided by its root mean square. regularised: 64 steps of Adam on the picture's spectrum in decorrelated colours,
    under small random shifts and zooms (Olah et al. 2017).
    """
    if method not in get_args(Method):
        raise ConfigError(f"`--method` must be one of {', '.join(get_args(Method))}, received {method!r}")
    path = find_path(layers_by_path(model), layer)
    excite = _excitement(model, path, filters, side)
    make, usual_steps, usual_size = METHODS[method]
    found = []
    with progress(f"filters of {path}", len(filters) * (steps or usual_steps)) as advance:
        for start in range(0, len(filters), BATCH):
            some = np.asarray(filters[start : start + BATCH], dtype=np.int32)
            random = np.random.default_rng((seed, start))
            shape = (len(some), side, side, model.inputs[0].shape[-1])
            ascent = make(shape, _of(excite, some), random, step_size or usual_size)
            for _ in range(steps or usual_steps):
                ascent.step()
                advance(len(some))
            found.append(ascent.pictures())
    return np.concatenate(found)


def _of(excite: Callable[[Any, Any], Any], filters: np.ndarray) -> Callable[[Any], Any]:
    return lambda pixels: excite(pixels, filters)


def _excitement(model: Any, path: str, filters: Sequence[int], side: int) -> Callable[[Any, Any], Any]:
    """Returns the mean activation of one filter per picture, summed, as a function of pixels and filters."""
    import tensorflow as tf

    channels = model.inputs[0].shape[-1]
    shape = record(model, np.zeros((1, side, side, channels), np.float32), until=path)
    if shape.refused:
        raise ConfigError(f"`side` must be a size that the layers take, received {side}: {shape.refused}")
    count = shape.outputs[path].shape[-1]
    if not filters or not all(0 <= one < count for one in filters):
        raise ConfigError(f"`--filters` must be numbers from 0 to {count - 1} for {path}, received {_told(filters)}")

    def excite(pixels: Any, chosen: Any) -> Any:
        output = record(model, pixels, until=path).outputs[path]
        means = tf.reduce_mean(tf.reshape(output, (len(chosen), -1, count)), axis=1)
        return tf.reduce_sum(tf.gather(means, chosen, batch_dims=1))

    return excite


def _told(filters: Sequence[int]) -> str:
    return ", ".join(map(str, filters[:10])) or "none"
