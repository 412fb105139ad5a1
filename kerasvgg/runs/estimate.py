"""About how long `auto` takes, told before it begins."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from kerasvgg.config.experiment import Auto
from kerasvgg.engines.engine import runner
from kerasvgg.engines.ncnn import EngineError
from kerasvgg.errors import ConfigError, DataError
from kerasvgg.features.extractor import FeatureExtractor
from kerasvgg.models.build import build_network
from kerasvgg.process.progress import say
from kerasvgg.runs.auto import DEVELOPMENT, outer_folds
from kerasvgg.runs.prepare import Prepared
from kerasvgg.runs.proportions import OTHERS, sample, settled, with_fit
from kerasvgg.selection.choice import MOST
from kerasvgg.settings import Engine

BATCH = 8  # pictures that the pace is measured with
ROUNDS = 3
DECODED = 16  # pictures whose decoding is measured
# Measured on 2 cores where VGG16 takes 0.06 s for a picture of 150 x 150, and taken to go up with that.
USUAL_PACE, USUAL_AREA = 0.06, 150 * 150
FOR_TWO, FOR_MORE = 0.004, 0.0125  # seconds per picture to choose a head, for two classes and for more
MANY = 60  # classes, up to which it was measured
OF_ONE_DESIGN = 0.2  # of that
STEP = 0.37  # of a picture's way through all frozen layers: what an epoch of the last stage takes for it, measured
FEWEST_EPOCHS, USUAL_EPOCHS = 4, 10  # the fewest are one, and those that it is waited for a better one
FEWEST_VIEWS, MOST_VIEWS = 1, 3  # of a training picture, which validation speaks for
STATE = 1.5  # seconds, to write where an epoch ends
WRITING = 12.0  # seconds, for models and figures
SAFELY = 0.7  # of the time that there is


class Paces(NamedTuple):
    """Seconds that a picture takes through the frozen layers: by the engine that was chosen, and by TensorFlow."""

    chosen: float
    tensorflow: float


@dataclass(frozen=True)
class Estimate:
    """So many `pictures` to look at, the `seconds` that a run takes, and how many `more` where it is fine-tuned.

    Of `more` there are the least and the most. `comparing` are those of `data.fit: auto`, which come to them.
    """

    pictures: int
    seconds: float
    more: tuple[float, float]
    comparing: float

    @property
    def words(self) -> str:
        """The time in words."""
        words = in_minutes(self.seconds + self.comparing)
        return f"{words}, and {in_minutes(*self.more)} more if fine-tuning is tried," if self.more[1] else words


def in_time(prepared: Prepared) -> Prepared:
    """Says on stderr about how long the run takes, and returns what of it fits into the time: `data.fit: auto` may not.

    Raises ConfigError where all the rest takes longer than the run may.
    """
    prepared = settled(prepared)
    with prepared.extractor() as extractor:
        found = estimate(prepared, extractor)
    auto = prepared.experiment.auto
    if auto and auto.minutes is not None and found.comparing and found.seconds + found.comparing > 60 * auto.minutes:
        say(f"pictures are squeezed: to compare would take {in_minutes(found.comparing)} more")
        prepared, found = with_fit(prepared, "squeeze"), replace(found, comparing=0.0)
    height, width = prepared.experiment.data.image_size
    pictures = f"{len(prepared.split.pictures):,} pictures at {height} x {width}"
    say(f"{found.words} for {pictures}, {found.pictures:,} of them not seen before")
    require_time(found, auto, prepared.experiment.data.image_size)
    return replace(prepared, expected=found.seconds + found.comparing)


def estimate(prepared: Prepared, extractor: FeatureExtractor) -> Estimate:
    """Measures a few pictures and returns what all of them will take."""
    root, split = extractor.root, prepared.split
    parts = [prepared.pictures(part) for part in ("train", "validation", "test") if split.part(part)]
    missing = sum(extractor.missing(pictures, str(root)) for pictures in parts)
    pace = paces(prepared, extractor)
    n = sum(one.split != "test" for one in split.pictures)
    slower = pace.tensorflow / USUAL_PACE * USUAL_AREA / math.prod(prepared.experiment.data.image_size)
    folds = 0 if split.part("test") else outer_folds(prepared)
    choosing = _choosing_seconds(n, len(split.classes), folds, slower, split.multi_label)
    more = fine_tuning_seconds(prepared, pace) if may_be_fine_tuned(prepared) else (0.0, 0.0)
    each = pace.chosen + _decoding(parts[0])
    return Estimate(missing, missing * each + choosing + WRITING, more, _comparing_seconds(prepared, each, slower))


def _comparing_seconds(prepared: Prepared, each: float, slower: float) -> float:
    """Returns what `data.fit: auto` takes where a picture takes `each` seconds until its features are there."""
    if prepared.experiment.data.fit != "auto":
        return 0.0
    some = sample(prepared)
    missing = 0
    for fit in OTHERS:
        with (other := with_fit(some, fit)).extractor() as extractor:
            parts = [other.pictures(part) for part in DEVELOPMENT if other.split.part(part)]
            missing += sum(extractor.missing(pictures, str(extractor.root)) for pictures in parts)
    n, classes = len(some.split.pictures), len(some.split.classes)
    choosing = _choosing_seconds(n, classes, 0, slower, some.split.multi_label)
    return missing * each + (1 + len(OTHERS)) * OF_ONE_DESIGN * choosing


def may_be_fine_tuned(prepared: Prepared) -> bool:
    """Tells whether fine-tuning is asked for and can be judged: by a validation part, and a test part at the end."""
    auto = prepared.experiment.auto
    return bool(auto and auto.fine_tuning and all(map(prepared.split.part, ("train", "validation", "test"))))


def fine_tuning_seconds(prepared: Prepared, pace: Paces) -> tuple[float, float]:
    """Returns what fine-tuning takes, at least and at most, at these paces through the frozen layers.

    How many views of a training picture suit, and after how many epochs it ends, shows only meanwhile.
    """
    train, validation, test = (len(prepared.split.part(part)) for part in ("train", "validation", "test"))
    each = pace.chosen + _decoding(prepared.pictures("train"))
    epoch = pace.tensorflow * STEP * (train + validation / 3) + STATE
    # Validation's pictures are seen plain, mirrored, cropped and, as the test's, once more.
    least, most = (each * (views * train + 4 * validation + test) for views in (FEWEST_VIEWS, MOST_VIEWS))
    return least + FEWEST_EPOCHS * epoch, most + USUAL_EPOCHS * epoch


def in_minutes(least: float, most: float | None = None) -> str:
    """Returns so many seconds, or the least and the most of them, in words: about 8 minutes, or 3 to 8 minutes."""
    few, many = (math.ceil(one / 60) for one in (least, least if most is None else most))
    if few < many:
        return f"{few:,} to {many:,} minutes"
    return f"about {many:,} minutes" if least > 90 else "about a minute"


def _choosing_seconds(n: int, classes: int, folds: int, slower: float, multi_label: bool = False) -> float:
    """Returns what choosing the head on n pictures takes, so many times `slower` than where it was measured.

    With outer `folds` it is done with all, and in each of these without some.
    """
    several = FOR_MORE * max(1.0, classes / MANY)
    each = FOR_TWO * classes if multi_label else FOR_TWO if classes == 2 else several  # one of two for each class
    return slower * min(MOST, n) * each * max(1, folds)


def fitting_side(
    sides: Sequence[int], n: int, classes: int, folds: int, minutes: float, *, multi_label: bool = False
) -> int:
    """Returns the first side at which VGG16 is through with n pictures in time; the last where it is at none."""
    for side in sides[:-1]:
        pace = seconds_per_picture(build_network("vgg16", (side, side), classes, top=False))
        slower = pace / USUAL_PACE * USUAL_AREA / side**2
        if n * pace + _choosing_seconds(n, classes, folds, slower, multi_label) + WRITING < 60 * minutes * SAFELY:
            return side
    return sides[-1]


def require_time(found: Estimate, auto: Auto | None, size: tuple[int, int]) -> None:
    """Raises ConfigError where a run takes longer than the minutes it may."""
    if auto and auto.minutes is not None and found.seconds > 60 * auto.minutes:
        needed = math.ceil(found.seconds / 6) / 10
        raise ConfigError(
            f"`auto.minutes` must be at least {needed:g} for {found.pictures:,} pictures at {size[0]} x {size[1]}, "
            f"received {auto.minutes:g}; a smaller `data.image_size` is faster"
        )


def paces(prepared: Prepared, extractor: FeatureExtractor) -> Paces:
    """Measures both."""
    trunk = prepared.classifier.cut_model.before(extractor.root)
    engine = extractor.parts.settled(prepared.pictures("train"))
    usual = seconds_per_picture(trunk)
    try:
        return Paces(usual if engine == "graph" else seconds_per_picture(trunk, engine), usual)
    except EngineError:  # the run will see it too
        return Paces(usual, usual)


def seconds_per_picture(model: Any, engine: Engine = "graph") -> float:
    """Returns how long a model takes for a picture, by a few batches of noise."""
    run = runner(model, BATCH, engine)
    batch = np.random.default_rng(0).uniform(0, 255, (BATCH, *model.inputs[0].shape[1:])).astype(np.float32)
    run(batch)  # the first call compiles
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        run(batch)
        times.append(time.perf_counter() - started)
    return min(times) / BATCH


def _decoding(pictures: Any) -> float:
    """Returns how long a picture holds up the layers by its decoding, which goes on beside them."""
    places = np.unique(np.linspace(0, len(pictures) - 1, DECODED).astype(int))
    started = time.perf_counter()
    try:
        pictures.load(places)
    except DataError:  # gone meanwhile, which is others' to say
        return 0.0
    return (time.perf_counter() - started) / len(places) / 2
