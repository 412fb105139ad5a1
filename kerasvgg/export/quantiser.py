"""Files of one model in int8: what they are made of is made once."""

import json
import shutil
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from kerasvgg.export.convert import Step, convert, layers_file
from kerasvgg.export.formats import Format
from kerasvgg.process.progress import say


class Quantiser:
    """Writes int8 files of a model in `staging`, calibrated by the `training` pictures, files.

    `onnx` is its ONNX file in float32, beside which the layers are named. Kernels are rounded before anything else (see
    `rounding`), but for that of the last layer, which stays in float32, because logits need finer steps.
    """

    def __init__(self, model: Path, onnx: Path, training: Sequence[Path], staging: Path) -> None:
        self._model, self._onnx, self._staging = model, onnx, staging
        self._pictures = tuple(map(str, training))
        self._made: dict[tuple[str, ...], Path] = {}
        self._sources: dict[tuple[str, ...], Path] = {}

    @cached_property
    def layers(self) -> dict[str, int]:
        """The layers with a kernel, in order, and how many weights it has."""
        found: dict[str, int] = json.loads(layers_file(self._onnx).read_text(encoding="utf-8"))
        return found

    def share_of(self, floats: Sequence[str]) -> float:
        """Returns the share of the weights that layers have, the last one aside."""
        others = list(self.layers)[:-1]
        return sum(self.layers[name] for name in others if name in floats) / max(
            1, sum(self.layers[name] for name in others)
        )

    def write(self, one: Format, file: Path, floats: tuple[str, ...]) -> None:
        """Writes a format, but for these layers in int8; what is made of ONNX files is made of ONNX Runtime's."""
        if not one.takes_onnx:
            given = {"model": str(self._model), "weights": str(self._weights)}
            convert(Step(f"{one.name} in int8", str(file), **given, pictures=self._pictures, floats=floats))
            return
        source = self._in_onnx(floats)
        if one.by_onnx:
            convert(Step(one.name, str(file), source=str(source)))
        else:
            shutil.copyfile(source, file)

    def _in_onnx(self, floats: tuple[str, ...]) -> Path:
        if floats not in self._made:
            target = self._staging / f"int8.{len(self._made)}.onnx"
            source, ranges = self._rounded(floats), self._ranges
            convert(Step("onnx in int8", str(target), source=str(source), ranges=str(ranges), floats=floats))
            self._made[floats] = target
        return self._made[floats]

    def harmful(self, shown: Sequence[Path]) -> list[str]:
        """Returns the layers, most harmful in int8 first, by these pictures; without the last one."""
        target, layers = self._staging / "order.json", tuple(self.layers)[:-1]
        if not target.exists():
            say(f"int8: which of {len(layers)} layers spoils the answers")
            given = {"source": str(self._onnx), "ranges": str(self._ranges_of(self._onnx))}
            convert(Step("order of layers", str(target), **given, pictures=tuple(map(str, shown)), floats=layers))
        found: list[str] = json.loads(target.read_text(encoding="utf-8"))
        return found

    @cached_property
    def _weights(self) -> Path:
        target, last = self._staging / "weights.npz", tuple(self.layers)[-1:]
        say(f"int8: kernels are rounded by {len(self._pictures):,} training pictures")
        convert(Step("rounded kernels", str(target), model=str(self._model), pictures=self._pictures, floats=last))
        return target

    def _rounded(self, floats: tuple[str, ...]) -> Path:
        """Returns the ONNX file in which all kernels but those of these layers are rounded."""
        if floats not in self._sources:
            target = self._staging / f"rounded.{len(self._sources)}.onnx"
            convert(Step("onnx", str(target), model=str(self._model), weights=str(self._weights), floats=floats))
            self._sources[floats] = target
        return self._sources[floats]

    @cached_property
    def _ranges(self) -> Path:
        """Of the file with all kernels rounded: others may lack a bias, and so a place whose range is asked for."""
        return self._ranges_of(self._rounded(tuple(self.layers)[-1:]))

    def _ranges_of(self, source: Path) -> Path:
        target = source.with_suffix(".ranges.json")
        say(f"int8: ranges of activations on {len(self._pictures):,} training pictures")
        convert(Step("ranges of activations", str(target), source=str(source), pictures=self._pictures))
        return target
