"""Archives that mean harm: each is made whole of twenty pictures in two classes, and something is wrong with it.

`KINDS` is the one table. A kind's `make` writes the archive; `outside` is a folder that it would like to write to.
`words` are in the message that refuses it; None says that what is good in it may come out.
"""

import gzip
import io
import stat
import struct
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

PICTURES = {f"PetImages/{label}/{index}.jpg": label.encode() * 99 for label in ("Cat", "Dog") for index in range(10)}
Make = Callable[[Path, Path], object]


@dataclass(frozen=True)
class Kind:
    name: str
    make: Make
    words: str | None


def zip_with(
    name: str | zipfile.ZipInfo, content: bytes = b"harm", then: str = "", spoil: tuple[bytes, bytes] = (b"", b"")
) -> Make:
    """The pictures, then a member, and a second one called `then`; at last one piece of the bytes is replaced."""

    def make(path: Path, outside: Path) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for picture, pixels in PICTURES.items():
                archive.writestr(picture, pixels)
            named = name.format(outside=outside) if isinstance(name, str) else name
            archive.writestr(named, content)
            if then:
                archive.writestr(then, b"harm")
        path.write_bytes(path.read_bytes().replace(*spoil) if spoil[0] else path.read_bytes())

    return make


def tgz_with(
    name: str, kind: bytes = tarfile.REGTYPE, then: str = "", content: bytes = b"harm", **fields: object
) -> Make:
    """The same as a tgz; `fields` are those of the member's header."""

    def make(path: Path, outside: Path) -> None:
        with tarfile.open(path, "w:gz", format=fields.get("format", tarfile.PAX_FORMAT)) as archive:
            for picture, pixels in PICTURES.items():
                _add(archive, tarfile.TarInfo(picture), pixels)
            info = tarfile.TarInfo(name.format(outside=outside))
            info.type = kind
            for field, value in fields.items():
                if field != "format":
                    setattr(info, field, value.format(outside=outside) if isinstance(value, str) else value)
            _add(archive, info, content if kind == tarfile.REGTYPE else b"")
            if then:
                _add(archive, tarfile.TarInfo(then), b"harm")

    return make


def _add(archive: tarfile.TarFile, info: tarfile.TarInfo, content: bytes) -> None:
    info.size = len(content)
    archive.addfile(info, io.BytesIO(content))


def zip_link(target: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(target)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def changed(make: Make, change: Callable[[bytes], bytes]) -> Make:
    """What `make` makes, with its bytes changed."""

    def changing(path: Path, outside: Path) -> None:
        make(path, outside)
        path.write_bytes(change(path.read_bytes()))

    return changing


def changed_tar(make: Make, change: Callable[[bytes], bytes]) -> Make:
    """What `make` makes, with the bytes inside its gzip changed."""
    return changed(make, lambda content: gzip.compress(change(gzip.decompress(content))))


def setting(header: bytes, offset: int, layout: str, *values: int) -> Callable[[bytes], bytes]:
    """Writes numbers into the last header of its kind, `offset` bytes after its start."""

    def change(content: bytes) -> bytes:
        whole = bytearray(content)
        struct.pack_into(layout, whole, whole.rindex(header) + offset, *values)
        return bytes(whole)

    return change


def tar_size(size: int) -> Callable[[bytes], bytes]:
    """Lets the last member claim another size, in a header that is right otherwise."""

    def change(tar: bytes) -> bytes:
        whole = bytearray(tar)
        start = whole.rindex(b"last.jpg")
        whole[start + 124 : start + 136] = b"%011o\0" % size
        whole[start + 148 : start + 156] = b" " * 8
        whole[start + 148 : start + 156] = b"%06o\0 " % sum(whole[start : start + 512])
        return bytes(whole)

    return change


def overlapping(names: Sequence[str], content: bytes) -> Make:
    """A zip of many members that are all the same bytes of the file."""

    def make(path: Path, outside: Path) -> None:
        one = io.BytesIO()
        with zipfile.ZipFile(one, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(names[0], content)
        whole = one.getvalue()
        start = whole.index(b"PK\x01\x02")
        entry = whole[start : whole.index(b"PK\x05\x06")]
        fields = bytearray(entry[:46])
        entries = []
        for name in names:
            struct.pack_into("<H", fields, 28, len(name))
            entries.append(bytes(fields) + name.encode())
        folder = b"".join(entries)
        count = min(len(names), 0xFFFF)
        end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(folder), start, 0)
        path.write_bytes(whole[:start] + folder + end)

    return make


def nested(path: Path, outside: Path) -> None:
    inner = path.with_name("inner")
    zip_with("last.jpg")(inner, outside)
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(inner, "PetImages.zip")
    inner.unlink()


def twice_gzipped(path: Path, outside: Path) -> None:
    tgz_with("last.jpg")(path, outside)
    path.write_bytes(gzip.compress(path.read_bytes()))


def two_tars(path: Path, outside: Path) -> None:
    tgz_with("last.jpg")(path, outside)
    first = path.read_bytes()
    tgz_with("{outside}/harm.jpg")(path, outside)
    path.write_bytes(first + path.read_bytes())


def half(content: bytes) -> bytes:
    return content[: len(content) // 2]


LEADS, LINK, LETTER, TWICE, CANNOT = (
    "leads out of the folder",
    "is a link or a device",
    "has a character",
    "twice",
    "can't be",
)
LAST = zip_with("last.jpg", b"last" * 500)
LAST_TAR = tgz_with("last.jpg", content=b"last" * 500)
CENTRAL = b"PK\x01\x02"
ZERO = "a\\0b.jpg"

KINDS = (
    Kind("zip: up and out", zip_with("../../../harm.jpg"), LEADS),
    Kind("zip: up and out inside", zip_with("PetImages/../../../harm.jpg"), LEADS),
    Kind("zip: absolute", zip_with("{outside}/harm.jpg"), LEADS),
    Kind("zip: a drive", zip_with("C:/harm.jpg"), LETTER),
    Kind("zip: a drive's folder", zip_with("C:harm.jpg"), LETTER),
    Kind("zip: backslashes", zip_with("PetImages\\..\\..\\harm.jpg"), LETTER),
    Kind("zip: a share", zip_with("\\\\server\\share\\harm.jpg"), LETTER),
    Kind("zip: two slashes", zip_with("//server/share/harm.jpg"), LEADS),
    Kind("zip: a link and a file through it", zip_with(zip_link("out"), b"../../..", then="out/harm.jpg"), LINK),
    Kind("zip: only folders up", zip_with("../../../harm/"), LEADS),
    Kind("zip: no name", zip_with("xxxx", spoil=(b"xxxx", b"////")), LEADS),
    Kind("zip: a NUL in a name", zip_with("a0b.jpg", spoil=(b"a0b.jpg", b"a\0b.jpg")), LETTER),
    Kind("zip: a line feed in a name", zip_with("a\nb.jpg"), LETTER),
    Kind("zip: a terminal's signs in a name", zip_with("\x1b[2J.jpg"), LETTER),
    Kind("zip: a name from right to left", zip_with("\u202egpj.exe"), LETTER),
    Kind("zip: a name of 300 bytes", zip_with("a" * 300 + ".jpg"), "too long"),
    Kind("zip: a path of 5,000 bytes", zip_with("a/" * 2500 + "x.jpg"), "too deep or too long"),
    Kind("zip: 300 folders deep", zip_with("a/" * 300 + "x.jpg"), "too deep or too long"),
    Kind("zip: a name twice", zip_with("PetImages/Cat/0.jpg"), TWICE),
    Kind("zip: names that differ in case", zip_with("petimages/CAT/0.JPG"), TWICE),
    Kind("zip: a file where a folder is", zip_with("PetImages/Cat"), CANNOT),
    Kind("zip: a folder where a file is", zip_with("PetImages/Cat/0.jpg/x.jpg"), CANNOT),
    Kind("zip: a bomb by its ratio", zip_with("last.jpg", bytes(30 << 20)), "more bytes than allowed"),
    Kind("zip: a bomb by its number", overlapping([f"{index:x}.jpg" for index in range(200_001)], b""), CANNOT),
    Kind("zip: overlapping members", overlapping([f"{index:02}.jpg" for index in range(60)], bytes(900_000)), CANNOT),
    Kind("zip: a zip inside", nested, "must hold cats_and_dogs"),
    Kind("zip: claims to be larger", changed(LAST, setting(CENTRAL, 24, "<L", 9_000)), "should have 9,000 bytes"),
    Kind("zip: claims to be smaller", changed(LAST, setting(CENTRAL, 24, "<L", 5)), "member 'last.jpg'"),
    Kind("zip: claims 4 GB", changed(LAST, setting(CENTRAL, 20, "<LL", 0xFFFFFFF0, 0xFFFFFFF0)), "should have 4,2"),
    Kind("zip: its place is elsewhere", changed(LAST, setting(CENTRAL, 42, "<L", 0x7FFFFFFF)), CANNOT),
    Kind("zip: a wrong checksum", changed(LAST, setting(CENTRAL, 16, "<L", 1)), "Bad CRC-32"),
    Kind(
        "zip: two names for one member", changed(LAST, lambda whole: whole.replace(b"last.jpg", b"lost.jpg", 1)), CANNOT
    ),
    Kind("zip: encrypted", changed(LAST, setting(CENTRAL, 8, "<H", 1)), "is encrypted"),
    Kind("zip: an unknown method", changed(LAST, setting(CENTRAL, 10, "<H", 99)), "compressed by method 99"),
    Kind("zip: truncated", changed(LAST, half), CANNOT),
    Kind("zip: something before it", changed(LAST, lambda whole: b"MZ" + whole), "begins with"),
    Kind("zip: nothing in it", changed(LAST, lambda whole: b"PK\5\6" + bytes(18)), "must hold cats_and_dogs"),
    Kind("zip: the note of its origin is a folder", zip_with("origin.json/x.jpg"), "Is a directory"),
    Kind("tgz: up and out", tgz_with("../../../harm.jpg"), LEADS),
    Kind("tgz: absolute", tgz_with("{outside}/harm.jpg"), LEADS),
    Kind("tgz: a long name of GNU's", tgz_with("a/" * 60 + "../" * 80 + "harm.jpg", format=tarfile.GNU_FORMAT), LEADS),
    Kind("tgz: another name in a pax header", tgz_with("fine.jpg", pax_headers={"path": "../../../harm.jpg"}), LEADS),
    Kind("tgz: a drive", tgz_with("C:\\harm.jpg"), LETTER),
    Kind("tgz: not UTF-8", tgz_with("\udcff.jpg"), LETTER),
    Kind(
        "tgz: a link and a file through it",
        tgz_with("out", tarfile.SYMTYPE, "out/harm.jpg", linkname="{outside}"),
        LINK,
    ),
    Kind("tgz: a link upwards", tgz_with("out", tarfile.SYMTYPE, "out/harm.jpg", linkname="../../.."), LINK),
    Kind("tgz: a hard link", tgz_with("out", tarfile.LNKTYPE, "out", linkname="{outside}/user.jpg"), LINK),
    Kind("tgz: a pipe", tgz_with("odd.jpg", tarfile.FIFOTYPE), LINK),
    Kind("tgz: a device", tgz_with("odd.jpg", tarfile.CHRTYPE, devmajor=1, devminor=5), LINK),
    Kind("tgz: a disk", tgz_with("odd.jpg", tarfile.BLKTYPE, devmajor=8), LINK),
    Kind("tgz: a name twice", tgz_with("PetImages/Cat/0.jpg"), TWICE),
    Kind("tgz: names that differ in case", tgz_with("petimages/cat/0.jpg"), TWICE),
    Kind("tgz: a file where a folder is", tgz_with("PetImages/Cat"), CANNOT),
    Kind("tgz: no name", tgz_with(""), CANNOT),
    Kind("tgz: the folder itself as a file", tgz_with("."), CANNOT),
    Kind("tgz: a bomb", tgz_with("last.jpg", content=bytes(30 << 20)), "more bytes than allowed"),
    Kind("tgz: a bomb in a header", tgz_with("x.jpg", pax_headers={"comment": "a" * (30 << 20)}), "more bytes than"),
    Kind("tgz: gzipped twice", twice_gzipped, CANNOT),
    Kind("tgz: claims to be larger", changed_tar(LAST_TAR, tar_size(90_000)), "member 'last.jpg'"),
    Kind("tgz: claims 8 GB", changed_tar(LAST_TAR, tar_size(0o77777777777)), "last.jpg|breaks off"),
    Kind("tgz: claims to be smaller", changed_tar(LAST_TAR, tar_size(5)), "breaks off or is damaged"),
    Kind("tgz: truncated", changed(LAST_TAR, half), CANNOT),
    Kind("tgz: a truncated tar", changed_tar(LAST_TAR, half), "breaks off"),
    Kind("tgz: a wrong checksum", changed(LAST_TAR, lambda whole: whole[:-8] + b"wrong..."), "CRC check failed"),
    Kind("tgz: a second tar behind the first", two_tars, None),
    Kind("tgz: modes that give away rights", tgz_with("last.jpg", mode=0o6777, uid=0, uname="root"), None),
    Kind("tgz: modes that lock the owner out", tgz_with("last.jpg", mode=0), None),
)
