"""A folder that `kerasvgg features` has filled as a data set: what is there of which class, and in which part."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from kerasvgg.config.data import Data
from kerasvgg.config.experiment import Experiment
from kerasvgg.data.folder.split import Split
from kerasvgg.data.picture import Picture
from kerasvgg.data.pictures.sources import FilePictures
from kerasvgg.errors import ConfigError, DataError
from kerasvgg.features.cache_key import cache_key
from kerasvgg.features.extractor import PROVEN, settings_of
from kerasvgg.features.shards import PREFIX, require_arrow
from kerasvgg.features.table import FeatureTable, Rows, Shards, prefixes
from kerasvgg.files.hashing import content_hash
from kerasvgg.files.text import escape
from kerasvgg.process.progress import say, warn
from kerasvgg.training.build import Classifier

PICTURES = "pictures.parquet"  # of `kerasvgg features`: path, class, sha256, shard
ROWS = 65_536  # that are read at a time
HELD_OUT = ("test", "validation")
ROOT = Path("/")  # from which pictures' addresses are paths
TINY = 1e-9
NOT_KNOWN, CONFLICTING = -1, -2


def is_feature_folder(dataset: object) -> bool:
    """Tells whether a data set is a folder of features."""
    return isinstance(dataset, str) and (Path(dataset) / PICTURES).is_file() and any(Path(dataset).glob(f"{PREFIX}*"))


def feature_tables(experiment: Experiment) -> tuple[Split, dict[str, FeatureTable]]:
    """Returns the held out pictures of a folder of features, and a table of each part.

    A content is there once, in the part that its hash falls into: the lowest hashes are the test part, then comes
    validation, so that it stays where it is when others come. What has no class, or several that contradict each other,
    is left out. Raises ConfigError for an experiment that needs the pictures themselves.
    """
    _require_features_suffice(experiment)
    folder = Path(str(experiment.data.dataset))
    known = _known(folder, experiment.data)
    shards = Shards(folder)
    rows = _rows(shards, known)
    fractions = rows.contents / 2.0**64
    listed: list[Picture] = []
    tables: dict[str, FeatureTable] = {}
    for part, (low, high) in _bounds(experiment.data).items():
        of_part = rows.where((fractions >= low) & (fractions < high))
        lacking = sorted(set(range(len(known.classes))) - set(np.unique(of_part.labels).tolist()))
        if lacking:
            names = ", ".join(known.classes[number] for number in lacking[:10])
            raise DataError(f"`{folder}` must have pictures of each class for {part}, received none of {escape(names)}")
        pictures = known.pictures(of_part, part) if part in HELD_OUT else []
        originals = _originals(pictures, known.classes, experiment.data) if part == "validation" else None
        tables[part] = FeatureTable(shards, of_part, [one.path for one in pictures], originals)
        listed += pictures
    counted = ", ".join(f"{len(table):,} {part}" for part, table in tables.items())
    say(f"features of {len(rows.contents):,} contents: {counted}")
    return Split(ROOT, tuple(listed), class_names=known.classes), tables


def require_same_layers(tables: dict[str, FeatureTable], classifier: Classifier, dtype: str) -> None:
    """Raises ConfigError for features that are not what the classifier's frozen layers make of pictures, or rounded."""
    cut_model, table = classifier.cut_model, next(iter(tables.values()))
    about, folder = table.shards.about, table.shards.folder
    if cut_model.root is None:
        raise ConfigError("`train` must leave layers frozen where `data.dataset` is features, received what trains all")
    names = settings_of(classifier.description, about["mode"], 1, about["dtype"])
    how = {name: about.get(name) for name in names}
    wanted = classifier.description.resizing.settings
    same = dtype == about["dtype"] and cache_key(cut_model.before(cut_model.root), **how) == about["features"]
    if not same or any(how.get(name) != value for name, value in json.loads(json.dumps(wanted)).items()):
        received = {name: about.get(name) for name in ("base", "cut", "dtype", *wanted)}
        ours = {"base": classifier.description.base, "cut": cut_model.root, "dtype": dtype, **wanted}
        more = "of the same weights, and of this version of TensorFlow"
        raise ConfigError(f"`{folder}` must have the features of {ours}, {more}; received {received}")


class _Known(NamedTuple):
    """What pictures.parquet says: contents (see `Rows`), in ascending order, the places of their classes, or why none.

    `held_out` has address and SHA-256 of those that do not train, by their contents.
    """

    contents: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...]
    held_out: dict[int, tuple[str, str]]

    def pictures(self, rows: Rows, part: str) -> list[Picture]:
        """Returns rows of a part as pictures, whose paths are their addresses below the root of all."""
        found = []
        for content, label in zip(rows.contents.tolist(), rows.labels.tolist(), strict=True):
            address, sha256 = self.held_out[content]
            found.append(Picture(address.lstrip("/"), "", self.classes[label], part, sha256))
        return found


def _require_features_suffice(experiment: Experiment) -> None:
    data = experiment.data
    asked = {
        "augment": experiment.augment,
        "auto": experiment.auto,
        "test_time_flip": experiment.test_time_flip,
        "data.labels": data.labels,
        "data.parts_of": data.parts_of,
        "data.leave_out_last": data.leave_out_last,
    }
    if said := [name for name, value in asked.items() if value]:
        raise ConfigError(f"`{said[0]}` must be left out where `data.dataset` is a folder of features: {data.dataset}")
    split = data.split
    amounts = [split.train, split.validation, split.test] if split else []
    if not split or split.validation is None or any(isinstance(amount, int) for amount in amounts):
        raise ConfigError(
            "`data.split` must be fractions with `validation` where `data.dataset` is a folder of features; "
            f"received {split.model_dump(exclude_none=True) if split else 'none'}"
        )


def _bounds(data: Data) -> dict[str, tuple[float, float]]:
    """Returns between which shares of all hashes each part lies."""
    bounds, low = {}, 0.0
    amounts = data.split.model_dump() if data.split else {}
    for part in HELD_OUT:
        if amounts[part]:
            bounds[part] = low, low + amounts[part]
            low += amounts[part]
    train = amounts["train"]
    return {"train": (low, low + train if train and low + train < 1 - TINY else 1.0), **bounds}


def _known(folder: Path, data: Data) -> _Known:
    """Reads pictures.parquet, a chunk at a time. Raises DataError for a damaged one, and for fewer than two classes."""
    contents, labels = [], []
    held_out: dict[int, tuple[str, str]] = {}
    numbers: dict[str, int] = {name: number for number, name in enumerate(data.classes or ())}
    highest = max(high for part, (_, high) in _bounds(data).items() if part in HELD_OUT)
    for paths, names, hashes in _read(folder / PICTURES):
        found = prefixes([bytes.fromhex(one) for one in hashes])
        if data.classes is None:
            for name in set(names) - {"", *numbers}:
                numbers[name] = len(numbers)
        labels.append(np.array([numbers.get(name, NOT_KNOWN) for name in names], np.int32))
        contents.append(found)
        for i in np.flatnonzero(found / 2.0**64 < highest).tolist():
            held_out.setdefault(int(found[i]), (paths[i], hashes[i]))
    classes = data.classes or tuple(sorted(numbers))
    if len(classes) < 2:
        raise DataError(
            f"`{folder / PICTURES}` must name at least two classes, received {', '.join(classes) or 'none'}"
        )
    places = np.array([classes.index(name) for name in numbers] + [NOT_KNOWN], np.int32)
    return _each_once(np.concatenate(contents), places[np.concatenate(labels)], classes, held_out)


def _each_once(
    contents: np.ndarray, labels: np.ndarray, classes: tuple[str, ...], held_out: dict[int, tuple[str, str]]
) -> _Known:
    """Returns each content once; of one with several classes it is noted, and said, that they contradict each other."""
    if without := int((labels < 0).sum()):
        warn(f"left out: {without:,} pictures of no class that is asked for")
        contents, labels = contents[labels >= 0], labels[labels >= 0]
    if not len(contents):
        raise DataError(f"`data.dataset` must have pictures of {', '.join(classes)}; received none of these classes")
    order = np.argsort(contents)
    contents, labels = contents[order], labels[order]
    del order  # before there is more: these may be hundreds of megabytes
    first = np.flatnonzero(np.diff(contents, prepend=contents[:1] + np.uint64(1)))
    lowest, highest = (each.reduceat(labels, first) for each in (np.minimum, np.maximum))
    once = np.where(lowest == highest, lowest, CONFLICTING).astype(np.int32)
    if several := int((once == CONFLICTING).sum()):
        warn(f"left out: {several:,} contents of several classes, of which all but one must be wrong")
    return _Known(contents[first], once, classes, held_out)


def _read(path: Path) -> Iterator[tuple[list[str], list[str], list[str]]]:
    require_arrow()
    from pyarrow import ArrowException
    from pyarrow.parquet import ParquetFile

    try:
        with path.open("rb") as file:
            for batch in ParquetFile(file).iter_batches(ROWS, columns=["path", "class", "sha256"]):
                yield tuple(batch.column(name).to_pylist() for name in ("path", "class", "sha256"))
    except (OSError, ValueError, ArrowException) as error:
        raise DataError(f"`{path}` is damaged: {error}") from error


def _rows(shards: Shards, known: _Known) -> Rows:
    """Returns where the features of contents with a class are, each once."""
    parts: list[Rows] = []
    is_taken = np.zeros(len(known.contents), bool)
    for first, sizes, contents in shards.contents():
        places = np.searchsorted(known.contents, contents).clip(max=len(known.contents) - 1)
        is_known = (known.contents[places] == contents) & (known.labels[places] >= 0) & ~is_taken[places]
        _, once = np.unique(np.where(is_known, places, -1 - np.arange(len(places))), return_index=True)
        is_known &= np.isin(np.arange(len(places)), once)
        is_taken[places[is_known]] = True
        groups = np.repeat(np.arange(first, first + len(sizes)), sizes)
        inside = np.arange(len(groups)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        rows = Rows(groups.astype(np.int32), inside.astype(np.int32), contents, known.labels[places])
        parts.append(rows.where(is_known))
    if lacking := int(((known.labels >= 0) & ~is_taken).sum()):
        warn(f"left out: {lacking:,} contents whose features are in no file; `kerasvgg features` computes them")
    return Rows(*map(np.concatenate, zip(*parts, strict=True)))


def _is_there(picture: Picture) -> bool:
    try:
        return content_hash(ROOT / picture.path) == picture.sha256
    except OSError:
        return False


def _originals(listed: list[Picture], classes: tuple[str, ...], data: Data) -> FilePictures | None:
    """Returns the first pictures themselves, to hold the whole model against, where their files are here."""
    some = listed[:PROVEN]
    if not all(_is_there(one) for one in some):
        return None
    return FilePictures.of_split(ROOT, some, classes, data.resizing)
