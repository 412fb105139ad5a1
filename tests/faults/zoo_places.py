"""Names, folders, links, and what a path may lead to that is no file."""

import os
import socket
import unicodedata
from pathlib import Path

import numpy as np
from by_hand import rgb_png
from zoo import Good, Kind, Refused

BYTES = os.fsdecode(b"caf\xe9.png")


def picture(path: Path, rgb: np.ndarray) -> None:
    path.write_bytes(rgb_png(rgb))


def named(name: str, place: str) -> Kind:
    return Kind(name, f"names/{place}", picture, Good())


def refused(name: str, place: str, told: str) -> Kind:
    return Kind(name, f"names/{place}", lambda path, rgb: path.touch(), Refused("empty"), f"names/{told}")


NAMES: list[Kind] = [
    named("name without a suffix", "picture"),
    named("name in capitals", "PICTURE.PNG"),
    named("name with several dots", "a.b.c.jpg"),
    named("name with a dash in front", "-rf.png"),
    named("name with a blank in front and behind", " a .png "),
    named("name of 255 bytes", "n" * 251 + ".png"),
    named("name of 255 bytes in UTF-8", "ä" * 125 + "a.png"),
    named("name with a line feed", "two\nlines.png"),
    named("name with a tab", "a\ttab.png"),
    named("name with a carriage return", "a\rreturn.png"),
    named("name with a carriage return and a line feed", "a\r\nboth.png"),
    named("name with an escape sequence", "\x1b[31mred.png"),
    named("name with quotation marks", "\"double\" 'single'.png"),
    named("name with a comma", "a, b.png"),
    named("name with a backslash", "a\\b.png"),
    named("name with brackets and a star", "[bold]*?.png"),
    named("name with a percent sign and a dollar", "%s $HOME `id`.png"),
    named("name with an equals sign in front", "=1+1.png"),
    named("name in NFC", unicodedata.normalize("NFC", "é.png")),
    named("name in NFD", unicodedata.normalize("NFD", "é.png")),
    named("name in capitals but for one letter", "case.png"),
    named("name that differs from it in case alone", "Case.png"),
    named("name from right to left", "تصویر.png"),
    named("name that turns the direction of writing", "a\u202egnp.exe.png"),
    named("name with an emoji", "🐈\u200d⬛.png"),
    named("name of no width", "\u200b.png"),
    named("name that is not UTF-8", BYTES),
    refused("empty file with a line feed in its name", "a\nfeed.jpg", r"a\nfeed.jpg"),
    refused("empty file with an escape sequence in its name", "a\x1b[2Jb.jpg", r"a\x1b[2Jb.jpg"),
    refused("empty file that turns the direction of writing", "a\u202eb.jpg", r"a\u202eb.jpg"),
    refused("empty file whose name is not UTF-8", os.fsdecode(b"bad\xff.jpg"), r"bad\xff.jpg"),
    named("name of digits that are no numbers", "²"),
    named("name with 250 digits", "1" * 250 + ".png"),
]


def folder_with_nothing(path: Path, rgb: np.ndarray) -> None:
    path.mkdir()


def hidden_folder(path: Path, rgb: np.ndarray) -> None:
    path.mkdir()
    picture(path / "0.png", rgb)


def linked(target: str):
    def make(path: Path, rgb: np.ndarray) -> None:
        path.symlink_to(target)

    return make


def linked_outside(path: Path, rgb: np.ndarray) -> None:
    outside = path.parents[1].with_name("outside")
    outside.mkdir(exist_ok=True)
    picture(outside / "elsewhere.png", rgb)
    path.symlink_to("../../outside/elsewhere.png")


def hard_linked(path: Path, rgb: np.ndarray) -> None:
    picture(path.with_name("another_name.png"), rgb)
    path.hardlink_to(path.with_name("another_name.png"))


def class_linked_outside(path: Path, rgb: np.ndarray) -> None:
    """`path` is a picture in a class folder that is a link to a folder elsewhere."""
    path.parent.rmdir()
    outside = path.parents[1].with_name("outside_class")
    outside.mkdir()
    picture(outside / path.name, rgb)
    for i in range(1, 4):
        picture(outside / f"{i}.png", rgb // i)
    path.parent.symlink_to(outside)


def unix_socket(path: Path, rgb: np.ndarray) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        place = Path.cwd()
        os.chdir(path.parent)  # a socket's path may have some 100 bytes
        try:
            made.bind(path.name)
        finally:
            os.chdir(place)


def closed(path: Path, rgb: np.ndarray) -> None:
    picture(path, rgb)
    path.chmod(0)


ROOT_READS_ALL = hasattr(os, "geteuid") and os.geteuid() == 0

ENTRIES: list[Kind] = [
    Kind("hidden file", "zoo/.hidden.png", picture, Refused("hidden")),
    Kind(".DS_Store", "zoo/.DS_Store", picture, Refused("hidden")),
    Kind("macOS's ._x.jpg", "zoo/._x.jpg", picture, Refused("hidden")),
    Kind("hidden folder", "zoo/.cache", hidden_folder, Refused("hidden")),
    Kind("hidden folder beside the class folders", ".git", hidden_folder, Refused("hidden")),
    Kind("__MACOSX with hidden files", "__MACOSX/._x.jpg", picture, Refused("hidden")),
    Kind("__MACOSX itself", "__MACOSX", lambda path, rgb: None, Refused("nothing in it")),
    Kind("folder without files", "zoo/empty", folder_with_nothing, Refused("nothing in it")),
    Kind("class folder without files", "empty", folder_with_nothing, Refused("nothing in it")),
    Kind(
        "file in a class folder that has no picture", "letters/a.txt",
        lambda path, rgb: path.write_text("a"), Refused("not a picture"),
    ),
    Kind("picture in a folder called x.jpg", "zoo/x.jpg/0.png", picture, Good()),
    Kind("picture 60 folders deep", "zoo/" + "deep/" * 60 + "0.png", picture, Good()),
    Kind("link to a picture", "zoo/link.png", linked("../plain/3.png"), Good(lambda rgb: np.full_like(rgb, 60))),
    Kind("link to a picture outside the folder", "zoo/link_outside.png", linked_outside, Good()),
    Kind("second name of a file (hard link)", "zoo/hard.png", hard_linked, Good()),
    Kind("its first name", "zoo/another_name.png", lambda path, rgb: None, Good(lambda rgb: HARD.rgb)),
    Kind("link to nothing", "zoo/broken.png", linked("nowhere.png"), Refused("a link that leads nowhere")),
    Kind("link to itself", "zoo/self.png", linked("self.png"), Refused("a link that leads nowhere")),
    Kind("two links in a circle", "zoo/there.png", linked("back.png"), Refused("a link that leads nowhere")),
    Kind("the other of them", "zoo/back.png", linked("there.png"), Refused("a link that leads nowhere")),
    Kind("link to a folder", "zoo/link_to_folder", linked("../plain"), Refused("a link to a folder")),
    Kind("link in a class folder to one elsewhere", "zoo/out", linked("../../outside"), Refused("a link to a folder")),
    Kind("link to the folder it is in", "zoo/loop", linked(".."), Refused("a link to a folder")),
    Kind("link beside the class folders to one of them", "again", linked("plain"), Refused("a link to a folder")),
    Kind("link beside the class folders to them all", "all", linked("."), Refused("a link to a folder")),
    Kind("link beside the class folders to the folder above", "above", linked(".."), Refused("a link to a folder")),
    Kind("link beside the class folders to itself", "self", linked("self"), Refused("a link that leads nowhere")),
    Kind("class folder that is a link to a folder elsewhere", "elsewhere/0.png", class_linked_outside, Good()),
    Kind("pipe", "zoo/pipe.png", lambda path, rgb: os.mkfifo(path), Refused("a pipe")),
    Kind("socket", "zoo/socket.png", unix_socket, Refused("a socket")),
    Kind("link to an endless device", "zoo/zero.png", linked("/dev/zero"), Refused("a device")),
    Kind("link to an empty device", "zoo/null.png", linked("/dev/null"), Refused("a device")),
    Kind("file that may not be read", "zoo/closed.png", closed, Good() if ROOT_READS_ALL else Refused("denied")),
]  # fmt: skip
HARD = next(kind for kind in ENTRIES if kind.make is hard_linked)
