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
    assert [one["path"].partition("a.tar::")[2] or one["path"] for one in (first, second)] == [
        members[3][0],
        "b.tar::dog/again.png",
    ]
    assert [one["path"] for one in rows("out/bad.csv")] == ["a.tar::cat/bad.png"]
    assert len(rows("out/pictures.csv")) == 26
    again = cli("check", ".", "--output", "out")
    assert "this time 0 were read" in again.out  # nor is what it has written taken for pictures


def test_without_a_folder_for_the_tables_nothing_is_begun(cli: Callable, place: Path) -> None:
    write_tar(place / "a.tar", [])
    done = cli("check", "a.tar")
    assert (done.status, "`--output` must name a folder" in done.err) == (2, True)
