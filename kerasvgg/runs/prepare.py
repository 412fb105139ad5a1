"""From an experiment to pictures that are split and a model that is built: nothing is written."""

import time
from dataclasses import dataclass
from typing import Any

from kerasvgg.config.experiment import Experiment
from kerasvgg.config.load import load_experiments
from kerasvgg.config.writer import dump_experiment
from kerasvgg.data.augmentation.augment import Augmentation
from kerasvgg.data.folder.manifest import recorded_split
from kerasvgg.data.folder.split import Split
from kerasvgg.data.pictures.sources import FilePictures
from kerasvgg.errors import ConfigError
from kerasvgg.features.extractor import FeatureExtractor
from kerasvgg.files.locations import cache
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.files.text import escape
from kerasvgg.process.progress import say
from kerasvgg.quality.copies import leaks
from kerasvgg.runs.pictures import data_folder, experiment_split
from kerasvgg.training.build import Classifier, build, freeze
from kerasvgg.training.phase import Phase, check_windows
from kerasvgg.training.resume import changed_settings


@dataclass(frozen=True)
class Prepared:
    """An experiment that is ready to train: nothing has been written, and what could be wrong with it is not.

    `folder` is the unfinished run that it goes on with, if any; `force` lets it go on after changes.
    """

    experiment: Experiment
    split: Split
    phases: list[Phase]
    classifier: Classifier
    seconds: float
    folder: RunFolder | None = None
    force: bool = False

    def pictures(self, part: str) -> FilePictures:
        """Returns train, validation or test as the model takes it."""
        split, data = self.split, self.experiment.data
        return FilePictures.of_split(split.root, split.part(part), split.classes, data.image_size, data.interpolation)

    def frozen(self) -> FeatureExtractor:
        """Returns the layers that no phase trains, with their features in the cache; use it as a context."""
        return freeze(
            self.classifier,
            self.phases,
            cache() / "features",
            dtype=self.experiment.feature_dtype,
            on_bad_file="skip" if self.force else self.experiment.data.on_bad_file,
        )

    @property
    def feeding(self) -> dict[str, Any]:
        """The arguments of a `Feed` that say how batches are made."""
        experiment = self.experiment
        copies = experiment.augment_copies
        return {
            "batch_size": experiment.data.batch_size,
            "augmentation": Augmentation(**experiment.augment.model_dump()) if experiment.augment else None,
            "augment_copies": None if copies == "fresh" else copies,
            "seed": experiment.seed,
        }


def prepare(experiment: Experiment, folder: RunFolder | None = None, force: bool = False) -> Prepared:
    """Splits the pictures and builds the model; with a `folder`, the split is the one that its run began with.

    Raises a KerasVGGError for what can't be run, and for what has changed since, unless `force` says that it is meant.
    """
    started = time.monotonic()
    begun = folder if folder and folder.split.is_file() else None
    split = _take_up(experiment, begun, force) if begun else _plan(experiment)
    phases = [Phase.of(**phase.model_dump()) for phase in experiment.train]
    check_windows(phases, len(split.part("train")))
    classifier = _build(experiment, split, phases)
    return Prepared(experiment, split, phases, classifier, time.monotonic() - started, folder, force)


def _plan(experiment: Experiment) -> Split:
    """Returns the experiment's split; what is no picture is said on stderr and left out.

    What lies in two of its parts is said too, or raises a DataError.
    """
    split = experiment_split(experiment)
    for path, reason in split.left_out:
        say(f"left out: {escape(path)}: {reason}")
    for line in leaks(split, experiment.data.accept_duplicates):
        say(escape(line))
    return split


def changes(experiment: Experiment, folder: RunFolder) -> list[str]:
    """Returns a sentence for each setting that is not the one the folder's run began with.

    Whether it stops when it is dead changes nothing of a run that lives.
    """
    before, now = (
        one.model_dump(mode="json", exclude={"stop_when_dead"})
        for one in (load_experiments(folder.experiment)[""], experiment)
    )
    return [f"`{line.replace(': ', '` ', 1)}" for line in changed_settings(before, now)]


def _take_up(experiment: Experiment, folder: RunFolder, force: bool) -> Split:
    """Returns the split of an unfinished run, once it is clear that the experiment and the pictures are the same."""
    changed = changes(experiment, folder)
    split, bad = recorded_split(folder.split, data_folder(experiment.data.dataset))
    if experiment.data.on_bad_file == "stop":
        changed += [f"{path}: {reason}" for path, reason in bad]
    if changed and not force:
        more = f" and {len(changed) - 10} more" if len(changed) > 10 else ""
        raise ConfigError(
            f"`{folder.path}` can't go on to the same end, because of changes: {'; '.join(changed[:10])}{more}. "
            "Put them back, say --force to go on nevertheless, or start a new run without --resume"
        )
    for change in changed:
        say(f"going on although changed: {change}")
    return split


def _build(experiment: Experiment, split: Split, phases: list[Phase]) -> Classifier:
    model = experiment.model.model_dump()
    head = model.pop("head")
    return build(
        phases,
        class_names=split.classes,
        image_size=experiment.data.image_size,
        **model,
        **head,
        interpolation=experiment.data.interpolation,
        seed=experiment.seed,
        batch_size=experiment.data.batch_size,
        experiment=dump_experiment(experiment),
        test_time_flip=experiment.test_time_flip,
    )
