"""Every kind of trouble, planted in a clean folder, is found under its name, and nothing else is."""

import os
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps
from scenes import scene

from kerasvgg.quality.kinds import KINDS
from kerasvgg.quality.report import report
from kerasvgg.quality.survey import survey

EACH = 12  # pictures of a class
SIZE = (96, 72)


class Plant(NamedTuple):
    """What is done to a folder, and the paths that must be found; `split`: to one that is split already."""

    do: Callable[[Path], object]
    paths: tuple[str, ...]
    split: bool = False
    others: frozenset[str] = frozenset()  # kinds that cannot but come with it


def new(root: Path, place: str, **how: object) -> None:
    """Saves a picture that is nowhere else."""
    scene(sum(map(ord, place)) * 7 + 5000, SIZE).save(root / place, **how)


def fresh() -> Image.Image:
    return scene(999, SIZE)


def head(root: Path, place: str, share: float) -> None:
    new(root, place)
    content = (root / place).read_bytes()
    (root / place).write_bytes(content[: int(len(content) * share)])


def copy(root: Path, source: str, target: str) -> None:
    (root / target).write_bytes((root / source).read_bytes())


def again(root: Path, source: str, target: str, change: Callable = lambda picture: picture, **how: object) -> None:
    with Image.open(root / source) as picture:
        change(picture).save(root / target, **how)


def smaller(picture: Image.Image) -> Image.Image:
    return picture.resize((80, 60), Image.Resampling.BILINEAR)


def linked(root: Path, target: object) -> None:
    (root / "a" / "z.png").symlink_to(target)


def outside(root: Path) -> None:
    beside = root.with_name("beside")
    beside.mkdir()
    fresh().save(beside / "z.png")
    linked(root, beside / "z.png")


def every_class(root: Path, change: Callable[[Path], None]) -> None:
    for path in (root / "b").iterdir():
        change(path)


def as_gif(path: Path) -> None:
    with Image.open(path) as picture:
        picture.convert("RGB").save(path.with_suffix(".bmp"))
    path.unlink()


def enlarged(path: Path) -> None:
    with Image.open(path) as picture:
        made = picture.resize((SIZE[0] * 3, SIZE[1] * 3))
    made.save(path)


def turned_over(root: Path) -> None:
    exif = Image.Exif()
    exif[274] = 3
    fresh().save(root / "a" / "z.jpg", exif=exif)


def profiled(root: Path) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    fresh().save(root / "a" / "z.jpg", icc_profile=lab.tobytes())


def bomb(root: Path) -> None:
    width, height = (30_000).to_bytes(4, "big"), (30_000).to_bytes(4, "big")
    fresh().save(root / "a" / "z.png")
    content = bytearray((root / "a" / "z.png").read_bytes())
    content[16:24] = width + height
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    (root / "a" / "z.png").write_bytes(content)


def flipped_bit(root: Path) -> None:
    fresh().save(root / "a" / "z.png")
    content = bytearray((root / "a" / "z.png").read_bytes())
    content[len(content) // 2] ^= 255
    (root / "a" / "z.png").write_bytes(content)


def many_small(root: Path) -> None:
    for i in range(EACH * 3 + 1):
        scene(7000 + i, SIZE).save(root / "a" / f"more{i}.png")


def emptied(root: Path) -> None:
    for place in ("a", "b"):
        shutil.rmtree(root / place)


def only_text(root: Path) -> None:
    (root / "c").mkdir()
    (root / "c" / "notes.txt").write_text("no picture")


def capitals(root: Path) -> None:
    (root / "B").mkdir()
    for i in range(EACH):
        scene(8000 + i, SIZE).save(root / "B" / f"{i}.png")


Z = ("a/z.png",)
J = ("a/z.jpg",)
ACROSS = ("train/a/0.png", "test/a/z.png")
INSIDE = ("a/0.png", "a/z.png")
CLASSES = ("a/0.png", "b/z.png")
PLANTS: dict[str, Plant] = {
    "no-pictures": Plant(emptied, ()),
    "one-class": Plant(lambda root: shutil.rmtree(root / "b"), ("a",)),
    "classes-differ": Plant(lambda root: shutil.rmtree(root / "test" / "b"), ("b",), True),
    "same-file-across-parts": Plant(lambda root: copy(root, *ACROSS), ACROSS, True),
    "same-pixels-across-parts": Plant(lambda root: again(root, *ACROSS, compress_level=1), ACROSS, True),
    "same-file-two-classes": Plant(lambda root: copy(root, *CLASSES), CLASSES),
    "same-pixels-two-classes": Plant(lambda root: again(root, *CLASSES, compress_level=1), CLASSES),
    "alike-across-parts": Plant(lambda root: again(root, *ACROSS, smaller), ACROSS, True),
    "mirrored-across-parts": Plant(lambda root: again(root, *ACROSS, ImageOps.mirror), ACROSS, True),
    "alike-two-classes": Plant(lambda root: again(root, *CLASSES, smaller), CLASSES),
    "mirrored-two-classes": Plant(lambda root: again(root, *CLASSES, ImageOps.mirror), CLASSES),
    "same-file": Plant(lambda root: copy(root, *INSIDE), INSIDE),
    "same-pixels": Plant(lambda root: again(root, *INSIDE, compress_level=1), INSIDE),
    "one-colour": Plant(lambda root: Image.new("RGB", SIZE, "teal").save(root / "a" / "z.png"), Z),
    "tiny": Plant(lambda root: fresh().resize((24, 18)).save(root / "a" / "z.png"), Z),
    "truncated": Plant(lambda root: head(root, "a/z.jpg", 0.6), J),
    "damaged": Plant(flipped_bit, Z),
    "empty-file": Plant(lambda root: (root / "a" / "z.png").touch(), Z),
    "not-a-picture": Plant(lambda root: (root / "a" / "z.png").write_text("<html>not found</html>"), Z),
    "unknown-format": Plant(lambda root: (root / "a" / "z.png").write_bytes(b"\0\0\0\x18ftypheic" + bytes(90)), Z),
    "too-many-pixels": Plant(bomb, Z),
    "no-agreed-black": Plant(lambda root: fresh().convert("F").save(root / "a" / "z.tiff"), ("a/z.tiff",)),
    "dead-link": Plant(lambda root: linked(root, "nowhere.png"), Z),
    "link-to-folder": Plant(lambda root: linked(root, "../b"), Z),
    "not-a-file": Plant(lambda root: os.mkfifo(root / "a" / "z.png"), Z),
    "empty-folder": Plant(lambda root: (root / "a" / "empty").mkdir(), ("a/empty",)),
    "empty-class": Plant(only_text, ("c",), False, frozenset({"not-a-picture"})),
    "outside-classes": Plant(lambda root: fresh().save(root / "z.png"), ("z.png",)),
    "small-class": Plant(lambda root: [(root / "a" / f"{i}.png").unlink() for i in range(4)], ("a",)),
    "unbalanced": Plant(many_small, ("a", "b")),
    "class-names-alike": Plant(capitals, ("B", "b")),
    "names-differ-in-case": Plant(lambda root: fresh().save(root / "a" / "0.PNG"), ("a/0.PNG", "a/0.png")),
    "format-tells-class": Plant(lambda root: every_class(root, as_gif), ()),
    "size-tells-class": Plant(lambda root: every_class(root, enlarged), ()),
    "alike": Plant(lambda root: again(root, *INSIDE, smaller), INSIDE),
    "mirrored": Plant(lambda root: again(root, *INSIDE, ImageOps.mirror), INSIDE),
    "wrong-suffix": Plant(lambda root: fresh().save(root / "a" / "z.jpg", format="PNG"), J),
    "cmyk": Plant(lambda root: fresh().convert("CMYK").save(root / "a" / "z.jpg"), J),
    "many-bits": Plant(
        lambda root: Image.fromarray(np.asarray(fresh().convert("L")).astype(np.uint16) * 257).save(
            root / "a" / "z.png"
        ),
        Z,
    ),
    "palette": Plant(lambda root: fresh().quantize(64).save(root / "a" / "z.png"), Z),
    "black-or-white": Plant(lambda root: fresh().convert("1").save(root / "a" / "z.png"), Z),
    "transparent": Plant(lambda root: fresh().convert("RGBA").save(root / "a" / "z.png"), Z),
    "animated": Plant(
        lambda root: fresh().save(root / "a" / "z.png", save_all=True, append_images=[scene(9001, SIZE)]), Z
    ),
    "turned": Plant(turned_over, J),
    "gray-among-colours": Plant(lambda root: fresh().convert("L").save(root / "a" / "z.png"), Z),
    "colour-profile": Plant(profiled, J),
    "huge": Plant(lambda root: scene(9005, (64, 64)).resize((5200, 4000)).save(root / "a" / "z.jpg"), J),
    "stretched": Plant(lambda root: scene(9006, (400, 60)).save(root / "a" / "z.png"), Z),
    "hidden": Plant(lambda root: (root / "a" / ".DS_Store").touch(), ("a/.DS_Store",)),
    "link-outside": Plant(outside, Z),
    "odd-name": Plant(lambda root: fresh().save(root / "a" / "two\nlines.png"), ("a/two\nlines.png",)),
}
UNPLANTED = {  # the first needs VGG16, the second a disk that fails, the third a CSV file
    "suspicious-label",
    "unreadable",
    "group-across-parts",
}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """A folder of two classes, and one that is split."""
    base = tmp_path_factory.mktemp("clean")
    seed = 0
    for folder in ("loose", "split/train", "split/validation", "split/test"):
        for label in "ab":
            (base / folder / label).mkdir(parents=True)
            for i in range(EACH):
                seed += 1
                scene(seed, SIZE).save(base / folder / label / f"{i}.png")
    return {False: base / "loose", True: base / "split"}


def found(root: Path) -> dict[str, list[tuple[str, ...]]]:
    return {kind: [one.paths for one in all_of] for kind, all_of in report(survey(root)).by_kind.items()}


def test_there_are_plants_of_every_kind_and_more_than_thirty() -> None:
    assert PLANTS.keys() | UNPLANTED == KINDS.keys()
    assert len(PLANTS) > 30


@pytest.mark.parametrize("split", [False, True])
def test_nothing_is_found_in_a_clean_folder(clean: dict[bool, Path], split: bool) -> None:
    assert found(clean[split]) == {}


@pytest.mark.parametrize("kind", PLANTS)
def test_what_is_planted_is_found_and_nothing_else(clean: dict[bool, Path], tmp_path: Path, kind: str) -> None:
    plant = PLANTS[kind]
    root = tmp_path / "root"
    shutil.copytree(clean[plant.split], root)
    plant.do(root)
    told = found(root)
    assert told.keys() == {kind} | plant.others
    assert [set(paths) for paths in told[kind]] == [set(plant.paths)]


def test_all_of_them_are_found_in_one_folder(clean: dict[bool, Path], tmp_path: Path) -> None:
    root = tmp_path / "root"
    shutil.copytree(clean[False], root)
    kept = [kind for kind, plant in PLANTS.items() if plant.paths == Z or plant.paths == J]
    for number, kind in enumerate(kept):
        folder = tmp_path / f"{number}"
        shutil.copytree(clean[False], folder)
        PLANTS[kind].do(folder)
        (path,) = (folder / place for place in PLANTS[kind].paths)
        path.rename(root / "b" / f"{kind}{path.suffix}")
    told = found(root)
    assert {kind for kind in kept if not any(kind in path for paths in told.get(kind, []) for path in paths)} == set()


def test_what_may_not_be_read_is_unreadable(clean: dict[bool, Path], tmp_path: Path, monkeypatch) -> None:
    root = tmp_path / "root"
    shutil.copytree(clean[False], root)
    real = Path.open

    def refuse(path: Path, *how: object, **more: object) -> object:
        if path.name == "3.png":
            raise PermissionError(13, "Permission denied")
        return real(path, *how, **more)

    monkeypatch.setattr(Path, "open", refuse)
    assert found(root) == {"unreadable": [("a/3.png",), ("b/3.png",)]}
