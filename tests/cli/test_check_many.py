"""kerasvgg check of streams: exact copies and bad files of any number of pictures, in tables."""

import csv
from collections.abc import Callable
from pathlib import Path

from shapes import write_tar


def rows(path: str) -> list[dict[str, str]]:
    with Path(path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_copies_and_bad_members_of_shards_are_told(cli: Callable, class_folders: Callable, place: Path) -> None:
    paths = sorted(class_folders(root=place.parent / "elsewhere").glob("*/*.png"))
    members = [(f"{path.parent.name}/{path.name}", path.read_bytes()) for path in paths]
    write_tar(place / "a.tar", [*members, ("cat/bad.png", b"no picture")])
    write_tar(place / "b.tar", [("dog/again.png", members[3][1]), ("dog/new.png", members[5][1] + b"1")])
    done = cli("check", ".", "--output", "out")
    assert done.status == 1
    assert "26 pictures of 25 contents; 1 could not be decoded" in done.out
    first, second = rows("out/copies.csv")
    assert first["sha256"] == second["sha256"]
    assert [first["path"], second["path"]] == [f"{place}/a.tar::{members[3][0]}", f"{place}/b.tar::dog/again.png"]
    assert [one["path"] for one in rows("out/bad.csv")] == [f"{place}/a.tar::cat/bad.png"]
    assert len(rows("out/pictures.csv")) == 26
    again = cli("check", ".", "--output", "out")
    assert "this time 0 were read" in again.out  # nor is what it has written taken for pictures


def test_a_shard_that_is_damaged_in_its_midst_is_a_bad_one_each_time(
    cli: Callable, class_folders: Callable, place: Path
) -> None:
    paths = sorted(class_folders(root=place.parent / "elsewhere").glob("*/*.png"))
    path = write_tar(place / "a.tar", [(f"{n}.png", one.read_bytes()) for n, one in enumerate(paths)])
    content = bytearray(path.read_bytes())
    head = content.index(b"7.png\0")
    content[head + 148 : head + 152] = b"9999"  # the head's checksum
    path.write_bytes(content)
    for told in ("this time 7 were read", "this time 0 were read"):
        done = cli("check", "a.tar", "--output", "out")
        assert done.status == 1
        assert told in done.out
        assert "7 pictures of 7 contents; 1 could not be decoded" in done.out
    (bad,) = rows("out/bad.csv")
    assert (bad["path"], "a damaged head" in bad["reason"]) == (str(path), True)


def test_without_a_folder_for_the_tables_nothing_is_begun(cli: Callable, place: Path) -> None:
    write_tar(place / "a.tar", [])
    done = cli("check", "a.tar")
    assert (done.status, "`--output` must name a folder" in done.err) == (2, True)
