"""A finished run whose model is learnt from: which pictures it may be asked about, and what it says of them."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

from kerasvgg.config.experiment import Distillation
from kerasvgg.config.load import load_experiments
from kerasvgg.data.folder.scan import pictures_below
from kerasvgg.data.folder.split import Split
from kerasvgg.data.folder.verify import seen_in
from kerasvgg.data.pictures.loading import BadFiles, Pictures
from kerasvgg.data.pictures.memory import cache_pixels
from kerasvgg.data.pictures.resizing import Resizing
from kerasvgg.data.pictures.sources import FilePictures
from kerasvgg.data.targets import targets
from kerasvgg.engines.ncnn import EngineError
from kerasvgg.errors import ConfigError, DataError
from kerasvgg.evaluation.calibration import calibrated
from kerasvgg.features.extractor import FeatureExtractor
from kerasvgg.files.atomic import write_text
from kerasvgg.files.locations import cache
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.files.text import escape, printable, write_rows
from kerasvgg.modelfile.description import Description, read_description
from kerasvgg.modelfile.open.open import open_model
from kerasvgg.models.forward import class_probabilities
from kerasvgg.models.freezing import CutModel
from kerasvgg.process.progress import say, warn
from kerasvgg.runs.evaluation_set import UNLABELLED, contents_by_part
from kerasvgg.settings import Engine
from kerasvgg.training.teaching import View

MOST_TEACHERS = 10  # of which one has learnt from the next


class RunTeacher:
    """The model of a finished run, for the training pictures of a split and for some without labels.

    Raises ConfigError for a run with other classes and for one that has learnt from pictures that the split holds out,
    DataError for what is no finished run or no folder of pictures.
    """

    def __init__(self, asked: Distillation, split: Split, bad_files: BadFiles, engine: Engine | None) -> None:
        self._folder, self._split, self._bad_files, self._engine = Path(asked.teacher), split, bad_files, engine
        self._description = _description(RunFolder.open(self._folder))
        known = self._description.class_names
        if split.multi_label or self._description.multi_label:
            raise ConfigError("`distill` must go with pictures of one class each, received such with several")
        if sorted(known) != sorted(split.classes):
            wanted = ", ".join(split.classes)
            raise ConfigError(f"`distill.teacher` must know the classes {wanted}; received one of {', '.join(known)}")
        self._order = [known.index(name) for name in split.classes]
        _require_apart(RunFolder(self._folder), split)
        self._unlabelled = _unlabelled(Path(asked.unlabelled), split) if asked.unlabelled else []

    @property
    def about(self) -> dict[str, Any]:
        """What its answers follow from."""
        said = self._description
        names = {"weights": said.weights_sha256, "temperature": said.temperature, "mirrored": said.test_time_flip}
        return {**names, **said.resizing.settings, "unlabelled": len(self._unlabelled)}

    def pictures(self, resizing: Resizing) -> Pictures:
        """Returns the training pictures, and after them those without labels, as if these were of the first class."""
        listed = self._split.part("train")
        labels = [*targets([one.label for one in listed], self._split.classes, False), *[0] * len(self._unlabelled)]
        paths = [*(self._split.root / one.path for one in listed), *(path for path, _ in self._unlabelled)]
        keys = [*(one.sha256 for one in listed), *(key for _, key in self._unlabelled)]
        return FilePictures(paths, labels, keys, resizing)

    def write(self, folder: RunFolder) -> None:
        """Lists the pictures without labels in a run's folder, so that they are known to have been learnt from."""
        if self._unlabelled:
            text = StringIO()
            write_rows(text, [("path", "sha256"), *((printable(str(path)), key) for path, key in self._unlabelled)])
            write_text(folder.path / UNLABELLED, text.getvalue())

    def probabilities(self, view: View) -> np.ndarray:
        """Returns float32 (views, classes), calibrated; where a picture can't be read, all classes are as probable."""
        pictures = view(cache_pixels(self.pictures(self._description.resizing)))
        say(f"teacher: the model of {self._folder} looks at {len(pictures):,} views, each once")
        try:
            return self._probabilities(pictures, self._engine)
        except EngineError as error:
            if self._engine:
                raise
            warn(f"ncnn failed: {error}. The teacher begins again with TensorFlow's own engine")
            return self._probabilities(pictures, "graph")

    def _probabilities(self, views: Pictures, engine: Engine | None) -> np.ndarray:
        about = self._description
        found = np.full((len(views), len(self._order)), 1 / len(self._order), dtype=np.float32)
        how: dict[str, Any] = {"bad_files": self._bad_files, "forced": engine}
        with FeatureExtractor(self._cut_model, about, cache() / "features", **how) as extractor:
            for places, outputs in extractor.outputs(views, mirrored=about.test_time_flip):
                rows = np.mean([class_probabilities(one) for one in outputs], axis=0)
                found[places] = calibrated(rows, about.temperature)[:, self._order]
        return found

    @cached_property
    def _cut_model(self) -> CutModel:
        """The model, cut before its last layer with weights, so that what is kept of a view is a short row."""
        model = open_model(RunFolder(self._folder).model_keras).model
        last = next(layer.name for layer in reversed(model.layers) if layer.weights)
        return CutModel(model, [(last,)])


def _description(folder: RunFolder) -> Description:
    if not folder.is_finished:
        raise DataError(f"`distill.teacher` must be a finished run, received {folder.path}, which is not")
    description = read_description(folder.model_keras)
    if description is None:
        raise DataError(f"`{folder.model_keras}` must describe itself, received a model from elsewhere")
    return description


def _require_apart(teacher: RunFolder, split: Split) -> None:
    """Raises ConfigError where the teacher has learnt from what is held out here: its answers would tell of it.

    So may its own teacher have. What `auto` has chosen was fitted on its validation pictures in the end; they may be
    the student's, as long as these have a test part to be judged by.
    """
    is_judged = bool(split.part("test"))
    for one in _line(teacher):
        parts = contents_by_part(one)
        fitted = parts["train"] | (set() if is_judged or not one.choices.is_file() else parts["validation"])
        learnt = {"validation": fitted, "test": parts["train"] | parts["validation"]}
        mixed = [each.path for each in split.pictures if each.sha256 in learnt.get(each.split, ())]
        if mixed:
            raise ConfigError(
                f"`distill.teacher` must not have learnt from pictures that are held out here; {one.path} has from "
                f"{len(mixed):,}, as {escape(mixed[0])}: a student needs its teacher's parts (`data.parts_of: "
                f"{teacher.split}`), and a teacher that held pictures out"
            )


def _line(teacher: RunFolder) -> Iterator[RunFolder]:
    """Yields a teacher, its own teacher, and so on."""
    for _ in range(MOST_TEACHERS):
        if not teacher.split.is_file():
            return
        yield teacher
        asked = load_experiments(teacher.experiment)[""].distill if teacher.experiment.is_file() else None
        if asked is None:
            return
        teacher = RunFolder(Path(asked.teacher))


def _unlabelled(folder: Path, split: Split) -> list[tuple[Path, str]]:
    """Returns the pictures below a folder with their hashes, without those that the split has already."""
    if not folder.is_dir():
        raise DataError(f"`distill.unlabelled` must be a folder of pictures, received {folder}")
    known = {one.sha256 for one in split.pictures}
    found: dict[str, Path] = {}
    paths, left_out = pictures_below(folder)
    bad = len(left_out)
    for path, seen in zip(paths, seen_in(paths, "checking unlabelled pictures"), strict=True):
        if isinstance(seen, str):
            bad += 1
        else:
            found.setdefault(seen.sha256, path)
    taken = [(path, key) for key, path in found.items() if key not in known]
    told = _told(len(paths) + len(left_out) - bad - len(taken), bad)
    say(f"unlabelled: {len(taken):,} pictures of {escape(folder)}{told}")
    return taken


def _told(known: int, others: int) -> str:
    words: Sequence[str] = [
        *([f"{known:,} are in the split or there twice"] if known else []),
        *([f"{others:,} files are no pictures"] if others else []),
    ]
    return f"; {', '.join(words)}" if words else ""
