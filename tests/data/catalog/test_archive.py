import gzip
import io
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from kerasvgg.data.catalog.archive import extract
from kerasvgg.errors import DataError

PICTURES = {"set/cat/0.jpg": b"meow" * 9000, "set/cat/1.jpg": b"", "set/dog/0.jpg": bytes(range(256)) * 300}
GONE_WRONG = ["../out.jpg", "a/../../out.jpg", "/out.jpg", "C:/out.jpg", "a\\..\\out.jpg", "a\nb.jpg"]


def zip_of(path: Path, members: list[tuple[str | zipfile.ZipInfo, bytes]]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def tgz_of(path: Path, members: list[tuple[str | tarfile.TarInfo, bytes]]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members:
            info = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


MAKERS = pytest.mark.parametrize("make", [zip_of, tgz_of])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "place" / "pictures"


def refused(archive: Path, folder: Path, match: str, **limits: int) -> None:
    """Expects a DataError that names the archive, and not a file more than before."""
    before = sorted(folder.parent.parent.rglob("*"))
    with pytest.raises(DataError, match=match) as failure:
        extract(archive, folder, **limits)
    assert str(archive) in str(failure.value)
    after = sorted(path for path in folder.parent.parent.rglob("*") if path != folder.parent)
    assert after == before


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@MAKERS
def test_what_was_packed_comes_out(make, tmp_path, folder):
    extract(make(tmp_path / "a", list(PICTURES.items())), folder)
    assert contents(folder) == PICTURES
    assert [path.name for path in folder.parent.iterdir()] == ["pictures"]


def test_folders_are_made_even_if_empty(tmp_path, folder):
    info = tarfile.TarInfo("./set")
    info.type = tarfile.DIRTYPE
    extract(tgz_of(tmp_path / "a", [(info, b"")]), folder)
    assert (folder / "set").is_dir()
    extract(zip_of(tmp_path / "b", [("set/", b"")]), folder.with_name("zip"))
    assert (folder.with_name("zip") / "set").is_dir()


@MAKERS
def test_a_folder_that_is_there_is_not_touched(make, tmp_path, folder):
    (folder / "mine").mkdir(parents=True)
    with pytest.raises(DataError, match="must not exist yet"):
        extract(make(tmp_path / "a", list(PICTURES.items())), folder)
    assert [path.name for path in folder.iterdir()] == ["mine"]


@MAKERS
@pytest.mark.parametrize("name", GONE_WRONG)
def test_a_member_that_leads_elsewhere_is_refused(make, tmp_path, folder, name):
    refused(make(tmp_path / "a", [("fine.jpg", b"fine"), (name, b"bad")]), folder, r"member .* (leads out|character)")


def test_a_zero_byte_in_a_name_is_refused(tmp_path, folder):
    archive = zip_of(tmp_path / "a", [("a0b.jpg", b"")])
    archive.write_bytes(archive.read_bytes().replace(b"a0b.jpg", b"a\x00b.jpg"))
    refused(archive, folder, r"member 'a\\x00b.jpg' has a character")


@MAKERS
@pytest.mark.parametrize("again", ["a/0.jpg", "A/0.JPG"])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_for_one_place_are_refused(make, tmp_path, folder, again):
    refused(make(tmp_path / "a", [("a/0.jpg", b"1"), (again, b"2")]), folder, f"member '{again}' comes twice")


@MAKERS
def test_accents_written_in_two_ways_are_one_name(make, tmp_path, folder):
    refused(make(tmp_path / "a", [("\u00e9.jpg", b"1"), ("e\u0301.jpg", b"2")]), folder, "comes twice")


@MAKERS
@pytest.mark.parametrize("again", ["a//0.jpg", "./a/0.jpg", "a/0.jpg/inside.jpg"])
def test_members_in_each_others_way_are_refused(make, tmp_path, folder, again):
    refused(make(tmp_path / "a", [("a/0.jpg", b"1"), (again, b"2")]), folder, "member .* can't be unpacked")


@pytest.mark.parametrize(
    "kind",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.CONTTYPE, b"Q"],
)
def test_links_and_devices_in_a_tgz_are_refused(tmp_path, folder, kind):
    info = tarfile.TarInfo("odd")
    info.type, info.linkname = kind, "/etc/passwd"
    refused(tgz_of(tmp_path / "a", [(info, b"")]), folder, "member 'odd' is a link or a device")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK])
def test_links_and_devices_in_a_zip_are_refused(tmp_path, folder, kind):
    info = zipfile.ZipInfo("odd")
    info.external_attr = (kind | 0o777) << 16
    refused(zip_of(tmp_path / "a", [(info, b"/etc/passwd")]), folder, "member 'odd' is a link or a device")


@MAKERS
def test_too_many_members_are_refused(make, tmp_path, folder):
    archive = make(tmp_path / "a", list(PICTURES.items()))
    refused(archive, folder, "more than 2 members", max_members=2)
    extract(archive, folder, max_members=3)


@MAKERS
def test_too_many_bytes_are_refused(make, tmp_path, folder):
    archive = make(tmp_path / "a", list(PICTURES.items()))
    refused(archive, folder, "more bytes than allowed", max_bytes=100_000)
    extract(archive, folder, max_bytes=150_000)


@MAKERS
def test_a_bomb_is_refused_by_its_ratio(make, tmp_path, folder):
    refused(make(tmp_path / "a", [("zeros.bmp", bytes(3 << 20))]), folder, "more bytes than allowed")


def test_a_bomb_of_overlapping_members_is_refused(tmp_path, folder):
    with zipfile.ZipFile(tmp_path / "a", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0.bmp", bytes(900_000))
        for number in range(1, 50):
            archive.filelist.append(archive.filelist[0].__class__(f"{number}.bmp"))
            copied = archive.filelist[-1]
            for field in ("CRC", "compress_size", "file_size", "header_offset", "compress_type"):
                setattr(copied, field, getattr(archive.filelist[0], field))
    refused(tmp_path / "a", folder, "member|more bytes than allowed")


def test_an_encrypted_member_is_refused(tmp_path, folder):
    archive = zip_of(tmp_path / "a", [("secret.jpg", b"secret")])
    content = bytearray(archive.read_bytes())
    for header, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(header) + flags] |= 1
    archive.write_bytes(content)
    refused(archive, folder, "member 'secret.jpg' is encrypted")


def test_an_unusual_compression_is_refused(tmp_path, folder):
    with zipfile.ZipFile(tmp_path / "a", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.jpg", b"a" * 100)
    refused(tmp_path / "a", folder, "member 'a.jpg' is compressed by method 14")


@MAKERS
@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.99])
def test_a_truncated_archive_is_refused(make, tmp_path, folder, share):
    archive = make(tmp_path / "a", list(PICTURES.items()))
    archive.write_bytes(archive.read_bytes()[: int(share * archive.stat().st_size)])
    refused(archive, folder, "can't be unpacked|is refused")


def test_a_changed_byte_in_a_zip_names_the_member(tmp_path, folder):
    archive = tmp_path / "a"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as stored:
        stored.writestr("whole.jpg", b"fine")
        stored.writestr("broken.jpg", b"CONTENT")
    archive.write_bytes(archive.read_bytes().replace(b"CONTENT", b"CONTEXT"))
    refused(archive, folder, r"member 'broken.jpg' can't be unpacked \(Bad CRC-32")


def test_a_member_shorter_than_announced_is_refused(tmp_path, folder):
    archive = zip_of(tmp_path / "a", [("short.jpg", b"short")])
    content = bytearray(archive.read_bytes())
    content[content.index(b"PK\x01\x02") + 24] += 1
    archive.write_bytes(content)
    refused(archive, folder, "member 'short.jpg' should have 6 bytes and has 5")


def test_a_changed_byte_in_a_tgz_is_noticed(tmp_path, folder):
    archive = tmp_path / "a"
    tar = gzip.decompress(tgz_of(archive, [("a.jpg", b"CONTENT")]).read_bytes())
    packed = bytearray(gzip.compress(tar, 0))
    packed[packed.index(b"CONTENT")] ^= 1
    archive.write_bytes(packed)
    refused(archive, folder, "CRC check failed")


@pytest.mark.parametrize("damage", ["header", "end"])
def test_a_tar_that_ends_too_early_is_refused_though_its_gzip_is_whole(tmp_path, folder, damage):
    tar = bytearray(gzip.decompress(tgz_of(tmp_path / "a", list(PICTURES.items())).read_bytes()))
    second = tar.index(b"set/cat/1.jpg")
    if damage == "header":
        tar[second] ^= 1
    else:
        del tar[second:]
    (tmp_path / "a").write_bytes(gzip.compress(tar))
    refused(tmp_path / "a", folder, f"breaks off or is damaged at byte {second:,}")


def test_a_member_of_negative_size_is_refused(tmp_path, folder):
    info = tarfile.TarInfo("a.jpg")
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[124:136] = b"\xff" * 10 + b"\xfe\x00"
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    (tmp_path / "a").write_bytes(gzip.compress(bytes(header) + bytes(1024)))
    refused(tmp_path / "a", folder, "member 'a.jpg' comes twice or has no size")


@pytest.mark.parametrize("content", [b"", b"<html>", b"Rar!\x1a\x07", b"PK\x03\x04", b"\x1f\x8b", b"PK\x05\x06"])
def test_what_is_no_archive_is_refused(tmp_path, folder, content):
    (tmp_path / "a").write_bytes(content)
    refused(tmp_path / "a", folder, "must be a zip or a tgz|can't be unpacked")


def test_a_missing_archive_is_refused(tmp_path, folder):
    refused(tmp_path / "a", folder, "No such file")
