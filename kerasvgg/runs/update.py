"""A run that is brought up to date: its settings for a folder with more pictures, and how the model has changed."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kerasvgg.config.experiment import Experiment
from kerasvgg.config.load import load_experiments
from kerasvgg.data.folder.manifest import read_manifest
from kerasvgg.data.targets import classes_of
from kerasvgg.errors import ConfigError, DataError
from kerasvgg.evaluation.predictions import Prediction, read_predictions
from kerasvgg.evaluation.statistics import mcnemar
from kerasvgg.files.reading import read_small
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.files.text import escape
from kerasvgg.process.progress import warn


def updated_experiment(
    run: RunFolder, folder: Path, overrides: Sequence[str] = (), labels: Path | None = None
) -> Experiment:
    """Returns the experiment of a finished run with the pictures of another folder, or with more in the same one.

    Pictures that the run had keep their part. Labels from a CSV file are the run's where the folder is. Raises
    ConfigError for what is no such run, and for one that divided nothing.
    """
    _require_run(run)
    data = load_experiments(run.experiment)[""].data
    if data.split is None:
        raise ConfigError(
            f"`--from` must be a run that divided its pictures itself, received {run.path}, whose folder was split "
            "already: put the new pictures into its parts and run it again"
        )
    same = isinstance(data.dataset, str) and Path(data.dataset).resolve() == folder.resolve()
    said = str(labels) if labels else data.labels if same else None
    values = {"dataset": str(folder), "labels": said, "parts_of": str(run.split)}
    # JSON is YAML, whatever a folder is called
    changes = [f"data.{name}={json.dumps(value, ensure_ascii=False)}" for name, value in values.items()]
    return load_experiments(run.experiment, [*changes, *overrides])[""]


def _require_run(run: RunFolder) -> None:
    needed = (run.experiment, run.split, run.history, run.predictions, run.environment)
    if not run.path.is_dir():
        what = "a file" if run.path.exists() else "nothing"
        raise ConfigError(f"`--from` must be the folder of a finished run, received {what}: {run.path}")
    if run.split.is_file() and not run.is_finished:
        how = f"`kerasvgg run {run.path} --resume` goes on with it"
        raise ConfigError(f"`--from` must be the folder of a finished run, received an unfinished one: {how}")
    if lacking := [path.name for path in needed if not path.is_file()]:
        raise ConfigError(f"`--from` must be the folder of a finished run, received {run.path} without {lacking[0]}")
    try:
        given = json.loads(read_small(run.environment)).get("given_by_a_program")
    except (ValueError, AttributeError, RecursionError) as error:
        raise DataError(f"`{run.environment}` is damaged: {str(error)[:200]}") from error
    if given:
        raise ConfigError(f"`--from` must be a run that an experiment can repeat, received {run.path} with {given[0]}")


def compared_with(folder: RunFolder, manifest: Path, multi_label: bool = False) -> dict[str, Any]:
    """Returns, as metrics.json has it, what became of the pictures that the run of `manifest`, a split.csv, scored too.

    They are matched by content, and each content counts once. What is right is said by the classes of now; pictures of
    a class that the earlier run did not know are left aside. Returns nothing, and says why on stderr, where there is
    nothing to compare.
    """
    try:
        known, before = _by_content(RunFolder(manifest.parent).predictions, manifest)
    except (DataError, OSError) as error:
        warn(escape(f"not compared with an earlier run: {error}"))
        return {}
    classes, now = _by_content(folder.predictions, folder.split)
    both = [(before[key].predicted, one) for key, one in now.items() if key in before]
    pairs = [(old, one) for old, one in both if set(known).issuperset(classes_of(one.true, multi_label))]
    if not pairs:
        warn(escape(f"not compared with {manifest.parent}: no picture was scored by both"))
        return {}
    new = [name for name in classes if name not in known]
    said = [set(classes_of(one.predicted, multi_label)) for _, one in pairs]
    right = [(old == one.true, one.predicted == one.true) for old, one in pairs]
    wrong, mended = right.count((True, False)), right.count((False, True))
    about = {
        "run": str(manifest.parent),
        "n": len(pairs),
        "accuracy_before": sum(was_right for was_right, _ in right) / len(pairs),
        "accuracy": sum(is_right for _, is_right in right) / len(pairs),
        "became_wrong": wrong,
        "became_right": mended,
        "p": mcnemar(wrong, mended),
        "new_classes": new,
        "taken_for_new_classes": sum(not taken.isdisjoint(new) for taken in said),
    }
    return {"compared_with": about}


def _by_content(predictions: Path, manifest: Path) -> tuple[tuple[str, ...], dict[str, Prediction]]:
    """Returns the classes, and the prediction of each content."""
    contents = {row["path"]: row["sha256"] for row in read_manifest(manifest)}
    classes, found = read_predictions(predictions)
    return classes, {contents[one.path]: one for one in found if one.path in contents}
