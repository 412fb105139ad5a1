"""The batches of each phase of a training: from pixels, or from cached features."""

import math
from typing import Any

import numpy as np

from kerasvgg.data.augmentation.views import AugmentedPictures, MirrorPairs
from kerasvgg.data.pictures.loading import Pictures
from kerasvgg.data.pictures.memory import cache_features, cache_pixels
from kerasvgg.data.pipeline import epoch_batches, ordered_batches, shuffling, steps_per_epoch, training_batches
from kerasvgg.features.extractor import FeatureExtractor
from kerasvgg.features.table import FeatureTable
from kerasvgg.training.guards.dead_runs import DeadRunRules
from kerasvgg.training.member import member
from kerasvgg.training.phase import Phase, TrainingSettings, check_windows
from kerasvgg.training.teaching import Relabelled, View


class BatchSource:
    """Batches for the phases of one training, from pixels or from what the `frozen` layers make of each picture once.

    With augmentation the frozen layers see each of `augment_copies` views once, or (None) a fresh view of every picture
    in every epoch.
    """

    def __init__(
        self, settings: TrainingSettings, train: Pictures, validation: Pictures, extractor: FeatureExtractor
    ) -> None:
        augmentation, augment_copies = settings.augmentation, settings.augment_copies
        self._extractor, self.batch_size, self._seed = extractor, settings.batch_size, settings.seed
        self._validation = cache_pixels(validation) if extractor.root is None else validation
        self._train = cache_pixels(train) if extractor.root is None or augmentation else train
        self._fresh = augmentation if not augment_copies else None
        self._member = member()
        self._share = self._member.share if self._member.count > 1 else None
        check_windows(settings.phases, len(train))
        view, self._copies = _view(settings, len(train))
        self._views, self._labels, self._shown = view(self._train), train.labels, self._validation
        if settings.teacher:
            rows = settings.teacher.probabilities(view)
            self._views, self._labels = Relabelled(self._views, rows), rows[: len(train)].argmax(axis=1)
            self._shown = Relabelled.one_hot(self._validation, rows.shape[1])

    def steps(self, phase: Phase) -> int:
        """Returns how many batches an epoch has."""
        return steps_per_epoch(self._train, self.batch_size, phase.steps_per_epoch)

    def names(self, phase: Phase, epoch: int, batch: int) -> list[str]:
        """Returns the names of the training pictures in a batch; epoch and batch count from 0."""
        how: dict[str, Any] = {"copies": self._copies, "windows": phase.windows, "shuffled": shuffling(self._views)}
        steps = phase.steps_per_epoch
        batches = epoch_batches(len(self._views), self.batch_size, steps, (self._seed, epoch), **how)
        return [self._views.name(int(i)) for i in batches[batch]]

    def sizes(self, phase: Phase) -> list[int]:
        """Returns how many pictures each batch of an epoch has."""
        steps, whole = self.steps(phase), self.batch_size
        last = whole if phase.steps_per_epoch else len(self._train) - (steps - 1) * whole
        return [*[whole] * (steps - 1), last]

    def sizes_of_validation(self, phase: Phase) -> list[int]:
        """Returns how many pictures each batch of validation has."""
        total = phase.validation_steps * self.batch_size if phase.validation_steps else len(self._validation)
        return [min(self.batch_size, total - start) for start in range(0, total, self.batch_size)]

    def dead_run_rules(self, phase: Phase) -> DeadRunRules:
        """Returns what tells a dead training, for the labels that the phase is trained and validated on."""
        held_out = self._validation.labels
        if phase.validation_steps:
            held_out = held_out[np.arange(phase.validation_steps * self.batch_size) % len(held_out)]
        return DeadRunRules(self._labels, held_out)

    def class_weight(self, phase: Phase) -> dict[int, float] | None:
        """Returns each class's weight in the loss, n / (classes x its pictures) if they are to be balanced."""
        if not phase.class_weight:
            return None
        labels, counts = np.unique(self._train.labels, return_counts=True)
        weights = len(self._train) / (len(labels) * counts)
        return dict(zip(labels.tolist(), weights.tolist(), strict=True))

    def training(self, phase: Phase, cut: str | None, first_epoch: int) -> Any:
        """Returns endless batches for what comes after the cut."""
        largest = phase.largest_batch(self.batch_size)
        if through_frozen := self._fresh is not None and cut is not None:
            self._member.wait_for_first(lambda: self._extractor.parts.settled(self._train))  # is measured once
        through = self._extractor.trunk(str(cut), largest, self._train) if through_frozen else None
        return training_batches(
            self._views if self._fresh else self._features(self._views, cut),
            self.batch_size,
            phase.steps_per_epoch,
            seed=self._seed,
            first_epoch=first_epoch,
            copies=self._copies,
            windows=phase.windows,
            augmentation=self._fresh,
            through=through,
            bad_files=self._extractor.bad_files,
            share=self._share,
        )

    def validation(self, phase: Phase, cut: str | None) -> Any:
        """Returns the validation batches of an epoch."""
        features, steps, bad_files = (
            self._features(self._shown, cut),
            phase.validation_steps,
            self._extractor.bad_files,
        )
        return ordered_batches(features, self.batch_size, steps, bad_files, share=self._share)

    def _features(self, pictures: Pictures, cut: str | None) -> Pictures:
        made = self._member.wait_for_first(lambda: self._extractor.features(pictures, cut))
        return cache_features(made) if cut and not isinstance(made, FeatureTable) else made


def _view(settings: TrainingSettings, n: int) -> tuple[View, int]:
    """Returns what shows n pictures in views that take turns, and how many there are of each.

    Where there are but two, each comes as often as the other.
    """
    augmentation, seed = settings.augmentation, settings.seed
    if not augmentation or not settings.augment_copies:
        return lambda pictures: pictures, 1
    copies = min(settings.augment_copies, _passes(settings, n))
    if augmentation.only_mirrors and copies >= MirrorPairs.copies:
        return MirrorPairs, MirrorPairs.copies
    return lambda pictures: AugmentedPictures(pictures, augmentation, copies, seed), copies


def _passes(settings: TrainingSettings, n: int) -> int:
    """Returns how often the phases go over the n training pictures at most."""
    size = settings.batch_size
    return sum(phase.epochs * math.ceil((phase.steps_per_epoch or 1) * size / n) for phase in settings.phases)
