"""A run's facts in words, for its page and its model card."""

from kerasvgg.config.experiment import Experiment
from kerasvgg.evaluation.test_access import times
from kerasvgg.report.facts import Facts
from kerasvgg.report.figures import Figures

UNITS = ((90, 1, "seconds"), (5400, 60, "minutes"), (float("inf"), 3600, "hours"))


def summary(facts: Facts) -> str:
    """Returns what a run is of, in a line."""
    count = facts.about.images if facts.about and facts.about.images else len(facts.split)
    words = f"{count:,} pictures of {len(facts.counts) or len(facts.class_names)} classes"
    seconds = facts.about.seconds if facts.about else None
    return f"{words}, {duration(seconds)}" if seconds else words


def duration(seconds: float) -> str:
    """Returns how long it took, rounded."""
    for most, unit, name in UNITS:
        if seconds < most:
            return f"{seconds / unit:.0f} {name}"
    raise ValueError(f"{seconds} is no duration")


def scored_words(figures: Figures) -> str:
    """Returns what the scored pictures are, as in "of 1,000 test pictures"."""
    if figures.split == "folds":
        return "pictures, each while it was held out from training,"
    if figures.split in ("test", "validation"):
        return f"{figures.split} pictures"
    return "pictures"


def notes(facts: Facts) -> list[str]:
    """Returns what else belongs to an accuracy."""
    figures, found = facts.figures, []
    if not figures:
        return []
    if figures.independent is not None and round(figures.independent) < figures.n:
        found.append(f"Pictures belong together: the interval is that of {figures.independent:,.0f} independent ones.")
    if figures.multi_label and figures.mean_average_precision is not None:
        found.append(f"Mean average precision {figures.mean_average_precision:.3f}, F1 {figures.f1_micro or 0:.3f}.")
    if figures.repeats > 1:
        found.append(f"Each picture was held out {times(figures.repeats)}.")
    if figures.selected:
        found.append("Its settings are those of the best trial of a search, by validation alone.")
    if figures.loss is not None:
        found.append(f"Cross entropy {figures.loss:.4f}.")
    return found


def settings(facts: Facts) -> dict[str, str]:
    """Returns the experiment in a few words, by name; {} where it can't be read."""
    about, experiment = facts.about, facts.experiment
    found = _settings(experiment) if experiment else {}
    if about and about.frozen_layers and about.frozen_layers.engine:
        computed = f", {about.frozen_layers.computed:,} pictures computed" if about.frozen_layers.computed else ""
        found["Frozen layers"] = f"by {about.frozen_layers.engine}, up to {about.frozen_layers.cut}{computed}"
    if about and about.resumed_after:
        found["Interrupted"] = f"went on after epoch {', '.join(map(str, about.resumed_after))}"
    if about and about.given_by_a_program:
        found["Given by a program"] = ", ".join(about.given_by_a_program)
    return found


def _settings(experiment: Experiment) -> dict[str, str]:
    data, model = experiment.data, experiment.model
    source = ", ".join(data.folders.values()) if data.folders else str(data.dataset)
    height, width = data.image_size
    weights = f", {model.weights} weights" if model.weights else ", from scratch"
    return {
        "Data": source,
        "Size": f"{height} x {width}, {data.fit}",
        "Base": f"{model.base}{weights}",
        "Training": training_words(experiment),
        "Seed": str(experiment.seed),
    }


def training_words(experiment: Experiment) -> str:
    """Returns the phases of a training, or that its head was chosen."""
    if experiment.auto:
        return "head chosen by pictures that were held out"
    phases = (
        f"{phase.name}: {phase.epochs} epochs of {phase.optimizer} at {phase.learning_rate:g}"
        for phase in experiment.train
    )
    return "; ".join(phases)


def augmentation_words(experiment: Experiment | None) -> str:
    """Returns which changes training pictures get, "" for none."""
    if not experiment or not experiment.augment:
        return ""
    plain = type(experiment.augment)().model_dump()
    given = {key: value for key, value in experiment.augment.model_dump().items() if value != plain[key]}
    return ", ".join(key.replace("_", " ") + ("" if value is True else f" {value}") for key, value in given.items())


def versions(facts: Facts) -> str:
    """Returns what the run was made with."""
    about = facts.about
    if not about:
        return ""
    names = ("kerasvgg", "python", "tensorflow", "keras", "numpy")
    parts = [f"{name} {getattr(about, name)}" for name in names if getattr(about, name)]
    if about.platform:
        cores = f", {about.processors} processors" if about.processors else ""
        parts.append(f"{about.platform} {about.machine}{cores}".strip())
    return ", ".join(parts)
