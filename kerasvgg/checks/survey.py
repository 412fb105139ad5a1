"""All that is to be known of a folder before anything is concluded from it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from kerasvgg.checks.facts import Facts, facts
from kerasvgg.data.content_hash import content_hash
from kerasvgg.data.images import Glance, glance
from kerasvgg.data.in_threads import in_threads
from kerasvgg.data.scan import Found, scan
from kerasvgg.data.shown import shown
from kerasvgg.data.split import Picture, Split
from kerasvgg.data.without_pictures import without_pictures
from kerasvgg.errors import DataError
from kerasvgg.progress import track

AHEAD = 256


@dataclass(frozen=True, slots=True)
class Surveyed:
    """A picture with what its head says, its size in the file, (width, height), and how its gray levels spread."""

    picture: Picture
    facts: Facts
    size: tuple[int, int]
    spread: float


@dataclass(frozen=True)
class Survey:
    """What `root` holds: its pictures in name order, and (path, reason) for what is left out."""

    root: Path
    surveyed: tuple[Surveyed, ...]
    left_out: tuple[tuple[str, str], ...]

    @cached_property
    def pictures(self) -> tuple[Picture, ...]:
        """The pictures alone."""
        return tuple(one.picture for one in self.surveyed)

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The parts of the split, in their usual order; none for a folder that is not split."""
        there = {picture.split for picture in self.pictures}
        return tuple(name for name in ("train", "validation", "test") if name in there)

    @cached_property
    def counts(self) -> dict[str, dict[str, int]]:
        """How many pictures each class has, in all ("") and in each part."""
        found = {label: dict.fromkeys(("", *self.parts), 0) for label in sorted({one.label for one in self.pictures})}
        for one in self.pictures:
            for part in {"", one.split}:
                found[one.label][part] += 1
        return found


def survey(root: Path) -> Survey:
    """Looks at every file of class folders, of a flat folder or of a split folder, decoding each to its end."""
    found = scan(root, least=0)
    return _survey(root, found.files, found.left_out)


def survey_split(split: Split) -> Survey:
    """Looks at the pictures of a split that is planned, as they are divided there."""
    files = [Found(one.path, one.place, one.label, one.split) for one in split.pictures]
    return _survey(split.root, files, split.left_out)


def _survey(root: Path, files: Sequence[Found], left_out: Iterable[tuple[str, str]]) -> Survey:
    looked = track(in_threads(lambda file: _look(root, file), files, AHEAD), "looking at pictures", len(files))
    good, bad = {}, list(left_out)
    for file, seen in zip(files, looked, strict=True):
        if isinstance(seen, str):
            bad.append((file.path, seen))
        else:
            good[file] = seen
    bad += without_pictures(files, good)
    return Survey(root, tuple(good.values()), tuple(sorted(bad)))


def _look(root: Path, file: Found) -> Surveyed | str:
    path = root / file.path
    said = [Facts()]
    try:
        seen: Glance = glance(path, lambda picture: said.append(facts(picture)))
        sha256 = content_hash(path)
    except DataError as error:
        return str(error).removeprefix(f"{shown(path)}: ")
    except OSError as error:  # gone since it was decoded
        return error.strerror or str(error)
    picture = Picture(file.path, file.place, file.label, file.split or "", sha256, seen.thumbnail)
    return Surveyed(picture, said[-1], seen.size, seen.spread)
