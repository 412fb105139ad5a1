"""What one command has to run: an experiment for each variant, each with the run that it goes on with."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kerasvgg.config.experiment import Experiment
from kerasvgg.config.load import load_experiments
from kerasvgg.errors import ConfigError, KerasVGGError
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.runs.going_on import changes
from kerasvgg.runs.prepare import Given, Prepared, prepare
from kerasvgg.runs.run import Outcome, finished


@dataclass(frozen=True)
class Job:
    """`label` is what a table calls it, `name` its place below the runs, `folder` the newest run if that is resumed."""

    path: Path
    label: str
    name: str
    variant: str
    experiment: Experiment
    folder: RunFolder | None

    @property
    def is_finished(self) -> bool:
        """Tells whether there is nothing to go on with."""
        return self.folder is not None and self.folder.is_finished

    def finished(self) -> Outcome:
        """Returns what the finished run came to. Raises ConfigError if it was run in another way than is asked."""
        folder = self.folder or RunFolder(self.path)
        if changed := changes(self.experiment, folder):
            raise ConfigError(
                f"`{folder.path}` is finished, and was run in another way: {'; '.join(changed)}. "
                "Without --resume a new run starts"
            )
        return finished(folder)

    def prepare(self, force: bool, given: Given | None = None) -> Prepared:
        """Prepares the experiment; a mistake that shows only then names the file and the variant."""
        try:
            return prepare(self.experiment, self.folder, force, given)
        except KerasVGGError as error:
            where = f"{self.path} (variant `{self.variant}`)" if self.variant else f"{self.path}"
            raise type(error)(f"{where}: {error}") from error


def jobs(
    path: Path,
    overrides: Sequence[str],
    variants: Sequence[str] | None,
    runs: Path,
    *,
    resume: bool,
    seeds: int | None = None,
) -> list[Job]:
    """Reads the experiments of a file, or of a run folder that is to be resumed. Raises ConfigError.

    With `seeds` each is there so many times, from its own seed upwards, each in a folder of its own.
    """
    if path.is_dir():
        if seeds:
            raise ConfigError(f"`--seeds` must go with an experiment's YAML file, received the folder {path}")
        return [_of_run_folder(path, overrides, resume)]
    name = experiment_name(path, runs)
    found = []
    for variant, experiment in load_experiments(path, overrides, variants).items():
        label, full = variant or name, f"{name}/{variant}" if variant else name
        if not seeds:
            folder = RunFolder.newest(runs, full) if resume else None
            found.append(Job(path, label, full, variant, experiment, folder))
        for seed in range(experiment.seed, experiment.seed + (seeds or 0)):
            seeded = experiment.model_copy(update={"seed": seed})
            folder = RunFolder.newest(runs, f"{full}/seed-{seed}") if resume else None
            found.append(Job(path, f"{label}, seed {seed}", f"{full}/seed-{seed}", variant, seeded, folder))
    return found


def one_job(path: Path, overrides: Sequence[str], variant: str | None = None, runs: Path = Path("runs")) -> Job:
    """Returns the experiment of a file, of which there must be one. Raises ConfigError where there are several."""
    asked = jobs(path, overrides, [variant] if variant else None, runs, resume=False)
    if len(asked) > 1:
        raise ConfigError(f"`--variant` must be one of {', '.join(job.variant for job in asked)}; received all of them")
    return asked[0]


def _of_run_folder(path: Path, overrides: Sequence[str], resume: bool) -> Job:
    folder = RunFolder(path)
    if not folder.experiment.is_file():
        raise ConfigError(f"`{path}` must be an experiment's YAML file or a run folder, received another folder")
    if not resume:
        raise ConfigError(f"`{path}` is a run folder: `kerasvgg run {path} --resume` goes on with it")
    experiment = load_experiments(folder.experiment, overrides)[""]
    return Job(path, str(path), str(path), "", experiment, folder)


def experiment_name(path: Path, runs: Path) -> str:
    """Returns the file's path below the nearest folder called experiments, or its bare name, without the suffix.

    One in the folder of `runs` was written for a folder of pictures, and is called as it is.
    """
    if path.absolute().parent == runs.absolute():
        return path.stem
    parts = path.absolute().with_suffix("").parts
    if "experiments" in parts[:-1]:
        last = len(parts) - 1 - parts[::-1].index("experiments")
        return "/".join(parts[last + 1 :])
    return parts[-1]
