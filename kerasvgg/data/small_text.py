"""Text files that anybody may have put there."""

from pathlib import Path

from kerasvgg.data.plain_file import why_not_plain
from kerasvgg.errors import DataError

LARGEST = 4_000_000


def read_small(path: Path, largest: int = LARGEST) -> str:
    """Returns the text of a plain file. Raises DataError for a pipe, a device, more bytes than that, or no UTF-8."""
    if reason := why_not_plain(path):
        raise DataError(f"`{path}` can't be read: {reason}")
    try:
        with path.open("rb") as file:
            content = file.read(largest + 1)
    except OSError as error:
        raise DataError(f"`{path}` can't be read: {error.strerror or error}") from error
    if len(content) > largest:
        raise DataError(f"`{path}` must be at most {largest:,} bytes long")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(f"`{path}` must be UTF-8, received the byte 0x{content[error.start]:02x}") from None
