"""What `kerasvgg inspect` tells of a file: names, figures and sentences, all of them JSON."""

from dataclasses import dataclass

from kerasvgg.modelfile.read.saved import Danger
from kerasvgg.modelfile.safety.verdict import SAFE

FORMAT = 1  # of the JSON; a field that changes its meaning raises it


@dataclass(frozen=True)
class Numbers:
    """What the numbers of one array are: figures over the finite ones, counts over all."""

    count: int
    mean: float
    std: float
    least: float
    most: float
    not_finite: int
    zeros: int
    sha256: str
    is_imagenet: bool | None = None  # None where no fingerprint of such a weight is known


@dataclass(frozen=True)
class ArrayFacts:
    """One array: its name and shape in the file; `numbers` only with `--weights`."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    numbers: Numbers | None = None


@dataclass(frozen=True)
class LayerFacts:
    """One layer, those of a model in it below it.

    `output_shape` and `parameters` are None where they can't be told, `note` then says why. `trainable` is what
    training may do to it, the models around it included; None in files of weights alone. `takes` are the layers of the
    same model whose outputs go into it, none in a plain chain.
    """

    name: str
    class_name: str
    output_shape: tuple[int | None, ...] | None
    parameters: int | None
    trainable_parameters: int | None
    trainable: bool | None
    settings: dict[str, str]
    arrays: tuple[ArrayFacts, ...]
    layers: tuple["LayerFacts", ...] = ()
    takes: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Network:
    """`vgg` is the column of the paper's table 1, A to E; `blocks` say for VGG which are trained.

    `base_end` is the last layer of the base, `head` are the layers after it; names of nested layers are joined by /.
    """

    vgg: str
    blocks: dict[str, str]
    base_end: str
    head: tuple[str, ...]


@dataclass(frozen=True)
class Training:
    """How the model was compiled; `learning_rate` is None where there is none or it follows a schedule."""

    optimizer: str
    learning_rate: float | None
    schedule: str
    loss: str
    metrics: tuple[str, ...]
    trap: str


@dataclass(frozen=True)
class Facts:
    """All that is known of a file."""

    path: str
    size: int
    verdict: str
    reasons: tuple[str, ...]
    container: str
    keras_version: str = ""
    backend: str = ""
    model: str = ""
    parameters: int | None = None
    trainable_parameters: int | None = None
    input_shape: tuple[int | None, ...] | None = None
    output_shape: tuple[int | None, ...] | None = None
    network: Network | None = None
    training: Training | None = None
    about: dict[str, str] | None = None
    layers: tuple[LayerFacts, ...] = ()
    dangers: tuple[Danger, ...] = ()
    changes: tuple[str, ...] = ()
    obstacles: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    limits_missing: tuple[str, ...] = ()
    format: int = FORMAT

    @property
    def is_safe(self) -> bool:
        """Tells whether plain Keras 3 opens it, and opening it does no harm."""
        return self.verdict == SAFE
