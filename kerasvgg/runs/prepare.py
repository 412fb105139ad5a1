"""From an experiment to pictures that are split and a model that is built: nothing is written."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from kerasvgg.config.experiment import Experiment
from kerasvgg.config.load import load_experiments
from kerasvgg.data.duplicates.pairs import joined
from kerasvgg.data.folder.split import Split
from kerasvgg.data.folder.verify import with_thumbnails
from kerasvgg.data.pictures.loading import BadFiles, Pictures
from kerasvgg.data.pictures.sources import FilePictures
from kerasvgg.data.targets import classes_of
from kerasvgg.errors import ConfigError, DataError
from kerasvgg.features.extractor import Elsewhere, FeatureExtractor
from kerasvgg.features.table import FeatureTable
from kerasvgg.files.locations import cache
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.files.text import escape, printable
from kerasvgg.process.progress import warn
from kerasvgg.quality.copies import leaks
from kerasvgg.runs.classifier import HEAD, classifier_of, classifier_on
from kerasvgg.runs.feature_folder import feature_tables, is_feature_folder, require_same_layers
from kerasvgg.runs.going_on import as_chosen, take_up
from kerasvgg.runs.pictures import experiment_split
from kerasvgg.runs.results import SMALLEST_SHOWN, Show, array_loader, picture_loader
from kerasvgg.runs.teacher import RunTeacher
from kerasvgg.settings import Engine
from kerasvgg.training.build import Classifier
from kerasvgg.training.history import TrainingHistory, say_epoch
from kerasvgg.training.parallel import require_shareable
from kerasvgg.training.phase import Phase, TrainingSettings, check_windows


@dataclass(frozen=True)
class Given:
    """What only a program can hand over beside an experiment.

    `split` and `pictures`, by part, instead of files; a keras.Model as `base`; Keras `callbacks`; an `optimizer`
    object. `feature_folder` keeps what frozen layers make of pictures; None: until the end of the training. What they
    make may be computed `elsewhere`, as a FeatureExtractor takes it. `at_epoch_end` is called where nothing is written.
    `selected` says, in metrics.json, of which trials the settings are the best.
    """

    split: Split | None = None
    pictures: Mapping[str, Pictures] = field(default_factory=dict)
    base: Any = None
    callbacks: Sequence[Any] = ()
    optimizer: Any = None
    feature_folder: Path | None = None
    elsewhere: Elsewhere | None = None
    at_epoch_end: Callable[[TrainingHistory], None] = say_epoch
    selected: Mapping[str, Any] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """What no experiment can repeat, in words."""
        base = [f"the base {self.base.name}"] if self.base is not None else []
        optimizer = [f"the optimizer {type(self.optimizer).__name__}"] if self.optimizer is not None else []
        return [*base, *optimizer, *(f"the callback {type(one).__name__}" for one in self.callbacks)]


@dataclass(frozen=True)
class Prepared:
    """An experiment that is ready to train: nothing has been written, and what could be wrong with it is not.

    `folder` is the unfinished run that it goes on with, if any; `force` lets it go on after changes. For `auto`,
    `groups` has a number for each path, equal for pictures that show the same, and `expected` are the seconds that the
    run was told to take. `engine` is asked for where another has failed. Of a `teacher`, its probabilities are learnt.
    """

    experiment: Experiment
    split: Split
    classifier: Classifier
    seconds: float
    folder: RunFolder | None = None
    force: bool = False
    given: Given = field(default_factory=Given)
    groups: Mapping[str, int] = field(default_factory=dict)
    expected: float = 0.0
    engine: Engine | None = None
    teacher: RunTeacher | None = None

    def pictures(self, part: str) -> Pictures:
        """Returns train, validation or test as the model takes it; of a student, train has its unlabelled ones, too."""
        if part in self.given.pictures:
            return self.given.pictures[part]
        split, how = self.split, self.experiment.data.resizing
        if self.teacher and part == "train":
            return self.teacher.pictures(how)
        return FilePictures.of_split(split.root, split.part(part), split.classes, how, split.multi_label)

    @property
    def count(self) -> int:
        """How many pictures there are in all parts."""
        return sum(map(len, self.given.pictures.values())) or len(self.split.pictures)

    def loader(self, *parts: str, smallest: int = SMALLEST_SHOWN) -> Show:
        """Returns what shows a picture of these parts by its name, large enough to be looked at."""
        shows = [self._loader(part, smallest) for part in parts]
        return lambda name: next((pixels for show in shows if (pixels := show(name)) is not None), None)

    def _loader(self, part: str, smallest: int) -> Show:
        paths = {printable(one.path): self.split.root / one.path for one in self.split.part(part)}
        given = self.given.pictures.get(part)
        if given is not None and not isinstance(given, FeatureTable):
            return array_loader(given, list(paths), smallest)
        return picture_loader(paths, self.experiment.data.resizing, smallest)

    def extractor(self) -> FeatureExtractor:
        """Returns the layers that no phase trains as a source of features, kept in the cache; use it as a context."""
        about, of = self.experiment, (self.classifier.cut_model, self.classifier.description)
        bad_files = BadFiles("skip" if self.force else about.data.on_bad_file)
        how: dict[str, Any] = {"bad_files": bad_files, "forced": self.engine or about.engine}
        how["elsewhere"] = self.given.elsewhere
        return FeatureExtractor(*of, self.given.feature_folder, dtype=about.feature_dtype, **how)

    def begun_again(self) -> "Prepared":
        """Returns it as before anything was trained, not as the continuation of a run, and for TensorFlow alone."""
        fresh = classifier_of(self.experiment, self.split.classes, self.split.multi_label, self.given.base)
        return replace(self, classifier=fresh, folder=None, engine="graph")

    @property
    def settings(self) -> TrainingSettings:
        """What the training is told: by the experiment, and by a program."""
        experiment, copies = self.experiment, self.experiment.augment_copies
        return TrainingSettings(
            phases=experiment.train,
            batch_size=experiment.data.batch_size * experiment.workers,
            workers=experiment.workers,
            teacher=self.teacher,
            seed=experiment.seed,
            augmentation=experiment.augment,
            augment_copies=None if copies == "fresh" else copies,
            keep=experiment.keep,
            precision=experiment.precision,
            stop_when_dead=experiment.stop_when_dead,
            log_iterations=experiment.log_iterations,
            callbacks=self.given.callbacks,
            optimizer=self.given.optimizer,
        )


def prepare(
    experiment: Experiment, folder: RunFolder | None = None, force: bool = False, given: Given | None = None
) -> Prepared:
    """Splits the pictures and builds the model; with a `folder`, the split is the one that its run began with.

    Without what is `given` by a program, features are kept in the cache. Raises a KerasVGGError for what can't be run,
    and for what has changed since, unless `force` says that it is meant.
    """
    started = time.monotonic()
    given = given or Given(feature_folder=cache() / "features")
    begun = folder if folder and folder.split.is_file() else None
    has_features = is_feature_folder(experiment.data.dataset)
    if has_features:
        held_out, tables = feature_tables(experiment)
        given = replace(given, split=held_out, pictures=tables, elsewhere=None)
    split = take_up(experiment, begun, force, given.split) if begun else _plan(experiment, given)
    experiment = as_chosen(experiment, load_experiments(begun.experiment)[""]) if begun else experiment
    check_windows(experiment.train, len(given.pictures["train"]) if given.pictures else len(split.part("train")))
    groups = _groups(split, given) if experiment.auto else {}
    classifier = classifier_of(experiment, split.classes, split.multi_label, given.base)
    if has_features:
        require_same_layers(tables, classifier, experiment.feature_dtype)
    require_shareable(classifier.cut_model, experiment.train, experiment.workers)
    teacher = _teacher(experiment, split, given, force)
    seconds = time.monotonic() - started
    return Prepared(experiment, split, classifier, seconds, folder, force, given, groups, teacher=teacher)


def _teacher(experiment: Experiment, split: Split, given: Given, force: bool) -> RunTeacher | None:
    if experiment.distill is None:
        return None
    if given.pictures:
        raise ConfigError("`distill` must go with pictures in files, received others")
    bad_files = BadFiles("skip" if force else experiment.data.on_bad_file)
    return RunTeacher(experiment.distill, split, bad_files, experiment.engine)


def _groups(split: Split, given: Given) -> dict[str, int]:
    """Returns which pictures belong together. Raises DataError for a class without two that do not."""
    pictures = list(split.pictures) if given.pictures else with_thumbnails(split.root, split.pictures)
    groups = dict(zip((one.path for one in pictures), joined(pictures), strict=True))
    learned = [one for one in pictures if one.split != "test"]
    short = []
    for label in split.classes:
        places = [one.path for one in learned if label in classes_of(one.label, split.multi_label)]
        if len({groups[path] for path in places}) < 2:
            what = "pictures that all show the same or are of one group" if len(places) > 1 else "picture"
            short.append(f"{label}: {len(places):,} {what}")
    if short:
        received = escape("; ".join(short))
        raise DataError(f"`{escape(split.root)}` must have two pictures of each class that differ, received {received}")
    if not split.part("test") and len({groups[one.path] for one in learned}) < 3:
        why = "one is held out from choosing, and one while it is chosen"
        raise DataError(f"`{escape(split.root)}` must have pictures of three groups where there is no test part: {why}")
    return groups


def _plan(experiment: Experiment, given: Given) -> Split:
    """Returns the experiment's split; what is no picture is said on stderr and left out.

    What lies in two of its parts is said too, or raises a DataError.
    """
    split = given.split or experiment_split(experiment)
    for path, reason in split.left_out:
        warn(f"left out: {escape(path)}: {reason}")
    for line in leaks(split, experiment.data.accept_duplicates):
        warn(escape(line))
    return split


def build_chosen(prepared: Prepared, stages: Sequence[str], phases: Sequence[Phase] = HEAD) -> Classifier:
    """Returns a classifier for `auto`: one dense layer on the averages of these stages."""
    split, base = prepared.split, prepared.given.base
    return classifier_on(prepared.experiment, stages, phases, split.classes, split.multi_label, base)
