"""All that is to be known of a folder before anything is concluded from it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kerasvgg.data.folder.scan import ScannedFile, scan
from kerasvgg.data.folder.split import Split
from kerasvgg.data.folder.verify import without_pictures
from kerasvgg.data.picture import Picture
from kerasvgg.data.pictures.decode import Glance, glance
from kerasvgg.data.targets import all_classes, classes_of
from kerasvgg.errors import DataError
from kerasvgg.files.hashing import content_hash
from kerasvgg.files.text import escape
from kerasvgg.process.progress import track
from kerasvgg.process.threads import in_threads

if TYPE_CHECKING:
    from PIL.Image import Image

ORIENTATION, BITS = 274, 258  # tags of EXIF and TIFF


class Facts(NamedTuple):
    """As Pillow names them: bits of a channel, EXIF's orientation (1 to 8), and the colour profile's name."""

    format: str = ""
    mode: str = ""
    bits: int = 8
    frames: int = 1
    orientation: int = 1
    transparent: bool = False
    profile: str = ""


def facts(picture: "Image") -> Facts:
    """Returns what an opened file says of its picture."""
    profile = picture.info.get("icc_profile")
    return Facts(
        "JPEG" if picture.format == "MPO" else picture.format or "",  # a JPEG with a second one behind it
        picture.mode,
        _bits(picture),
        _frames(picture),
        _orientation(picture),
        "A" in picture.getbands() or "transparency" in picture.info,
        _profile_name(profile) if isinstance(profile, bytes) else "",
    )


def _orientation(picture: "Image") -> int:
    told = picture.getexif().get(ORIENTATION, 1)
    return told if told in range(1, 9) else 1


def _bits(picture: "Image") -> int:
    if picture.mode.startswith("I"):
        return 16
    if picture.format == "PNG":  # Pillow's mode does not tell, the raw mode in its first tile does
        tile = getattr(picture, "tile", None) or [("", (), 0, "")]
        return 16 if "16" in str(tile[0][3]) else 8
    return int(max(getattr(picture, "tag_v2", {}).get(BITS, (8,))))


def _frames(picture: "Image") -> int:
    try:
        return getattr(picture, "n_frames", 1) if picture.format != "MPO" else 1
    except Exception:  # what lies behind the first picture is damaged, which is not taken
        return 1


def _profile_name(profile: bytes) -> str:
    """Returns the description in an ICC profile, "" for a profile without one."""
    for at in range(132, 132 + 12 * min(int.from_bytes(profile[128:132]), 100), 12):
        if profile[at : at + 4] == b"desc":
            start, size = (int.from_bytes(profile[place : place + 4]) for place in (at + 4, at + 8))
            text = profile[start + 12 : start + min(size, 200)]
            return "".join(chr(one) for one in text if 32 <= one < 127).strip()
    return ""


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
    """What `root` holds: its pictures in name order, and (path, reason) for what is left out.

    With `multi_label` a picture may have several classes, or none.
    """

    root: Path
    surveyed: tuple[Surveyed, ...]
    left_out: tuple[tuple[str, str], ...]
    multi_label: bool = False

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
        classes = all_classes((one.label for one in self.pictures), self.multi_label)
        found = {name: dict.fromkeys(("", *self.parts), 0) for name in classes}
        for one in self.pictures:
            for name in classes_of(one.label, self.multi_label):
                for part in {"", one.split}:
                    found[name][part] += 1
        return found


def survey(root: Path, labels: Path | None = None) -> Survey:
    """Looks at every file of class folders, of a flat folder or of a split folder, decoding each to its end.

    With `labels`, or a labels.csv in the folder, at those that this CSV file names (see `scan`).
    """
    found = scan(root, least=0, labels=labels)
    return _survey(root, found.files, found.left_out, found.multi_label)


def survey_split(split: Split) -> Survey:
    """Looks at the pictures of a split that is planned, as they are divided there."""
    files = [ScannedFile(one.path, one.place, one.label, one.split, one.group) for one in split.pictures]
    return _survey(split.root, files, split.left_out, split.multi_label)


def _survey(root: Path, files: Sequence[ScannedFile], left_out: Iterable[tuple[str, str]], multi_label: bool) -> Survey:
    looked = track(in_threads(lambda file: _look(root, file), files, AHEAD), "looking at pictures", len(files))
    good, bad = {}, list(left_out)
    for file, seen in zip(files, looked, strict=True):
        if isinstance(seen, str):
            bad.append((file.path, seen))
        else:
            good[file] = seen
    bad += without_pictures(files, good)
    return Survey(root, tuple(good.values()), tuple(sorted(bad)), multi_label)


def _look(root: Path, file: ScannedFile) -> Surveyed | str:
    path = root / file.path
    said = [Facts()]
    try:
        seen: Glance = glance(path, lambda picture: said.append(facts(picture)))
        sha256 = content_hash(path)
    except DataError as error:
        return str(error).removeprefix(f"{escape(path)}: ")
    except OSError as error:  # gone since it was decoded
        return error.strerror or str(error)
    picture = Picture(file.path, file.place, file.label, file.split or "", sha256, seen.thumbnail, file.group)
    return Surveyed(picture, said[-1], seen.size, seen.spread)
