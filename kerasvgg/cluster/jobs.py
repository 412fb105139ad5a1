"""The jobs that there are: predictions, evaluation, features, a look for copies and bad files; each in its folder."""

import random
import time
from collections.abc import Iterator
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

from kerasvgg.cluster.evaluation import listing, scored_by, test_part
from kerasvgg.cluster.features import feature_task
from kerasvgg.cluster.predictions import prediction_task
from kerasvgg.cluster.run import Done, Where, open_ledger, run_job
from kerasvgg.cluster.tables import write_bad, write_copies, write_pictures, write_predictions
from kerasvgg.config.experiment import Experiment
from kerasvgg.data.pictures.decode import DECODER_VERSION
from kerasvgg.data.streams.items import Item
from kerasvgg.data.streams.records import stream
from kerasvgg.errors import ConfigError
from kerasvgg.evaluation.test_access import require_countable
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.process.progress import say
from kerasvgg.runs.evaluate import Evaluation, write_evaluation
from kerasvgg.runs.evaluation_set import EvaluationSet, known_before
from kerasvgg.settings import Engine

MIXED = 20_000  # files that are listed ahead, where their order is to be another


def predict_job(
    model: Path, source: str, folder: Path, where: Where, *, engine: Engine | None = None, unknown: bool = False
) -> Done:
    """Predicts all pictures of a source (see `items`) into predictions.csv, predictions.parquet and bad.csv.

    What the folder knows already is not done again. Raises KerasVGGError for a model that can't be opened, a source
    that is not there, another job's folder, or where no worker is left.
    """
    about, task = prediction_task(model, source, where.threads_each, engine, unknown)
    with open_ledger(folder, {**task.about, **where.mixed}) as ledger:
        done = run_job(ledger, source, task, where)
        say(f"writing {folder}")
        write_predictions(ledger, folder, about, unknown)
        write_bad(ledger, folder)
    return done


def evaluate_job(
    model: Path,
    source: str,
    folder: RunFolder,
    where: Where,
    *,
    run: RunFolder,
    engine: Engine | None = None,
    dark: bool = False,
) -> tuple[Done, Evaluation | None]:
    """Predicts all pictures of a source (see `items`) and writes what `evaluate` does, once all could be read.

    Of a split folder it is the test part. `run` is the folder of the model, which may be a run's: warned is of pictures
    that it came about by. The figures hold all predictions in memory. Raises as `predict_job` and `scored_by` do.
    """
    started = time.monotonic()
    require_countable()
    source, part = test_part(source)
    about, task = prediction_task(model, source, where.threads_each, engine, unknown=False)
    with open_ledger(folder.path, {**task.about, **where.mixed}) as ledger:
        listed = set[str]()
        done = run_job(ledger, source, task, where, lambda found: listing(found, source, about, listed))
        if done.failed:
            return done, None
        say(f"writing {folder.path}")
        scored = scored_by(ledger, source, about, part, listed)
        write_bad(ledger, folder.path)
    asked = EvaluationSet(Path(source), part, tuple(scored.pictures), tuple(scored.left_out))
    known = known_before(asked, run)
    how: dict[str, Any] = {"source": str(model), "known": known, "dark": dark}
    return done, write_evaluation(folder, about, asked, scored, started, **how)


def feature_job(
    experiment: Experiment, source: str, folder: Path | None, where: Where, *, engine: Engine | None = None
) -> tuple[Done, Path]:
    """Computes an experiment's frozen layers for all pictures of a source (see `items`) into shards in a folder.

    Without a `folder` it is the one where the experiment's runs look for them. Raises as `predict_job` does.
    """
    some = (record.load for record in stream(source, (), []))
    if where.allow_mixed and folder is None:
        raise ConfigError(
            "`--output` must name a folder where `--allow-mixed` takes machines that differ, received none"
        )
    task = feature_task(experiment, some, where.threads_each, engine, folder)
    with open_ledger(task.folder, {**task.about, **where.mixed}) as ledger:
        done = run_job(ledger, source, task, where, _mixed)
        write_pictures(ledger, task.folder)
        write_bad(ledger, task.folder)
    return done, task.folder


def _mixed(found: Iterator[Item]) -> Iterator[Item]:
    """Yields the files in an order in which neighbours in a folder are apart, so that shards have all kinds of them."""
    draw, held = random.Random(0), list(islice(found, MIXED))
    draw.shuffle(held)
    for one in found:
        place = draw.randrange(len(held))
        yield held[place]
        held[place] = one
    yield from held


def check_job(source: str, folder: Path, where: Where) -> Done:
    """Looks for files that can't be decoded and for exact copies: pictures.csv and .parquet, copies.csv and bad.csv.

    Raises as `predict_job` does.
    """
    about = {"contents of pictures": "SHA-256", "decoder": f"{DECODER_VERSION}, Pillow {version('pillow')}"}
    with open_ledger(folder, about) as ledger:
        done = run_job(ledger, source, None, where)
        for write in (write_pictures, write_copies, write_bad):
            write(ledger, folder)
    return done
