"""One export after the other: written by one process, opened again by another, held against Keras, and moved."""

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kerasvgg.errors import DataError, KerasVGGError, ModelFileError
from kerasvgg.evaluation.test_access import record_access, require_countable
from kerasvgg.export import program
from kerasvgg.export.convert import Step, convert
from kerasvgg.export.formats import FORMATS, Format
from kerasvgg.export.int8 import fewest_floats
from kerasvgg.export.measure import Measured, measure
from kerasvgg.export.proof import Proof, prove
from kerasvgg.export.quantiser import Quantiser
from kerasvgg.export.record import Exported, Exports, write_record
from kerasvgg.export.source import Source, draw, some
from kerasvgg.export.to_web import runtime
from kerasvgg.files.atomic import write_bytes
from kerasvgg.process.progress import say

PROGRAM = "predict.py"
LOOKED_AT = 16  # pictures by which layers are put in order
OLD = "old."  # begins the name of what is replaced, as long as it is not
MOST_FLOATS = 0.5  # of the weights; with more in float32 an export in int8 saves next to nothing
SECONDS_TO_WRITE = 10  # a file, with the imports of TensorFlow


class Work:
    """Exports of one model, written and proven in `staging`, and moved to `target` from there.

    With `keep_anyway` those are moved, too, that are refused; for `max_shift` see `Proof.refusals`.
    """

    def __init__(self, source: Source, target: Path, staging: Path, max_shift: float, keep_anyway: bool) -> None:
        self._target, self._staging = target, staging
        self._shift, self._keep = max_shift, keep_anyway
        self._program = staging / PROGRAM
        self._program.write_bytes(Path(program.__file__).read_bytes())
        pictures = source.pictures or draw(staging)
        if source.test_hash:
            require_countable()
        say(f"Keras says what it makes of {len(pictures):,} pictures ({source.part or 'drawn'})")
        self._keras = measure(source.model, None, [one.path for one in pictures], "Keras")
        self._shown = [one for place, one in enumerate(pictures) if place not in self._keras.refused]
        if not self._shown:
            raise DataError(f"`--pictures` must hold at least one picture, received none: {self._keras.refused[0]}")
        self._source = source
        self._quantiser = Quantiser(source.model, self._onnx, source.training, staging)
        self._test_seen: int | None = None
        self._said = _said_of(source, self._keras.rows)

    def exports(self, asked: Sequence[Format], int8: bool) -> Exports:
        """Writes and proves these formats, and writes the program and the record that go with them."""
        kinds = [(one, is_int8) for one in asked for is_int8 in (False, True) if not is_int8 or (int8 and one.has_int8)]
        seconds = len(kinds) * (len(self._shown) + len(self._source.test)) * self._keras.milliseconds / 1000
        minutes = 1 + (seconds + SECONDS_TO_WRITE * len(kinds)) // 60
        say(f"to write and to prove on {len(self._shown):,} pictures: {len(kinds)} (about {minutes:.0f} min)")
        if any(one.is_page for one in asked):
            runtime()  # before anything long, because it may have to be fetched
        if int8 or any(one.takes_onnx for one in asked):
            convert(Step("onnx", str(self._onnx), model=str(self._source.model)))
        made = self._made([])
        write_record(made, self._source, self._shift)  # first of all, so that the folder is known again
        write_bytes(self._target / PROGRAM, self._program.read_bytes())
        for one, is_int8 in kinds:
            made = self._made([*made.files, self._exported(one, is_int8)])
            write_record(made, self._source, self._shift)
        return made

    def _made(self, files: Sequence[Exported]) -> Exports:
        size, model = self._source.model.stat().st_size, self._keras
        about = self._source.part, len(self._shown), size, model.milliseconds, model.memory
        return Exports(self._target, *about, tuple(files), self._test_seen)

    def _exported(self, one: Format, is_int8: bool) -> Exported:
        say(f"{one.name}{' in int8' if is_int8 else ''}: written, and opened again")
        file = self._staging / one.file_name(is_int8)
        if is_int8:
            floats, measured, proof = self._int8(one, file)
        else:
            self._convert(one, file)
            floats, (measured, proof) = (), self._proven(file)
        files = [file, *(file.with_suffix(suffix) for suffix in one.companions)]
        size = sum(_size(part) for part in files)
        refusals = proof.refusals(is_int8=is_int8, most_shift=self._shift)
        if is_int8 and not refusals and (share := self._quantiser.share_of(floats)) > MOST_FLOATS:
            refusals = [f"{len(floats)} layers had to stay in float32, with {100 * share:.0f} % of the weights"]
        stays = not refusals or self._keep
        test = self._tested(file) if stays else None
        _remove([self._target / part.name for part in files if not stays or one.companions])
        if stays:
            for part in reversed(files):
                _replace(part, self._target / part.name)
        kept = self._target / file.name if stays else None
        return Exported(
            one.name, is_int8, kept, size, measured.milliseconds, measured.memory, floats, proof, test, tuple(refusals)
        )

    def _convert(self, one: Format, file: Path) -> None:
        if one.by_onnx:
            convert(Step(one.name, str(file), source=str(self._onnx)))
        elif one.takes_onnx:
            shutil.copyfile(self._onnx, file)
        else:
            convert(Step(one.name, str(file), model=str(self._source.model)))

    @property
    def _onnx(self) -> Path:
        return self._staging / "source.onnx"

    def _proven(self, file: Path) -> tuple[Measured, Proof]:
        measured = measure(file, self._program, [one.path for one in self._shown], file.name)
        if measured.refused:
            place, why = next(iter(measured.refused.items()))
            raise KerasVGGError(f"{file.name}: {self._shown[place].path}: {why}")
        return measured, prove(self._keras.rows, measured.rows, [one.label for one in self._shown], self._said)

    def _tested(self, file: Path) -> Proof | None:
        if not self._source.test:
            return None
        measured = measure(file, self._program, [one.path for one in self._source.test], f"{file.name}, test")
        kept = [place for place in range(len(self._source.test)) if place not in measured.refused]
        before = np.array([self._source.tested[place].probabilities for place in kept])
        proof = prove(before, measured.rows, [self._source.test[place].label for place in kept], self._said)
        if proof.changed and self._test_seen is None:  # else nothing new was seen
            self._test_seen = record_access(self._source.test_hash, self._target)
        return proof

    def _int8(self, one: Format, file: Path) -> tuple[tuple[str, ...], Measured, Proof]:
        """Writes a file in int8, with the last layer and as few others in float32 as it passes with."""
        layers = list(self._quantiser.layers)
        if not layers:
            raise ModelFileError("the model must have a layer with a kernel for `--int8`, received none")
        tried: list[tuple[tuple[str, ...], Measured, Proof]] = []

        def passes(floats: Sequence[str]) -> bool:
            name = file if not tried else file.with_name(f"{len(tried)}.{file.name}")
            all_floats = (*floats, layers[-1])
            self._quantiser.write(one, name, all_floats)
            measured, proof = self._proven(name)
            tried.append((all_floats, measured, proof))
            refused = proof.refusals(is_int8=True, most_shift=self._shift)
            if floats and not refused:
                for suffix in (file.suffix, *one.companions):
                    name.with_suffix(suffix).replace(file.with_suffix(suffix))
            return not refused

        looked_at = [one.path for one in some(self._shown, LOOKED_AT)]
        floats = [] if passes([]) else fewest_floats(self._quantiser.harmful(looked_at), passes)
        if floats is None:
            return tried[0]
        return next(found for found in tried if len(found[0]) == len(floats) + 1)


def _said_of(source: Source, rows: np.ndarray) -> dict[str, Any]:
    about = source.about
    names = about.class_names if about else tuple(map(str, range(rows.shape[1])))
    return {"class_names": names, "thresholds": about.thresholds if about else None}


def _size(path: Path) -> int:
    return sum(one.stat().st_size for one in path.rglob("*") if one.is_file()) if path.is_dir() else path.stat().st_size


def _replace(part: Path, target: Path) -> None:
    """Moves a finished file, or folder, into its place; what stood there is put back where that fails."""
    if target.is_dir():
        target.rename(part.with_name(OLD + part.name))
    try:
        part.replace(target)
    except BaseException:
        put_back(part.parent, target.parent)
        raise


def put_back(staging: Path, target: Path) -> None:
    """Moves folders back that were to be replaced, and were not."""
    for old in staging.glob(f"{OLD}*"):
        if not (place := target / old.name.removeprefix(OLD)).exists():
            old.rename(place)


def remove_exports(folder: Path) -> None:
    """Removes all that an export writes, but for its record."""
    files = (folder / one.file_name(is_int8) for one in FORMATS.values() for is_int8 in (False, True))
    suffixes = {suffix for one in FORMATS.values() for suffix in one.companions}
    _remove(part for file in files for part in (file, *(file.with_suffix(one) for one in suffixes)))


def _remove(parts: Iterable[Path]) -> None:
    for part in parts:
        if part.is_dir():
            shutil.rmtree(part)
        else:
            part.unlink(missing_ok=True)
