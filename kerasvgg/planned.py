"""The split that an experiment asks for."""

from pathlib import Path

from kerasvgg.config.did_you_mean import did_you_mean
from kerasvgg.config.experiment import Experiment
from kerasvgg.data import catalog
from kerasvgg.data.split import Split, plan_split
from kerasvgg.errors import DataError


def planned(experiment: Experiment) -> Split:
    """Returns the experiment's pictures, split as it says; nothing is written."""
    data = experiment.data
    how = data.split.model_dump() if data.split else {}
    how |= {"classes": data.classes, "leave_out_last": data.leave_out_last, "seed": experiment.seed}
    return plan_split(data_folder(data.dataset), **how)


def data_folder(dataset: str) -> Path:
    """Returns the folder of a data set: of a name in the catalog, or the path that it is.

    Raises DataError for what is neither.
    """
    if dataset in catalog.CATALOG:
        return catalog.source(dataset)
    if not Path(dataset).exists():
        allowed = f"a folder of pictures or one of {', '.join(catalog.CATALOG)}"
        question = did_you_mean(dataset, catalog.CATALOG)
        raise DataError(f"`data.dataset` must be {allowed}; received {dataset!r}, which is neither{question}")
    return Path(dataset)
