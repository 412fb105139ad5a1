"""The files of a folder, as somebody's list may name them."""

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path, PurePosixPath
from unicodedata import normalize

from kerasvgg.errors import DataError
from kerasvgg.files.text import escape, printable


class NamedFiles:
    """The files that lie at `places` below `root`; a name is only ever looked up among them, never opened.

    `left_out` says of others why they are not among them.
    """

    def __init__(self, root: Path, places: Iterable[str], left_out: Mapping[str, str] | None = None) -> None:
        self.root = root
        self._places = {printable(place): place for place in places}
        self._left_out = left_out or {}

    def find(self, name: str) -> str:
        """Returns the place of the file that has this path or, where there is none, this stem.

        A path may begin with the root's own, and its letters may be composed otherwise (Unicode's NFC and NFD).
        Raises DataError for a path that leads outside, for a file that is missing, and for a stem of several pictures.
        """
        if name in self._places:
            return self._places[name]
        path = self._below_root(posixpath.normpath(name.strip()))
        if path.startswith("/") or path.split("/")[0] == "..":
            raise DataError(f"{name!r} must lie inside `{escape(self.root)}`")
        if path in self._places:
            return self._places[path]
        found = self._composed.get(normalize("NFC", path), []) or self._pictures(path)
        if len(found) > 1:
            raise DataError(f"{name!r} must be the name of one picture, received {escape(', '.join(sorted(found)))}")
        if not found:
            above = (path, *map(str, PurePosixPath(path).parents))
            reason = next((self._left_out[one] for one in above if one in self._left_out), "there is no such file")
            raise DataError(f"{name!r} must be a file in `{escape(self.root)}`: {reason}")
        return found[0]

    def _below_root(self, path: str) -> str:
        """Returns an absolute path that leads into the root as one from there, any other as it is."""
        if not path.startswith("/"):
            return path
        for root in (self.root.absolute(), self.root.resolve()):
            if PurePosixPath(path).is_relative_to(root.as_posix()):
                return PurePosixPath(path).relative_to(root.as_posix()).as_posix()
        return path

    @cached_property
    def _composed(self) -> dict[str, list[str]]:
        """The places by their names in Unicode's composed form."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for name, place in self._places.items():
            found[normalize("NFC", name)].append(place)
        return found

    def _pictures(self, stem: str) -> list[str]:
        """Returns the files of this stem; of several, those that are pictures."""
        found = self._by_stem.get(stem, [])
        if len(found) < 2:
            return found
        from kerasvgg.data.pictures.decode import trouble

        return [one for one in found if trouble(self.root / one) is None]

    @cached_property
    def _by_stem(self) -> dict[str, list[str]]:
        """The places by what is before the suffix, with the folders above and without them."""
        stems: defaultdict[str, list[str]] = defaultdict(list)
        for name, place in self._places.items():
            stem = posixpath.splitext(name)[0]
            stems[stem].append(place)
            if "/" in stem:
                stems[posixpath.basename(stem)].append(place)
        return stems
