"""The pictures of an experiment's split, and those that a run had, where they lie now."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kerasvgg.config.data import Data
from kerasvgg.config.experiment import Experiment
from kerasvgg.config.load import load_experiments
from kerasvgg.data.catalog import catalog
from kerasvgg.data.catalog.catalog import CATALOG
from kerasvgg.data.folder.manifest import GROUP, read_manifest, with_recorded_groups
from kerasvgg.data.folder.scan import Source, scan, scan_parts
from kerasvgg.data.folder.split import Split, plan_split
from kerasvgg.errors import DataError, did_you_mean
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.files.text import printable

IN_MEMORY = "pictures in memory"  # what an experiment calls arrays, which it can't name


def experiment_split(experiment: Experiment) -> Split:
    """Returns the experiment's pictures, split as it says; nothing is written."""
    data = experiment.data
    how = data.split.model_dump() if data.split else {}
    how |= {"folds": bool(how.get("folds")), "conflicting": data.on_conflicting_labels}
    how |= {"classes": data.classes, "leave_out_last": data.leave_out_last, "seed": experiment.seed}
    earlier = read_manifest(Path(data.parts_of)) if data.parts_of else ()
    return plan_split(experiment_source(data), **how, earlier=earlier)


def experiment_source(data: Data) -> Source:
    """Returns the files of an experiment's data set. Raises DataError where there is none."""
    if data.folders:
        return scan_parts({part: Path(path) for part, path in data.folders.items()})
    source = scan(data_folder(str(data.dataset)), labels=Path(data.labels) if data.labels else None)
    return with_recorded_groups(source)


def data_folder(dataset: str) -> Path:
    """Returns the folder of a data set: of a name in the catalog, or the path that it is.

    Raises DataError for what is neither.
    """
    if dataset in catalog.CATALOG:
        return catalog.source(dataset)
    if dataset == IN_MEMORY:
        raise DataError("`data.dataset` was pictures in memory, which only the program that made them has")
    if not Path(dataset).exists():
        allowed = f"a folder of pictures or one of {', '.join(catalog.CATALOG)}"
        question = did_you_mean(dataset, catalog.CATALOG)
        raise DataError(f"`data.dataset` must be {allowed}; received {dataset!r}, which is neither{question}")
    return Path(dataset)


@dataclass(frozen=True)
class RunPicture:
    """`name` is what split.csv calls it, `label` its class, `split` train, validation or test.

    `sha256` is of the content that it had when the split was planned, `group` what belongs into one part with it.
    """

    path: Path
    name: str
    label: str
    split: str
    sha256: str
    group: str = ""


def run_pictures(folder: RunFolder, source: Source | None = None) -> list[RunPicture]:
    """Returns the pictures of the run's split that its data set, `source`, still has, in split.csv's order.

    Their contents are not compared. Raises DataError for a run without a split, or without its data set.
    """
    rows, source = read_manifest(folder.split), source or run_source(folder)
    there = {printable(file.path): source.root / file.path for file in source.files}
    return [
        RunPicture(there[row["path"]], row["path"], row["class"], row["split"], row["sha256"], row.get(GROUP, ""))
        for row in rows
        if row["path"] in there
    ]


def run_source(folder: RunFolder) -> Source:
    """Returns the files of the run's data set. Raises DataError where it is not there."""
    data = load_experiments(folder.experiment)[""].data
    try:
        return experiment_source(data)
    except DataError as error:
        paths = [*(data.folders.values() or [str(data.dataset)]), *([data.labels] if data.labels else [])]
        if all(path in (*CATALOG, IN_MEMORY) or Path(path).is_absolute() for path in paths):
            raise
        raise DataError(f"{error}; a relative path is meant from where `{folder.path}` was begun") from error


def scored_pictures(folder: RunFolder) -> list[RunPicture]:
    """Returns the run's test pictures, or those of validation where it has none. Raises DataError for neither."""
    return _of(folder, ("test", "validation", "train"))


def training_pictures(folder: RunFolder) -> list[RunPicture]:
    """Returns the pictures that the run was trained on. Raises DataError where none is left."""
    return _of(folder, ("train",))


def find_picture(folder: RunFolder, name: str) -> RunPicture:
    """Returns the picture that split.csv calls so. Raises DataError where there is none."""
    pictures = {picture.name: picture for picture in run_pictures(folder)}
    if name not in pictures:
        near = did_you_mean(name, pictures)
        raise DataError(f"`IMAGE` must be a picture's file or its path in {folder.split}, received {name!r}{near}")
    return pictures[name]


def _of(folder: RunFolder, parts: Sequence[str]) -> list[RunPicture]:
    pictures = run_pictures(folder)
    for part in parts:
        if found := [picture for picture in pictures if picture.split == part]:
            return found
    raise DataError(f"`{folder.split}` must name {' or '.join(parts)} pictures that are still there, received none")
