"""What an experiment file may say: frozen, validated types, each field with the sentence that documents it."""

from typing import Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from kerasvgg.config.data import Data
from kerasvgg.config.model import Head, Model
from kerasvgg.data.augmentation.augment import Augmentation
from kerasvgg.evaluation.epochs import Keep
from kerasvgg.settings import Count, Engine, Positive, Section, Text
from kerasvgg.training.phase import Phase
from kerasvgg.training.precision import Precision

CHOSEN_BY_AUTO = (
    "train",
    "augment",
    "distill",
    "keep",
    "workers",
    "precision",
    "log_iterations",
    "stochastic_passes",
    "test_time_flip",
)


class Auto(Section):
    """Head and training chosen by validation, in place of `model.head` and `train`."""

    minutes: Positive | None = Field(
        default=None, description="About how long a run may take; what would take longer is not tried. null: no limit."
    )
    fine_tuning: bool = Field(
        default=True, description="Try fine-tuning the base's last stage too, if it fits into the time."
    )


class Distillation(Section):
    """A finished run whose model's probabilities are learnt in place of labels (knowledge distillation)."""

    teacher: Text = Field(description="The folder of a finished run, whose model is learnt from.")
    unlabelled: Text | None = Field(
        default=None,
        description="A folder of more pictures, in class folders or not, of which only what the teacher says is "
        "learnt; null: none.",
    )


class Experiment(Section):
    """A whole experiment: what `kerasvgg run` needs to know."""

    seed: int = Field(
        default=0, ge=0, le=2**32 - 1, description="Where all randomness comes from; equal seeds, equal runs."
    )
    data: Data = Field(description="Which pictures, split how, at what size.")
    augment: Augmentation | None = Field(
        default=None, description="Random changes to the training pictures; null: none."
    )
    augment_copies: Count | Literal["fresh"] = Field(
        default="fresh",
        description="How many augmented views of each training picture there are, used in turn epoch by epoch, so that "
        "frozen layers see each view once; where mirroring is all, two: the picture and its mirror image. fresh: a new "
        "view in every epoch, as the chapter has it, which costs more.",
    )
    model: Model = Field(description="The network.")
    feature_dtype: Literal["float32", "float16"] = Field(
        default="float32",
        description="How the frozen layers' outputs are kept. float16 takes half the room and rounds them.",
    )
    engine: Engine | None = Field(
        default=None,
        description="What computes the frozen layers: graph (TensorFlow's), xla (the same, compiled) or ncnn; null: "
        "the fastest here of those that agree with TensorFlow's graph, measured once.",
    )
    cluster: Text | None = Field(
        default=None,
        description="The address of a Ray cluster whose machines compute the frozen layers, or local: this machine as "
        "one; null: this process does.",
    )
    train: tuple[Phase, ...] = Field(
        default=(),
        strict=False,
        description="The rounds of training, one after the other; left out where `auto` chooses.",
    )
    auto: Auto | None = Field(
        default=None,
        description="Choose the head and how it is trained by validation: logistic regression on the averages of "
        "several stages, then fine-tuning where that is better. null: train as `train` says.",
    )
    distill: Distillation | None = Field(
        default=None,
        description="Learn what a finished run's model says of each view of the training pictures; null: labels.",
    )
    workers: Count = Field(
        default=1,
        le=1024,
        description="So many processes train as one, on one machine or on those of `cluster`: each takes "
        "`data.batch_size` pictures of a batch, and their gradients are added up.",
    )
    precision: Precision = Field(
        default="float32",
        description="What the layers that train compute with: float32, or half as many bits for what goes through, "
        "in float32 for weights and probabilities (Keras' mixed precision). bfloat16 is faster on processors that have "
        "it, float16 on GPUs; elsewhere both are slower. Models are saved and scored in float32 all the same.",
    )
    keep: Keep = Field(
        default="best",
        description="Which epoch's weights become the model file. best: the highest validation accuracy, "
        "ties by lower validation loss; lowest_loss: the lowest validation loss.",
    )
    stop_when_dead: bool = Field(
        default=True,
        description="Stop with advice when training learns nothing: a loss that is no number or stuck where a guess "
        "is, one class for everything, validation below chance. false: go on to the end.",
    )
    log_iterations: bool = Field(
        default=False, description="Note loss and accuracy of every training batch too, in iterations.csv."
    )
    stochastic_passes: Count | None = Field(
        default=None,
        le=10_000,
        description="Score with dropout at work, so many times, and take the mean of the probabilities; "
        "null: score once without dropout, as is right.",
    )

    test_time_flip: bool = Field(
        default=False,
        description="Predict each picture as the mean of its own probabilities and of its mirror image's; the model "
        "file says so, and kerasvgg's predictions follow it.",
    )

    @field_validator("augment")
    @classmethod
    def _engine_knows_the_fit(cls, augment: Augmentation | None, info: ValidationInfo) -> Augmentation | None:
        fit = info.data["data"].fit if "data" in info.data else "squeeze"
        if augment and augment.engine == "imagedatagenerator" and fit != "squeeze":
            raise ValueError(f"must have `engine: tfdata` with `data.fit: {fit}`, because flow_from_directory squeezes")
        return augment

    @field_validator("augment_copies")
    @classmethod
    def _copies_are_augmented(cls, copies: int | str, info: ValidationInfo) -> int | str:
        if copies != "fresh" and "augment" in info.data and info.data["augment"] is None:
            raise ValueError("must go together with `augment`, which says how the copies differ")
        return copies

    @model_validator(mode="after")
    def _trained_in_one_way(self) -> Self:
        if not self.train and self.auto is None:
            raise ValueError("must say in `train` which rounds of training there are, or `auto: {}` to have it chosen")
        if self.auto is None and self.data.split and self.data.split.folds:
            raise ValueError(
                "must have `auto` for `data.split.folds`, because rounds of training need a validation part"
            )
        if self.auto is None and self.data.fit == "auto":
            raise ValueError("must have `auto` for `data.fit: auto`, or say squeeze, pad or crop")
        if self.auto is None:
            return self
        if said := [name for name in CHOSEN_BY_AUTO if getattr(self, name) != type(self).model_fields[name].default]:
            raise ValueError(f"must leave out `{said[0]}` with `auto`, which chooses itself")
        if self.model.head != Head():
            raise ValueError("must leave out `model.head` with `auto`, which chooses it")
        if not self.model.weights:
            raise ValueError("must have a `model.base` with imagenet weights for `auto`, which trains only its end")
        return self

    @model_validator(mode="after")
    def _teachers_rows_can_be_learnt(self) -> Self:
        if self.distill is None:
            return self
        if self.model.head.output != "softmax":
            raise ValueError("must have `model.head.output: softmax` with `distill`, whose rows are probabilities")
        if self.augment and self.augment_copies == "fresh":
            raise ValueError("must have a number of `augment_copies` with `distill`: the teacher sees each view once")
        refused = {
            "workers": self.workers > 1,
            "log_iterations": self.log_iterations,
            "class_weight": any(phase.class_weight for phase in self.train),
        }
        if said := [name for name, is_said in refused.items() if is_said]:
            raise ValueError(f"must leave out `{said[0]}` with `distill`")
        return self

    @model_validator(mode="after")
    def _workers_take_equal_steps(self) -> Self:
        if self.workers == 1:
            return self
        refused = {
            "log_iterations": self.log_iterations,
            "precision: float16": self.precision == "float16",
            "data.on_bad_file: skip": self.data.on_bad_file == "skip",
            "windows": any(phase.windows for phase in self.train),
        }
        if said := [name for name, is_said in refused.items() if is_said]:
            raise ValueError(f"must leave out `{said[0]}` with several `workers`, which take equal steps")
        return self

    @model_validator(mode="after")
    def _passes_differ(self) -> Self:
        if self.stochastic_passes and not self.model.head.drops:
            raise ValueError("must have dropout in `model.head` for `stochastic_passes` to differ")
        if self.stochastic_passes and self.test_time_flip:
            raise ValueError("must have either `stochastic_passes` or `test_time_flip`")
        return self
