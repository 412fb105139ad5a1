"""Copies of a model's files: what answers, and what is begun again after a fault, is what was judged, whatever becomes
of the files themselves.
"""

import hashlib
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from kerasvgg.errors import ModelFileError
from kerasvgg.export.formats import FORMATS
from kerasvgg.files.run_folder import RunFolder

SAVED_MODEL = "saved_model.pb"  # which the folder of a SavedModel holds
COMPANIONS = {".xml": ".bin"}
LETTERS = 12  # of a hash, by which a model is called
State = tuple[tuple[str, int, int, int], ...]  # name, inode, size and time of each file


@dataclass(frozen=True)
class Snapshot:
    """A copy of a model's files at `path`, in a folder of its own; `name` is of their content."""

    path: Path
    name: str

    def remove(self) -> None:
        """Removes the copy."""
        shutil.rmtree(self.path.parent, ignore_errors=True)


class Source:
    """A run folder, a model file or an export, whose files may be replaced at any time."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._file = _file_of(place)
        self._seen, self._taken = self.state(), State()

    def state(self) -> State:
        """Returns what tells one version of the files from the next; nothing where they are not there."""
        found = []
        for path in _parts(self._file):
            try:
                about = path.stat()
            except OSError:
                return ()
            found.append((path.name, about.st_ino, about.st_size, about.st_mtime_ns))
        return tuple(found)

    def has_changed(self) -> bool:
        """Tells whether there is another version than was taken, which nobody has written to since the last look."""
        before, self._seen = self._seen, self.state()
        return bool(self._seen) and self._seen == before and self._seen != self._taken

    def take(self, into: Path) -> Snapshot | None:
        """Returns a copy of the files, None where they change meanwhile. Raises OSError where they can't be read."""
        self._taken = before = self.state()
        if not before:
            raise ModelFileError(f"`{self._file}` must be a model's file, received nothing there")
        folder = Path(tempfile.mkdtemp(dir=into))
        copy = folder / self._file.name
        if self._file.is_dir():
            shutil.copytree(self._file, copy)
        else:
            for path in _parts(self._file):
                shutil.copyfile(path, folder / path.name)
        if self.state() != before:
            shutil.rmtree(folder, ignore_errors=True)
            self._taken = State()
            return None
        return Snapshot(copy, _hash(folder)[:LETTERS])


def _file_of(place: Path) -> Path:
    """Returns the file, or a SavedModel's folder. Raises ModelFileError for what is neither a model nor a run."""
    allowed = [".keras", ".h5", *sorted({Path(one.file).suffix for one in FORMATS.values()} - {""})]
    if (place / SAVED_MODEL).is_file() or (place.is_file() and place.suffix in allowed):
        return place
    if place.is_dir() and RunFolder(place).is_there:
        return RunFolder.open(place).model_keras
    received = "another file" if place.is_file() else "another folder" if place.is_dir() else "nothing there"
    raise ModelFileError(
        f"`{place}` must be a run folder, a model file, or what `kerasvgg export` wrote ({', '.join(allowed)}, or the "
        f"folder saved_model), received {received}"
    )


def _parts(file: Path) -> list[Path]:
    if file.is_dir():
        return sorted(path for path in file.rglob("*") if path.is_file())
    companion = COMPANIONS.get(file.suffix)
    return [file, *([file.with_suffix(companion)] if companion else [])]


def _hash(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        with path.open("rb") as file:
            digest.update(path.name.encode() + hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()
