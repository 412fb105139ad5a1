"""Pictures as streams: which there are, what their classes are, and what becomes of what can't be read."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from shapes import write_parquet, write_tar

from kerasvgg.data.streams.items import items
from kerasvgg.data.streams.records import Record, is_stream, stream
from kerasvgg.errors import ConfigError, DataError

CLASSES = ("cat", "dog")


def content(record: Record) -> bytes:
    return record.load().data


def read(source: Path | str) -> dict[str, tuple[str, bytes]]:
    """Returns class and bytes of all pictures by address; nothing may be left out."""
    left_out: list[tuple[str, str]] = []
    found = {one.address: (one.label, content(one)) for one in stream(str(source), CLASSES, left_out)}
    assert not left_out
    return found


@pytest.fixture
def expected(pets: Path) -> list[tuple[str, bytes]]:
    """Class and bytes of each picture, sorted."""
    return sorted((path.parent.name, path.read_bytes()) for path in pets.glob("*/*.png"))


def test_a_folder_gives_each_file_once_with_the_folder_as_its_class(pets, expected):
    found = read(pets)
    assert sorted(found.values()) == expected
    assert set(found) == {path.as_posix() for path in pets.glob("*/*.png")}


def test_the_parts_of_a_split_are_no_classes(pets, expected, tmp_path):
    (tmp_path / "split").mkdir()
    pets.rename(tmp_path / "split" / "train")
    assert sorted(read(tmp_path / "split").values()) == expected


def test_hidden_files_and_links_to_folders_are_passed_over_and_links_to_files_are_not(pets, expected, tmp_path):
    (pets / "cat" / "._0.png").write_bytes(b"macOS")
    (pets / ".cache").mkdir()
    (pets / ".cache" / "0.png").write_bytes(b"hidden")
    (pets / "loop").symlink_to(pets)
    (pets / "cat" / "linked.png").symlink_to(pets / "dog" / "0.png")
    found = read(pets)
    assert sorted(found.values()) == sorted([*expected, ("cat", (pets / "dog" / "0.png").read_bytes())])


def test_a_stamp_is_another_one_once_the_file_has_changed(pets):
    path = pets / "cat" / "0.png"
    (before,) = items(str(path))
    os.utime(path, ns=(0, 1_000_000_007))
    (after,) = items(str(path))
    assert (before.address, before.stamp != after.stamp) == (after.address, True)


def test_listing_a_large_folder_takes_no_memory(tmp_path):
    for number in range(20_000):
        (tmp_path / f"{number}.jpg").touch()
    tell = (
        "import sys, tracemalloc; from kerasvgg.data.streams.items import items; tracemalloc.start();"
        f"print(sum(1 for _ in items({str(tmp_path)!r})), tracemalloc.get_traced_memory()[1])"
    )
    done = subprocess.run([sys.executable, "-c", tell], capture_output=True, text=True, check=True)
    count, most = map(int, done.stdout.split())
    assert count == 20_000
    assert most < 1_000_000


def test_a_list_names_files_from_its_own_folder_and_what_is_not_there_is_told_by_name(pets, tmp_path):
    rows = ["class,path", "dog,pets/cat/0.png", f"cat,{pets}/dog/1.png", ",pets/dog/2.png", "cat,pets/none.png"]
    (tmp_path / "list.csv").write_text("\n".join(rows), encoding="utf-8-sig")
    *found, missing = stream(str(tmp_path / "list.csv"), CLASSES, [])
    assert [(one.label, content(one)) for one in found] == [
        ("dog", (pets / "cat/0.png").read_bytes()),
        ("cat", (pets / "dog/1.png").read_bytes()),
        ("", (pets / "dog/2.png").read_bytes()),
    ]
    with pytest.raises(DataError, match=r"none\.png: No such file"):
        missing.load()


def test_a_list_without_paths_is_refused(tmp_path):
    (tmp_path / "list.csv").write_text("file,class\na.png,cat\n")
    with pytest.raises(DataError, match=r"list\.csv:1: must have a column path, received file, class"):
        list(stream(str(tmp_path / "list.csv"), CLASSES, []))


@pytest.mark.parametrize("order", ["cls first", "picture first"])
def test_a_tar_shard_of_samples_has_the_classes_that_stand_beside(pets, expected, tmp_path, order):
    members = []
    for number, (label, data) in enumerate(expected):
        sample = [(f"{number:04}.cls", str(CLASSES.index(label)).encode()), (f"{number:04}.png", data)]
        members += sample if order == "cls first" else sample[::-1]
        members.append((f"{number:04}.json", b"{}"))
    found = read(write_tar(tmp_path / "s.tar", members))
    assert sorted(found.values()) == expected
    assert f"{tmp_path}/s.tar::0003.png" in found


def test_a_tar_of_class_folders_has_them_as_classes_and_names_with_dots_are_no_samples(pets, expected, tmp_path):
    members = [(f"pets/{label}/a.{number}.png", data) for number, (label, data) in enumerate(expected)]
    flat = [(name.removeprefix("pets/"), data) for name, data in members]
    assert sorted(read(write_tar(tmp_path / "flat.tar", flat)).values()) == expected
    assert len(read(write_tar(tmp_path / "deep.tar", members))) == len(expected)


def test_a_tar_may_hold_links_devices_and_names_that_lead_outside_and_nothing_of_them_is_followed(tmp_path):
    import tarfile

    path = tmp_path / "hostile.tar"
    with tarfile.open(path, "w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE):
            about = tarfile.TarInfo("x.png")
            about.type, about.linkname = kind, "/etc/passwd"
            archive.addfile(about)
    assert read(path) == {}
    outside = read(write_tar(path, [("../../x.png", b"data")]))
    assert list(outside) == [f"{path}::../../x.png"]
    assert not (tmp_path.parents[1] / "x.png").exists()


def test_a_tar_that_ends_in_its_midst_gives_what_comes_before_and_is_told(expected, tmp_path):
    path = write_tar(tmp_path / "s.tar", [(f"{n}.png", data) for n, (_, data) in enumerate(expected)])
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    left_out: list[tuple[str, str]] = []
    found = [content(one) for one in stream(str(path), CLASSES, left_out)]
    assert found == [data for _, data in expected][: len(found)]
    assert 0 < len(found) < len(expected)
    assert [(name, "damaged" in reason) for name, reason in left_out] == [(str(path), True)]


@pytest.mark.parametrize("hugging_face", [True, False])
def test_a_table_has_a_picture_in_each_row_with_its_class_by_name(expected, tmp_path, hugging_face):
    rows = [(data, CLASSES.index(label)) for label, data in expected]
    found = read(write_parquet(tmp_path / "t.parquet", rows, hugging_face=hugging_face))
    assert list(found.values()) == expected
    assert f"{tmp_path}/t.parquet::7" in found


def test_a_row_without_bytes_is_told_by_its_number(expected, tmp_path):
    path = write_parquet(tmp_path / "t.parquet", [(b"x", 0), (None, 1), (b"y", 1)], hugging_face=True)
    first, second, third = stream(str(path), CLASSES, [])
    assert (content(first), content(third)) == (b"x", b"y")
    with pytest.raises(DataError, match=r"t\.parquet::1: the row holds no bytes"):
        second.load()


@pytest.mark.parametrize("what", ["no Parquet", "no pictures"])
def test_a_table_of_something_else_is_left_out_by_name(tmp_path, what):
    arrow = pytest.importorskip("pyarrow", reason="no pyarrow: `pip install 'kerasvgg[sources]'`")
    from pyarrow import parquet

    path = tmp_path / "t.parquet"
    path.write_bytes(b"PAR1 no table PAR1")
    if what == "no pictures":
        parquet.write_table(arrow.table({"a": [1], "b": ["x"]}), path)
    left_out: list[tuple[str, str]] = []
    assert list(stream(str(path), CLASSES, left_out)) == []
    (told,) = left_out
    assert ("damaged" if what == "no Parquet" else "must have a column `image`") in told[1]


def test_what_is_no_stream_is_a_folder_or_a_picture(pets, tmp_path):
    assert not is_stream(str(pets))
    assert not is_stream(str(pets / "cat" / "0.png"))
    assert all(is_stream(one) for one in ("s3://a/b", "x.tar", "x.PARQUET", "list.csv"))
    write_tar(pets / "s.tar", [("0.png", b"data")])
    assert is_stream(str(pets))


def test_nothing_there_is_refused_and_so_is_a_scheme_that_nobody_knows():
    with pytest.raises(DataError, match="received nothing there"):
        list(items("nowhere.png"))
    pytest.importorskip("fsspec", reason="no fsspec: `pip install 'kerasvgg[sources]'`")
    with pytest.raises(ConfigError, match="must be a scheme that fsspec opens"):
        list(items("nosuch://bucket/pets"))


def test_an_address_that_fsspec_knows_is_read_as_a_folder_is(pets, expected):
    fsspec = pytest.importorskip("fsspec", reason="no fsspec: `pip install 'kerasvgg[sources]'`")
    memory = fsspec.filesystem("memory")
    for path in pets.glob("*/*.png"):
        memory.pipe(f"/pets/{path.relative_to(pets).as_posix()}", path.read_bytes())
    memory.pipe("/pets/.hidden/0.png", b"hidden")
    assert sorted(read("memory://pets").values()) == expected
    (one,) = items("memory://pets/cat/0.png")
    assert one.stamp
