"""A model in other formats, each proven before it stays."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from os import PathLike
from pathlib import Path
from typing import Any

from kerasvgg.errors import ConfigError
from kerasvgg.export.formats import formats
from kerasvgg.export.proof import USUAL_SHIFT
from kerasvgg.export.record import Exports, read_record
from kerasvgg.export.source import Source, source_of_file, source_of_run
from kerasvgg.export.work import Work, put_back, remove_exports
from kerasvgg.files.atomic import sweep
from kerasvgg.files.hashing import fingerprint
from kerasvgg.files.lock import locked
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.report.run_page import write_page

STAGING = ".export-"


def export_model(
    model: Any,
    to: Sequence[str] = ("onnx",),
    *,
    int8: bool = False,
    output: str | PathLike[str] | None = None,
    pictures: str | PathLike[str] | None = None,
    max_shift: float = USUAL_SHIFT,
    keep_anyway: bool = False,
) -> Exports:
    """Writes a model in other formats, opens each by its own runtime and holds it against Keras on real pictures.

    `model` is a run folder, a model file, or what `open_model` or a recipe has returned; `to` are names of `FORMATS`.
    With `int8` each format that can is written so, too. `output` is a folder, left out `exports` in the run or here.
    `pictures`, class folders or a flat folder, take the place of the run's validation pictures; a model file in int8
    needs them. What differs too much is in `refused` and was not kept, unless `keep_anyway`; `max_shift` is how far a
    probability of an int8 export may move. Raises ConfigError for what can't be asked for, DataError for pictures that
    are gone, and KerasVGGError for a model that can't be converted.
    """
    asked, folder = formats(to, int8), Path(pictures) if pictures is not None else None
    if not 0 < max_shift <= 1:
        raise ConfigError(f"`--max-shift` must be above 0 and at most 1, received {max_shift}")
    with _source(model, folder) as (source, place, run):
        if int8 and not source.pictures:
            raise ConfigError(
                "`--int8` needs `--pictures FOLDER` for a model file: pictures as it will see, received none"
            )
        target = Path(output) if output is not None else place
        with _held(target, source, is_ours=run is not None and target == run.exports) as staging:
            made = Work(source, target, staging, max_shift, keep_anyway).exports(asked, int8)
        if run and target == run.exports and run.report.is_file():
            write_page(run)
        return made


@contextmanager
def _source(model: Any, pictures: Path | None) -> Iterator[tuple[Source, Path, RunFolder | None]]:
    """Yields what is exported, the folder for it where none is named, and the run that it is of, if it is one's."""
    folder = getattr(model, "folder", None)
    if isinstance(model, str | PathLike) or folder:
        path = folder.path if folder else Path(model)
        if path.is_dir():
            run = RunFolder.open(path)
            yield source_of_run(run, pictures), run.exports, run
        else:
            yield source_of_file(path, pictures), Path("exports") / path.stem, None
        return
    from kerasvgg.models.save import save_model

    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / f"{model.model.name}.keras"
        save_model(model.model, path, model.description)
        identity = fingerprint(model.model.weights)  # the file's own bytes say when it was written
        yield source_of_file(path, pictures, identity), Path("exports") / path.stem, None


@contextmanager
def _held(target: Path, source: Source, *, is_ours: bool) -> Iterator[Path]:
    """Yields a folder to work in, within the target, which no other process works in meanwhile.

    Raises ConfigError for a target that holds other files, unless it `is_ours`, or exports of another model.
    """
    with _removed_if_empty(target), locked(target / ".lock"):
        _require_ours(target, source, is_ours)
        sweep(target)
        for left in target.glob(f"{STAGING}*"):
            put_back(left, target)
            shutil.rmtree(left, ignore_errors=True)
        staging = Path(tempfile.mkdtemp(prefix=STAGING, dir=target.absolute()))
        try:
            yield staging
        finally:
            shutil.rmtree(staging, ignore_errors=True)


@contextmanager
def _removed_if_empty(target: Path) -> Iterator[None]:
    try:
        yield
    finally:
        with suppress(OSError):  # there is something in it, or it was never made
            target.rmdir()


def _require_ours(target: Path, source: Source, is_ours: bool) -> None:
    there, known = [one.name for one in target.iterdir() if not one.name.startswith(".")], read_record(target)
    if known is None:
        if there and not is_ours:
            allowed = "a new folder, an empty one, or one of exports"
            raise ConfigError(f"`--output` must be {allowed}, received {target}: {there[0]}")
        remove_exports(target)  # of a model that the run had before
    elif known.identity != source.identity:
        raise ConfigError(f"`--output` must not hold exports of another model, received {target} with {known.model}'s")
