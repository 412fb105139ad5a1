"""Pillow's warnings while pictures are decoded, in however many threads."""

import threading
import warnings
from types import TracebackType


class PillowWarnings:
    """A context in which decompression bombs are errors and remarks about odd metadata are not heard.

    Python keeps one list of filters for all threads, and `catch_warnings` in several of them at a time would put
    back the wrong one. So the first thread to come in sets the filters and the last to go out puts them back.
    """

    def __init__(self) -> None:
        self._lock, self._inside = threading.Lock(), 0
        self._before = warnings.catch_warnings()

    def __enter__(self) -> None:
        from PIL.Image import DecompressionBombWarning

        with self._lock:
            if not self._inside:
                self._before = warnings.catch_warnings()
                self._before.__enter__()
                warnings.simplefilter("error", DecompressionBombWarning)
                warnings.filterwarnings("ignore", category=UserWarning)
            self._inside += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._before.__exit__(kind, error, trace)
