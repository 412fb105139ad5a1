"""What has arrived of a download, and beside it which version of which address it is."""

import json
from dataclasses import dataclass
from pathlib import Path

from kerasvgg.atomic import write_text


@dataclass(frozen=True)
class Part:
    """The unfinished content of `path`: `path.part`, described by `path.part.json`."""

    path: Path

    @property
    def content(self) -> Path:
        """Returns the path of the bytes that have arrived."""
        return self.path.with_name(self.path.name + ".part")

    @property
    def size(self) -> int:
        """Returns how many bytes have arrived."""
        return self.content.stat().st_size if self.content.exists() else 0

    def begin(self, url: str, tag: str | None, total: int | None) -> None:
        """Starts over, with nothing of the version `tag` of `url`, which has `total` bytes."""
        # In this order: a kill in between leaves no bytes under the wrong description.
        self.content.write_bytes(b"")
        write_text(self._note, json.dumps({"url": url, "tag": tag, "total": total}) + "\n")

    def resume(self, url: str, unnamed: bool) -> tuple[int, str | None, int | None]:
        """Returns how many bytes of `url` are here, their version's tag and their total; drops what can't be continued.

        A version without a tag can be continued only if `unnamed`, that is if a hash will tell.
        """
        try:
            note = json.loads(self._note.read_text(encoding="utf-8"))
            tag, total = note["tag"], note["total"]
            usable = note["url"] == url and (tag or unnamed)
        except (OSError, ValueError, LookupError, TypeError):
            usable = False
        if not usable:
            self.drop()
            return 0, None, None
        return self.size, tag, total

    def drop(self) -> None:
        """Removes what has arrived."""
        self.content.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    @property
    def _note(self) -> Path:
        return self.path.with_name(self.path.name + ".part.json")
