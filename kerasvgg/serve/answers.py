"""What a server says: of pictures, and of what it refuses."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse

from kerasvgg.errors import ConfigError
from kerasvgg.evaluation.calibration import calibrated
from kerasvgg.evaluation.thresholds import called
from kerasvgg.serve.batching import Row
from kerasvgg.serve.limits import RETRY_AFTER
from kerasvgg.serve.model import About

UNSURE = "unsure"
LATER = (429, 503)  # statuses after which it is worth asking again


class ClassMap(BaseModel):
    """Where the evidence for the likeliest class lies: what each place adds to its score, from the upper left on."""

    class_name: str
    values: list[list[float]]


class Prediction(BaseModel):
    """What is on a picture, or the error why it is none; `name` is as it was sent.

    `predicted` is the likeliest class, or the classes at or above their thresholds, joined by |. Where a limit is given
    it may be `unsure`, and `best` has the likeliest.
    """

    name: str | None = None
    predicted: str | None = None
    best: str | None = None
    probabilities: dict[str, float] | None = Field(default=None, examples=[{"cat": 0.97, "dog": 0.03}])
    class_map: ClassMap | None = None
    error: str | None = None


class Predictions(BaseModel):
    """A prediction for each picture, in order; `model` names what answered, by the content of its file."""

    model: str
    predictions: list[Prediction]


class Failure(BaseModel):
    """Why there is no answer."""

    error: str


@dataclass(frozen=True)
class How:
    """What is asked for, beside the class. Probabilities are `calibrated`, too, where `unsure` is a limit for them."""

    calibrated: bool = False
    unsure: float | None = None
    class_map: bool = False

    def require(self, about: About) -> None:
        """Raises ConfigError for what the model can't say."""
        if self.unsure is not None and about.thresholds is not None:
            raise ConfigError(
                "`unsure` must be left out for a model of several classes a picture, which has thresholds"
            )
        if self.unsure is not None and UNSURE in about.class_names:
            raise ConfigError(f"`unsure` must be left out, because the model has a class called {UNSURE}")
        if self.class_map and not about.has_maps:
            raise ConfigError(
                "`class_map` needs an ONNX export of a model whose head is one dense layer on the average of feature "
                f"maps; received a model by {about.engine} without"
            )


def said_of(name: str | None, row: Row, about: About, how: How) -> dict[str, Any]:
    """Returns a prediction as JSON values."""
    shares = row.probabilities[None]
    if how.calibrated or how.unsure is not None:
        shares = calibrated(shares, about.temperature)
    best = called(row.probabilities, about.class_names, about.thresholds)
    is_sure = how.unsure is None or float(shares.max()) >= how.unsure
    said: dict[str, Any] = {"name": name, "predicted": best if is_sure else UNSURE}
    said |= {} if how.unsure is None else {"best": best}
    said["probabilities"] = dict(zip(about.class_names, map(float, shares[0]), strict=True))
    if how.class_map and row.maps is not None:
        likeliest = int(row.probabilities.argmax())
        values = np.round(row.maps[..., likeliest].astype(np.float64), 4).tolist()
        said["class_map"] = {"class_name": about.class_names[likeliest], "values": values}
    return said


def refusal(status: int, why: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """Returns the answer to what is refused."""
    more = {"retry-after": str(RETRY_AFTER)} if status in LATER else {}
    return JSONResponse({"error": why}, status, {**(headers or {}), **more})
