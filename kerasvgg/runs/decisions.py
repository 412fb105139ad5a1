"""What a run decides by the clock: noted in its folder, so that it decides the same when it is resumed."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from kerasvgg.data.pictures.loading import Pictures
from kerasvgg.engines.engine import ENGINES, settings
from kerasvgg.errors import ConfigError, DataError
from kerasvgg.features.cache_key import threads
from kerasvgg.features.extractor import FeatureExtractor
from kerasvgg.files.reading import read_small
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.settings import Engine
from kerasvgg.training.resume import changed_settings

# What is decided, and whether a value can be it: the engine of the frozen layers, what its bits depend on, the seconds
# that the run was told to take before fine-tuning, and whether fine-tuning fits into the time.
CAN_BE: Mapping[str, Callable[[Any], bool]] = {
    "engine": lambda value: value in ENGINES,
    "computed_by": lambda value: isinstance(value, dict),
    "seconds": lambda value: type(value) in (int, float) and value >= 0,
    "fine_tuning_fits": lambda value: type(value) is bool,
}


def require_same_engine(before: Mapping[str, Any], engine: Engine) -> None:
    """Raises ConfigError where an engine is not what it was when the run began."""
    if changed := changed_settings(before, settings(engine, threads())):
        raise ConfigError(
            f"the run can't go on to the same end, because {engine} has changed: {'; '.join(changed)}. Put it back, "
            "say --force to go on nevertheless, or start a new run without --resume"
        )


class Decisions:
    """The decisions of a run in `folder`; without one, or where settings changed by `force`, there are none yet."""

    def __init__(self, folder: RunFolder | None, force: bool = False) -> None:
        self._folder = folder
        self._known = _read(folder) if folder and not force else {}

    def once(self, name: str, decide: Callable[[], Any]) -> Any:
        """Returns what was decided before, else what `decide` returns, which is noted."""
        if name not in self._known:
            self._known[name] = decide()
            if self._folder:
                self._folder.write_json(self._folder.decisions, self._known)
        return self._known[name]

    def engine(self, extractor: FeatureExtractor, pictures: Pictures) -> Engine:
        """Returns the engine by which the extractor's frozen layers see these pictures."""
        found: Engine = self.once("engine", lambda: extractor.parts.settled(pictures))
        if found == "ncnn":
            require_same_engine(self.once("computed_by", lambda: settings(found, threads())), found)
        return found


def _read(folder: RunFolder) -> dict[str, Any]:
    """Returns what is noted. Raises DataError for what no run has written."""
    if not folder.decisions.exists():
        return {}
    try:
        found = dict(json.loads(read_small(folder.decisions)))
        if "mode" in found:  # as runs from before there were engines have it
            found["engine"] = found.pop("mode")
        if strange := [name for name, value in found.items() if name not in CAN_BE or not CAN_BE[name](value)]:
            raise ValueError(f"`{strange[0]}` can't be {found[strange[0]]!r}")
    except (ValueError, TypeError, RecursionError) as error:
        raise DataError(f"`{folder.decisions}` is damaged: {str(error)[:200]}") from error
    return found
