"""The log: one JSON object a line on stderr, without pictures, their names, or tokens."""

import json
import logging
import os
from datetime import UTC, datetime
from typing import Any

from kerasvgg.process.progress import LOGGER


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Returns the line."""
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        said: dict[str, Any] = {"time": when, "level": record.levelname.lower(), "process": os.getpid()}
        said |= {"event": record.getMessage(), **getattr(record, "fields", {})}
        if record.exc_info:
            said["traceback"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=False, default=str)


def begin_log() -> None:
    """Has this process log so, with what its libraries warn of."""
    for handler in LOGGER.handlers:
        handler.setFormatter(JsonLines())
    LOGGER.setLevel(logging.INFO)
    others = logging.getLogger()
    others.handlers = LOGGER.handlers
    others.setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
    logging.getLogger("python_multipart").setLevel(logging.ERROR)  # it tells of each form what is wrong with it


def event(name: str, level: int = logging.INFO, **fields: Any) -> None:
    """Logs what has happened."""
    LOGGER.log(level, "%s", name, extra={"fields": fields})


def trouble(name: str, error: BaseException) -> None:
    """Logs a mistake of ours, with where it happened."""
    LOGGER.error("%s", name, exc_info=error)
