"""What a run that was interrupted may go on with: the same experiment and the same pictures."""

from kerasvgg.config.experiment import Experiment
from kerasvgg.config.load import load_experiments
from kerasvgg.data.folder.manifest import read_manifest, recorded_split
from kerasvgg.data.folder.split import Split
from kerasvgg.errors import ConfigError
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.process.progress import warn
from kerasvgg.runs.feature_folder import is_feature_folder
from kerasvgg.runs.pictures import experiment_source
from kerasvgg.training.resume import changed_settings


def changes(experiment: Experiment, folder: RunFolder) -> list[str]:
    """Returns a sentence for each setting that is not the one the folder's run began with.

    Whether it stops when it is dead changes nothing of a run that lives, nor does where features are computed.
    """
    begun = load_experiments(folder.experiment)[""]
    both = begun, as_chosen(experiment, begun)
    before, now = (one.model_dump(mode="json", exclude={"stop_when_dead", "cluster"}) for one in both)
    return [f"`{line.replace(': ', '` ', 1)}" for line in changed_settings(before, now)]


def as_chosen(experiment: Experiment, begun: Experiment) -> Experiment:
    """Returns the experiment with the `data.fit` that its run, as it has begun, has chosen in place of auto."""
    if experiment.data.fit != "auto":
        return experiment
    return experiment.model_copy(update={"data": experiment.data.model_copy(update={"fit": begun.data.fit})})


def take_up(experiment: Experiment, folder: RunFolder, force: bool, given: Split | None) -> Split:
    """Returns the split of an unfinished run, once it is clear that the experiment and the pictures are the same."""
    changed = changes(experiment, folder)
    bad: list[tuple[str, str]] = []
    split = given  # pictures in memory are held against the state
    if split is not None and is_feature_folder(experiment.data.dataset):
        before = {(row["split"], row["class"], row["sha256"]) for row in read_manifest(folder.split)}
        if before != {(one.split, one.label, one.sha256) for one in split.pictures}:
            changed.append(f"{experiment.data.dataset}: other pictures are held out")
    if split is None:
        split, bad = recorded_split(folder.split, experiment_source(experiment.data))
    if experiment.data.on_bad_file == "stop":
        changed += [f"{path}: {reason}" for path, reason in bad]
    if changed and not force:
        more = f" and {len(changed) - 10} more" if len(changed) > 10 else ""
        raise ConfigError(
            f"`{folder.path}` can't go on to the same end, because of changes: {'; '.join(changed[:10])}{more}. "
            "Put them back, say --force to go on nevertheless, or start a new run without --resume"
        )
    for change in changed:
        warn(f"going on although changed: {change}")
    return split
