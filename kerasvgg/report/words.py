"""A run's facts in words, for its page and its model card."""

from collections import Counter
from pathlib import PurePath

from kerasvgg.config.experiment import Experiment
from kerasvgg.evaluation.test_access import times
from kerasvgg.report.facts import PARTS, Facts
from kerasvgg.report.figures import Figures

UNITS = ((90, 1, "seconds"), (5400, 60, "minutes"), (float("inf"), 3600, "hours"))


def summary(facts: Facts) -> str:
    """Returns what a run is of, in a line."""
    count = facts.about.images if facts.about and facts.about.images else len(facts.split)
    words = f"{count:,} pictures of {len(facts.class_names) or len(facts.counts)} classes"
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
        return "held-out pictures"
    if figures.split in ("test", "validation"):
        return f"{figures.split} pictures"
    return "pictures"


def notes(facts: Facts) -> list[str]:
    """Returns what else belongs to an accuracy."""
    figures, found = facts.figures, []
    if not figures:
        return []
    if figures.independent is not None and round(figures.independent) < facts.n:
        why = "What folds train on overlaps" if figures.split == "folds" else "Pictures belong together"
        found.append(f"{why}: the interval is that of {figures.independent:,.0f} independent pictures.")
    if figures.stochastic:
        found.append(f"It is of the mean of {figures.stochastic.passes:,} passes with dropout at work.")
    if figures.multi_label and figures.mean_average_precision is not None:
        found.append(f"Mean average precision {figures.mean_average_precision:.3f}, F1 {figures.f1_micro or 0:.3f}.")
    if figures.repeats > 1:
        found.append(f"Each picture was held out {times(figures.repeats)}; matrices count all of them.")
    if figures.selected:
        found.append("Its settings are those of the best trial of a search, by validation alone.")
    if figures.loss is not None:
        found.append(f"Cross entropy {figures.loss:.4f}.")
    return found


def settings(facts: Facts) -> dict[str, str]:
    """Returns the experiment in a few words, by name; {} where it can't be read."""
    about, experiment = facts.about, facts.experiment
    found = _settings(experiment, facts.figures) if experiment else {}
    if about and about.frozen_layers and about.frozen_layers.engine:
        computed = f", {about.frozen_layers.computed:,} pictures computed" if about.frozen_layers.computed else ""
        found["Frozen layers"] = f"by {about.frozen_layers.engine}, up to {about.frozen_layers.cut}{computed}"
    if about and about.resumed_after:
        found["Interrupted"] = f"went on after epoch {', '.join(map(str, about.resumed_after))}"
    if about and about.given_by_a_program:
        found["Given by a program"] = ", ".join(about.given_by_a_program)
    return found


def _settings(experiment: Experiment, figures: Figures | None) -> dict[str, str]:
    data, model = experiment.data, experiment.model
    source = ", ".join(data.folders.values()) if data.folders else str(data.dataset)
    height, width = data.image_size
    weights = f", {model.weights} weights" if model.weights else ", from scratch"
    return {
        "Data": source,
        "Size": f"{height} x {width}, {data.fit}",
        "Base": f"{model.base}{weights}",
        "Training": training_words(experiment, figures),
        "Seed": str(experiment.seed),
    }


def training_words(experiment: Experiment, figures: Figures | None) -> str:
    """Returns the phases of a training, or that its head was chosen."""
    if experiment.auto:
        is_tuned = bool(figures and figures.fine_tuning and figures.fine_tuning.taken)
        return "head chosen by pictures that were held out" + (", then fine-tuned" if is_tuned else "")
    phases = (
        f"{phase.name}: {phase.epochs} epochs of {phase.optimizer} at {phase.learning_rate:g}"
        for phase in experiment.train
    )
    return "; ".join(phases)


def parts_words(facts: Facts) -> str:
    """Returns how many pictures each part of the split has; what trained and is not listed is told, too."""
    parts = Counter(row["split"] for row in facts.split)
    found = [f"{parts[part]:,} {part}" for part in PARTS if parts[part]]
    images = facts.about.images if facts.about else None
    if facts.kind == "run" and not parts["train"] and images and images > len(facts.split):
        found.insert(0, f"{images - len(facts.split):,} train, which are not listed")
    return ", ".join(found)


def dataset_words(experiment: Experiment | None) -> str:
    """Returns what a data set is called, without where it lies."""
    if experiment is None:
        return "unknown"
    data = experiment.data
    return "folders" if data.folders else PurePath(str(data.dataset)).name or "pictures"


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
