"""What a run's JSON files may say, so far as a report needs it; whatever else they hold is passed over.

The files may come from a stranger: a value of another kind than declared here makes its file a damaged one.
"""

from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from kerasvgg.errors import DataError
from kerasvgg.files.reading import read_small

Share = Annotated[float, Field(ge=0, le=1)]
Number = Annotated[int, Field(ge=0, le=10**12)]
Interval = tuple[Share, Share]
Finite = Annotated[float, Field(ge=0, allow_inf_nan=False)]
LARGEST = 50_000_000  # bytes; a confusion matrix of 1,000 classes has 5,000,000
MOST = 20  # mistakes of a file that are named


class Said(BaseModel):
    """A part of a JSON file."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class OfClass(Said):
    """One class; see `kerasvgg.evaluation.metrics.ClassReport`."""

    precision: Share
    recall: Share
    recall_interval_95: Interval | None = None
    f1: Share
    n: Number
    average_precision: Share | None = None


class Confused(Said):
    """See `kerasvgg.evaluation.metrics.Confused`."""

    true: str
    predicted: str
    count: Number
    share: Share


class Calibration(Said):
    """See `kerasvgg.evaluation.metrics`; what older versions did not measure is None."""

    ece: float
    ece_calibrated: float | None = None
    temperature: float = 1.0
    ece_by_chance_95: float | None = None
    overconfidence: float | None = None
    overconfidence_interval_95: tuple[float, float] | None = None


class HeldOut(Said):
    """What validation came to."""

    n: Number = 0
    correct: Number = 0
    accuracy: Share | None = None
    interval_95: Interval | None = None
    epoch: Number | None = None


class Compared(Said):
    """With `data.parts_of`: how many pictures an earlier run had scored, too."""

    run: str
    n: Number


class Stochastic(Said):
    """With `stochastic_passes`: of how many passes with dropout at work the probabilities are means."""

    passes: Number


class FineTuning(Said):
    """What `auto` made of fine-tuning."""

    taken: bool
    epoch: Number | None = None


class Figures(Said):
    """metrics.json."""

    split: str
    role: str
    n: Annotated[int, Field(ge=1, le=10**12)]
    correct: Number
    accuracy: Share
    interval_95: Interval
    independent: Finite | None = None
    loss: float | None = None
    classes: tuple[str, ...] = ()
    confusion: tuple[tuple[Number, ...], ...] = ()
    most_confused: tuple[Confused, ...] = ()
    per_class: dict[str, OfClass] = {}
    calibration: Calibration | None = None
    validation: HeldOut | None = None
    multi_label: bool = False
    mean_average_precision: Share | None = None
    f1_micro: Share | None = None
    repeats: Annotated[int, Field(ge=1, le=10**6)] = 1
    scored_sha256: str = ""
    selected: dict[str, Any] | None = None
    compared_with: Compared | None = None
    stochastic: Stochastic | None = None
    fine_tuning: FineTuning | None = None
    known_before: dict[str, Number] = {}

    @model_validator(mode="after")
    def _fits_together(self) -> "Figures":
        if self.correct > self.n:
            raise ValueError(f"{self.correct} right of {self.n} can't be")
        sides = {len(self.confusion), *map(len, self.confusion)}
        if self.confusion and sides != {len(self.classes)}:
            raise ValueError("`confusion` must have a row and a column for each of `classes`")
        return self


class Frozen(Said):
    """How features came about; see docs/run-folder.md."""

    cut: str | None = None
    engine: str | None = None
    computed: Number | None = None
    largest_difference: float | None = None


class Environment(Said):
    """environment.json."""

    python: str = ""
    kerasvgg: str = ""
    tensorflow: str = ""
    keras: str = ""
    numpy: str = ""
    platform: str = ""
    machine: str = ""
    processors: Number | None = None
    images: Number | None = None
    seconds: Finite | None = None
    test_seen: Number | None = None
    in_two_parts: Number = 0
    skipped: dict[str, str] = {}
    resumed_after: tuple[Number, ...] = ()
    given_by_a_program: tuple[str, ...] = ()
    frozen_layers: Frozen | None = None


class Doubles(Said):
    """Two pictures that show the same."""

    first: str
    second: str
    parts: tuple[str, str]
    likeness: float


class Data(Said):
    """data.json: what there is to know of a run's pictures besides their split.

    `sizes` are (width, height) in pixels of some of them, evenly taken; `doubles` are near duplicates in different
    parts of the split, None where nobody looked.
    """

    left_out: tuple[tuple[str, str], ...] = ()
    sizes: tuple[tuple[Number, Number], ...] = ()
    doubles: tuple[Doubles, ...] | None = None


class Proven(Said):
    """An export beside Keras on pictures; see `kerasvgg.export.proof.Proof`."""

    n: Number
    largest: Finite | None  # None is no number
    changed: Number
    clear: Number = 0
    accuracy_before: Share | None = None
    accuracy: Share | None = None
    interval_95: Interval | None = None
    p: Share | None = None


class Exported(Said):
    """One export; see `kerasvgg.export.record.Exported`."""

    format: str
    int8: bool
    file: str | None
    bytes: Number
    milliseconds: Finite
    memory: Number
    floats: tuple[str, ...] = ()
    proof: Proven
    test: Proven | None = None
    refusals: tuple[str, ...] = ()
    part: str = ""
    threads: Number = 0
    max_shift: Finite = 0.0


class Keras(Said):
    """What the exports are held against."""

    bytes: Number
    milliseconds: Finite
    memory: Number


class Exports(Said):
    """export.json: of the model whose weights are `identity`."""

    model: str
    identity: str
    keras: Keras
    test_seen: Number | None = None
    exports: tuple[Exported, ...] = ()


Kind = TypeVar("Kind", bound=Said)


def read_said(path: Path, kind: type[Kind]) -> Kind:
    """Returns what a JSON file says. Raises DataError for one that is damaged, naming the first things wrong in it."""
    try:
        return kind.model_validate_json(read_small(path, LARGEST))
    except ValidationError as error:
        wrong = (f"{'.'.join(map(str, one['loc'])) or 'the file'}: {one['msg']}" for one in error.errors()[:MOST])
        raise DataError(f"`{path}` is damaged: {'; '.join(wrong)[:300]}") from error
