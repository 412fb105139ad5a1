"""Sections: settings with strict types, each declared once, where it is used, with the sentence that documents it."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Text = Annotated[str, Field(min_length=1, pattern=r"^[^\x00-\x1f\x7f]+$")]
Count = Annotated[int, Field(ge=1)]
Batches = Annotated[int, Field(ge=1, le=10**6)]  # of an epoch: which pictures are in each is drawn before it begins
Fraction = Annotated[float, Field(gt=0, lt=1)]
Positive = Annotated[float, Field(gt=0)]
Engine = Literal["graph", "xla", "ncnn"]  # see kerasvgg.engines.engine, which is not needed to read a file
Share = Annotated[float, Field(ge=0, lt=1)]


class Section(BaseModel):
    """Settings with strict types, immutable; pydantic's ValidationError says which are wrong."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def as_tuple(value: Any) -> Any:
    """Returns a single value as a tuple of one, where a key takes one or several."""
    return value if isinstance(value, list | tuple) else (value,)
