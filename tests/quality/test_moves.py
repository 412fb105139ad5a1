"""Decisions that are carried out and taken back: no picture is lost, whenever it all ends."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

import kerasvgg
from kerasvgg.data.folder.scan import scan
from kerasvgg.errors import DataError
from kerasvgg.quality.decisions import Decision, decisions_text, moves, read_decisions
from kerasvgg.quality.journal import aside_folder
from kerasvgg.quality.moves import Done, apply, moved_paths, undo

DECIDED = (Decision("cat/1.png", "aside"), Decision("cat/2.png", "move", "dog"), Decision("dog/0.png", "keep"))
CRASHING = ("link", "unlink", "fsync")  # what a move consists of


class KilledError(BaseException):
    """Stands for kill -9."""


def _contents(*folders: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder.parent)): path.read_bytes()
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and path.suffix == ".png"
    }


def _apply(pets: Path, decided: tuple[Decision, ...] = DECIDED) -> Done:
    return apply(pets, moves(decided, scan(pets)))


@contextmanager
def _killed_at(number: int) -> Iterator[list[int]]:
    """Ends what is done in the block before the call with this number of those that change something."""
    seen = [0]
    with pytest.MonkeyPatch.context() as patch:
        for name in CRASHING:
            whole: Callable = getattr(os, name)

            def call(*words: object, whole: Callable = whole, **more: object) -> object:
                seen[0] += 1
                if seen[0] == number:
                    raise KilledError
                return whole(*words, **more)

            patch.setattr(os, name, call)
        yield seen


def test_files_go_to_their_class_or_beside_the_folder_and_come_back(pets: Path) -> None:
    before = _contents(pets)
    assert _apply(pets) == Done(1, 1)
    there = _contents(pets, aside_folder(pets))
    assert there["pets/dog/2-2.png"] == before["pets/cat/2.png"]
    assert there["pets/dog/2.png"] == before["pets/dog/2.png"]
    assert there["pets-aside/files/cat/1.png"] == before["pets/cat/1.png"]
    assert sorted(there.values()) == sorted(before.values())
    assert moved_paths(pets) == {"cat/1.png", "cat/2.png"}
    assert _apply(pets) == Done(1, 1)  # and there is nothing else to do
    assert _contents(pets, aside_folder(pets)) == there
    assert undo(pets) == Done(1, 1)
    assert _contents(pets) == before
    assert not aside_folder(pets).exists()
    with pytest.raises(DataError, match="must have had decisions applied"):
        undo(pets)


@pytest.mark.parametrize("last", ["apply", "undo"])
def test_what_was_killed_anywhere_is_finished_or_undone(pets: Path, last: str) -> None:
    before = _contents(pets)
    for number in range(1, 100):
        with _killed_at(number) as seen, suppress(KilledError):
            _apply(pets)
        assert set(_contents(pets, aside_folder(pets)).values()) == set(before.values())
        if last == "apply":
            _apply(pets)
            there = _contents(pets, aside_folder(pets))
            assert {"pets/dog/2-2.png", "pets-aside/files/cat/1.png"} <= set(there)
            assert len(there) == len(before)
        if aside_folder(pets).exists():
            undo(pets)
        assert _contents(pets) == before
        assert not aside_folder(pets).exists()
        if seen[0] < number:
            break
    assert number > 10


def test_taking_back_may_be_killed_anywhere_too(pets: Path) -> None:
    before = _contents(pets)
    for number in range(1, 100):
        _apply(pets)
        with _killed_at(number) as seen, suppress(KilledError):
            undo(pets)
        assert set(_contents(pets, aside_folder(pets)).values()) == set(before.values())
        if aside_folder(pets).exists():
            undo(pets)
        assert _contents(pets) == before
        if seen[0] < number:
            break
    assert number > 5


def test_a_real_process_that_is_killed_loses_nothing(pets: Path) -> None:
    before = _contents(pets)
    (pets.parent / "decisions.csv").write_text(decisions_text(DECIDED))
    code = (
        "import os, signal, sys\nwhole = os.unlink\n"
        "def unlink(*words, **more):\n    os.kill(os.getpid(), signal.SIGKILL)\n"
        "os.unlink = unlink\nfrom kerasvgg.__main__ import main\nmain()\n"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(kerasvgg.__file__).parents[1])}
    command = [sys.executable, "-c", code, "check", str(pets), "--apply", "decisions.csv"]
    done = subprocess.run(command, cwd=pets.parent, env=env, capture_output=True, check=False)
    assert done.returncode == -9, done.stderr
    assert set(_contents(pets, aside_folder(pets)).values()) == set(before.values())
    assert _apply(pets) == Done(1, 1)
    assert undo(pets) == Done(1, 1)
    assert _contents(pets) == before


def test_what_was_changed_meanwhile_stays_and_is_told(pets: Path) -> None:
    _apply(pets)
    (pets / "cat" / "1.png").write_bytes(b"new")
    (pets / "dog" / "2-2.png").write_bytes(b"edited")
    done = undo(pets)
    assert (done.moved, done.aside, len(done.refused)) == (0, 0, 2)
    assert "has changed since it was moved" in done.refused[0]
    assert "is there again" in done.refused[1]
    assert (pets / "cat" / "1.png").read_bytes() == b"new"
    assert (pets / "dog" / "2-2.png").read_bytes() == b"edited"
    assert (aside_folder(pets) / "files" / "cat" / "1.png").is_file()


def test_a_link_is_moved_itself_and_what_it_leads_to_stays(pets: Path) -> None:
    (pets / "cat" / "link.png").symlink_to(pets / "cat" / "3.png")
    _apply(pets, (Decision("cat/link.png", "aside"),))
    assert (aside_folder(pets) / "files" / "cat" / "link.png").is_symlink()
    assert (pets / "cat" / "3.png").is_file()
    undo(pets)
    assert (pets / "cat" / "link.png").is_symlink()


def test_a_flat_folder_and_a_split_one_keep_their_form(class_folders: Callable, tmp_path: Path) -> None:
    flat = class_folders(flat=True, root=tmp_path / "flat", per_class=2)
    _apply(flat, (Decision("cat.1.png", "move", "dog"),))
    assert {path.name for path in flat.iterdir()} == {"cat.0.png", "dog.0.png", "dog.1.png", "dog.1-2.png"}
    for part in ("train", "test"):
        class_folders(root=tmp_path / "split" / part, per_class=2)
    _apply(tmp_path / "split", (Decision("test/cat/0.png", "move", "dog"),))
    assert (tmp_path / "split" / "test" / "dog" / "0-2.png").is_file()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("cat/99.png,keep,", "3: `path` must be a file of the folder, received 'cat/99.png'; did you mean"),
        ("../x.png,aside,", "3: `path` must be a file of the folder"),
        ("cat/1.png,delete,", "3: `decision` must be keep, move, aside; received 'delete'"),
        ("cat/1.png,move,fish", "3: `class` must be one of cat, dog for a file that is moved; received 'fish'"),
        ("cat/1.png,keep,dog", "3: `class` must be empty for keep, received 'dog'"),
        ("cat/0.png,aside,", "3: 'cat/0.png' was decided about in line 2 already"),
        ("cat/1.png,aside", "3: must have 3 cells, received 2"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_nothing_is_moved(pets: Path, line: str, said: str) -> None:
    file = pets.parent / "decisions.csv"
    file.write_text(f"path,decision,class\ncat/0.png,aside,\n{line}\n")
    with pytest.raises(DataError) as refused:
        read_decisions(file, scan(pets), moved_paths(pets))
    assert f"decisions.csv:{said}" in str(refused.value)
    assert not aside_folder(pets).exists()


def test_a_folder_whose_classes_a_file_says_is_not_moved_about(pets: Path) -> None:
    flat = pets / "all"
    flat.mkdir()
    for path in sorted(pets.glob("*/*.png")):
        path.rename(flat / f"{path.parent.name}-{path.name}")
    rows = [f"{path.name},{path.name.partition('-')[0]}" for path in sorted(flat.iterdir())]
    (flat / "labels.csv").write_text("path,class\n" + "\n".join(rows) + "\n")
    file = pets / "decisions.csv"
    file.write_text("path,decision,class\ncat-0.png,move,dog\n")
    with pytest.raises(DataError, match=r"a CSV file names 'cat-0.png' and says its class: change it there"):
        read_decisions(file, scan(flat))


def test_a_damaged_journal_moves_nothing(pets: Path) -> None:
    _apply(pets)
    journal = aside_folder(pets) / "journal.jsonl"
    journal.write_text(journal.read_text().replace('"cat/1.png"', '"../../out.png"', 1))
    there = _contents(pets, aside_folder(pets))
    with pytest.raises(DataError, match=r"journal.jsonl:1: is damaged: .* lies outside"):
        undo(pets)
    assert _contents(pets, aside_folder(pets)) == there


def test_the_same_decisions_twice_move_nothing_twice_whatever_has_the_old_names_now(pets: Path) -> None:
    before = _contents(pets)
    decided = (
        Decision("cat/1.png", "aside"),
        Decision("dog/1.png", "move", "cat"),
        Decision("cat/2.png", "move", "dog"),
        Decision("dog/2.png", "move", "cat"),
    )
    assert _apply(pets, decided) == Done(3, 1)
    there = _contents(pets, aside_folder(pets))
    assert there["pets/cat/1.png"] == before["pets/dog/1.png"]
    assert _apply(pets, decided) == Done(3, 1)
    assert _contents(pets, aside_folder(pets)) == there
    assert undo(pets) == Done(3, 1)
    assert _contents(pets) == before


def test_what_was_put_back_is_not_moved_again_by_what_is_left_of_the_journal(pets: Path) -> None:
    decided = (Decision("cat/1.png", "move", "dog"), Decision("cat/2.png", "move", "dog"))
    _apply(pets, decided)
    (pets / "dog" / "1-2.png").write_bytes(b"edited")
    assert undo(pets)[:2] == (1, 0)
    assert (pets / "cat" / "2.png").is_file()
    assert _apply(pets, (Decision("cat/2.png", "keep"),)) == Done(1, 0)
    assert (pets / "cat" / "2.png").is_file()
    (pets / "dog" / "1-2.png").unlink()
    (pets / "cat" / "1.png").write_bytes(b"another one")
    assert "is gone" in undo(pets).refused[0]
    assert (pets / "cat" / "1.png").read_bytes() == b"another one"


def test_one_file_that_can_not_be_moved_keeps_no_other_from_it(pets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = os.link

    def link(path: Path, to: Path, **how: object) -> None:
        if path.name == "1.png":
            raise PermissionError(13, "Permission denied", str(path))
        whole(path, to, **how)

    monkeypatch.setattr(os, "link", link)
    monkeypatch.setattr(Path, "rename", link)
    done = _apply(pets)
    assert (done.moved, done.aside) == (1, 0)
    assert "1.png: Permission denied" in done.refused[0]
    monkeypatch.undo()
    assert _apply(pets) == Done(1, 1)
    assert undo(pets) == Done(1, 1)


def test_a_folder_by_way_of_a_link_is_the_folder(pets: Path) -> None:
    link = pets.parent / "elsewhere" / "link"
    link.parent.mkdir()
    link.symlink_to(pets)
    assert apply(link, moves(DECIDED, scan(link))) == Done(1, 1)
    assert aside_folder(pets).is_dir()
    assert not (link.parent / "link-aside").exists()
    assert undo(pets) == Done(1, 1)
