"""A job without a cluster: each picture once, each content computed once, whatever ends in between."""

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from shapes import write_tar

from kerasvgg.cluster.job import MOST_DEATHS, Job
from kerasvgg.cluster.ledger import Ledger, Seen
from kerasvgg.cluster.worker import Given, LocalPool, Result, Step, Worker
from kerasvgg.data.pictures.decode import decode
from kerasvgg.data.pictures.resizing import Resizing
from kerasvgg.data.streams.items import items
from kerasvgg.data.streams.remote import UnreachableError
from kerasvgg.errors import ConfigError, DataError, KerasVGGError

ABOUT = {"model": "mean colour"}


class MeanColour:
    """The mean colour of each picture, put in its place after `held` pictures."""

    resizing, class_names = Resizing((16, 16), "bilinear", "squeeze"), ("cat", "dog")

    def __init__(self, held: int = 0) -> None:
        self.computed: list[bytes] = []
        self._held, self._done = held, []

    def __call__(self, contents: Sequence[bytes], images: np.ndarray) -> list[Result]:
        assert len(contents) == len(images)
        self.computed += contents
        means = images.mean(axis=(1, 2), dtype=np.float32)
        self._done += [(content, mean.tobytes()) for content, mean in zip(contents, means, strict=True)]
        return self.flush() if len(self._done) > self._held else []

    def flush(self) -> list[Result]:
        done, self._done = self._done, []
        return done


class Mortal:
    """Several workers of this process, which take turns and of which some end in a step, by their number."""

    def __init__(self, computes: list[MeanColour], ends: dict[int, int] | None = None, poison: str = "") -> None:
        self._hands = [_Named(f"machine {i % 2}", Worker(one)) for i, one in enumerate(computes)]
        self._new = lambda: _Named("another machine", Worker(MeanColour()))
        self._ends, self._poison, self._steps = ends or {}, poison, 0
        self._coming, self._asked = list(self._hands), []

    def next(self):
        if self._coming:
            hand = self._coming.pop()
            hand.asked = self._asked.append
            return hand, None
        hand, *call = self._asked.pop(0)
        self._steps += 1
        hand.had += [one.item.address for one in call[0]]
        is_poisoned = self._poison and any(self._poison in address for address in hand.had)
        if is_poisoned or self._steps in self._ends:
            self._coming.append(self._new())
            return hand, DataError("it ended")
        return hand, hand.worker.step(*call)


class _Named:
    def __init__(self, name: str, worker: Worker) -> None:
        self.name, self.worker, self.had = name, worker, []

    def step(self, given: Sequence[Given], wanted: Sequence[int], flush: bool) -> None:
        self.asked((self, given, wanted, flush))


@pytest.fixture
def mixed(pets: Path) -> Path:
    """24 pictures, a copy of each under another name, two bad files, and a shard of some and of new ones."""
    for path in list(pets.glob("*/*.png")):
        (path.parent / f"copy of {path.name}").write_bytes(path.read_bytes())
    (pets / "cat" / "bad.png").write_bytes(b"no picture")
    (pets / "dog" / "worse.jpg").write_bytes(b"\xff\xd8\xff no picture")
    members = [(f"{i}.png", path.read_bytes()) for i, path in enumerate(sorted(pets.glob("cat/?.png")))]
    write_tar(pets / "shard.tar", [*members, ("bad.png", b"no picture")])
    return pets


def run(folder: Path, source: Path, hands, *, computes: bool = True) -> Job:
    ledger = Ledger(folder, ABOUT)
    job = Job(ledger, items(str(source)), lambda job: None, computes=computes, rehash=False)
    try:
        job.run(hands)
    finally:
        ledger.close()
    return job


def rows(folder: Path) -> dict[str, tuple[Seen, bytes | None]]:
    ledger = Ledger(folder, ABOUT)
    found = list(ledger.rows())
    ledger.close()
    assert Counter(seen.address for seen, _ in found).most_common(1)[0][1] == 1
    return {seen.address: (seen, payload) for seen, payload in found}


def require_whole(folder: Path, source: Path) -> None:
    """Each picture has its row with its own mean colour, each bad one its reason."""
    found = rows(folder)
    files = [path for path in source.rglob("*") if path.is_file() and path.suffix != ".tar"]
    inside = [f"{source}/shard.tar::{i}.png" for i in range(10)] + [f"{source}/shard.tar::bad.png"]
    assert set(found) == {path.as_posix() for path in files} | set(inside)
    for path in files:
        seen, payload = found[path.as_posix()]
        if path.stem in ("bad", "worse"):
            assert (seen.sha256, payload) == (None, None)
            assert "picture" in seen.reason or "JPEG" in seen.reason
        else:
            expected = decode(path, *MeanColour.resizing).mean(axis=(0, 1), dtype=np.float32)
            assert payload == expected.tobytes()
            assert seen.label == path.parent.name
    assert sum(seen.reason is not None for seen, _ in found.values()) == 3


def test_each_picture_has_a_row_and_each_content_is_computed_once(mixed, tmp_path):
    compute = MeanColour()
    job = run(tmp_path / "job", mixed, LocalPool(Worker(compute)))
    require_whole(tmp_path / "job", mixed)
    assert (len(compute.computed), len(set(compute.computed))) == (24, 24)
    assert (job.looked, job.computed, job.bad, job.known) == (24 * 2 + 2 + 11, 24, 3, 0)


def test_the_same_job_again_reads_nothing_and_asks_for_no_worker(mixed, tmp_path):
    run(tmp_path / "job", mixed, LocalPool(Worker(MeanColour())))
    job = run(tmp_path / "job", mixed, None)
    assert (job.looked, job.known) == (0, 24 * 2 + 2 + 1)


def test_new_and_changed_files_alone_are_read(mixed, tmp_path, class_folders):
    run(tmp_path / "job", mixed, LocalPool(Worker(MeanColour())))
    class_folders(("bird",), root=mixed.parent / "birds")
    (mixed.parent / "birds" / "bird").rename(mixed / "bird")
    changed = mixed / "cat" / "3.png"
    changed.write_bytes((mixed / "bird" / "0.png").read_bytes())
    os.utime(changed, ns=(5, 5))
    compute = MeanColour()
    job = run(tmp_path / "job", mixed, LocalPool(Worker(compute)))
    assert (job.looked, len(compute.computed)) == (13, 12)
    require_whole(tmp_path / "job", mixed)


def test_a_shard_that_has_changed_has_the_pictures_that_it_has_now(mixed, tmp_path):
    run(tmp_path / "job", mixed, LocalPool(Worker(MeanColour())))
    write_tar(mixed / "shard.tar", [("new.png", (mixed / "dog" / "1.png").read_bytes())])
    os.utime(mixed / "shard.tar", ns=(5, 5))
    compute = MeanColour()
    run(tmp_path / "job", mixed, LocalPool(Worker(compute)))
    assert not compute.computed  # its content was known
    assert [one for one in rows(tmp_path / "job") if "shard.tar" in one] == [f"{mixed}/shard.tar::new.png"]


@pytest.mark.parametrize("held", [0, 10, 1000])
@pytest.mark.parametrize("workers", [1, 2, 3])
def test_workers_share_the_pictures_and_compute_none_twice(mixed, tmp_path, workers, held):
    computes = [MeanColour(held) for _ in range(workers)]
    run(tmp_path / "job", mixed, Mortal(computes))
    require_whole(tmp_path / "job", mixed)
    assert max(Counter(content for one in computes for content in one.computed).values()) == 1


@pytest.mark.parametrize("held", [0, 1000])
@pytest.mark.parametrize("steps", [{1}, {2}, {3}, {1, 2, 3}, {2, 4, 6, 8}])
def test_what_a_worker_had_when_it_ended_is_done_by_another(mixed, tmp_path, steps, held, monkeypatch):
    monkeypatch.setattr("kerasvgg.cluster.job.CHUNK", 7)
    run(tmp_path / "job", mixed, Mortal([MeanColour(held), MeanColour(held)], dict.fromkeys(steps, 1)))
    require_whole(tmp_path / "job", mixed)


def test_a_file_that_ends_every_worker_becomes_a_bad_one_and_all_others_are_done(mixed, tmp_path, monkeypatch):
    monkeypatch.setattr("kerasvgg.cluster.job.CHUNK", 7)
    run(tmp_path / "job", mixed, Mortal([MeanColour(), MeanColour()], poison="dog/5.png"))
    found = rows(tmp_path / "job")
    (told,) = [seen for seen, _ in found.values() if seen.reason and "workers ended" in seen.reason]
    assert told.address == f"{mixed.as_posix()}/dog/5.png"
    assert told.reason == f"{MOST_DEATHS} workers ended while they had it"
    assert len([1 for _, payload in found.values() if payload]) == 24 * 2 + 10 - 1


def test_one_worker_with_a_poison_among_many_finishes_the_others_and_blames_no_other(pets, tmp_path, monkeypatch):
    monkeypatch.setattr("kerasvgg.cluster.job.CHUNK", 3)
    for hands in (Mortal([MeanColour(1000)], poison="cat/0.png"), Mortal([MeanColour()], poison="dog/9.png")):
        folder = tmp_path / str(id(hands))
        run(folder, pets, hands)
        found = rows(folder)
        assert len(found) == 24
        assert len([1 for seen, _ in found.values() if seen.reason]) == 1


class _Ended(BaseException):
    pass


@pytest.mark.parametrize("after", range(1, 9))
def test_a_job_that_ends_at_any_step_goes_on_where_it_was(mixed, tmp_path, after, monkeypatch):
    monkeypatch.setattr("kerasvgg.cluster.job.CHUNK", 7)
    monkeypatch.setattr("kerasvgg.cluster.job.SECONDS", 0)
    first, steps = MeanColour(), []

    class Ending(LocalPool):
        def next(self) -> tuple[LocalPool, Step | None]:
            steps.append(1)
            if len(steps) > after:
                raise _Ended
            return super().next()

    with pytest.raises(_Ended):
        run(tmp_path / "job", mixed, Ending(Worker(first)))
    second = MeanColour()
    run(tmp_path / "job", mixed, LocalPool(Worker(second)))
    require_whole(tmp_path / "job", mixed)
    twice = set(first.computed) & set(second.computed)
    assert len(twice) <= 7  # what was in hand


def test_what_a_store_does_not_give_now_is_no_bad_picture_and_is_asked_for_the_next_time(mixed, tmp_path, monkeypatch):
    def unreachable(address: str) -> bytes:
        if address.endswith("dog/5.png"):
            raise UnreachableError(f"{address}: not now")
        return Path(address).read_bytes()

    with monkeypatch.context() as patch:
        patch.setattr("kerasvgg.data.streams.records.read", unreachable)
        job = run(tmp_path / "job", mixed, LocalPool(Worker(MeanColour())))
    assert list(job.failed) == [f"{mixed.as_posix()}/dog/5.png"]
    assert f"{mixed.as_posix()}/dog/5.png" not in rows(tmp_path / "job")
    run(tmp_path / "job", mixed, LocalPool(Worker(MeanColour())))
    require_whole(tmp_path / "job", mixed)


def test_without_anything_to_compute_contents_and_bad_files_are_told(mixed, tmp_path):
    job = run(tmp_path / "job", mixed, LocalPool(Worker(None)), computes=False)
    found = rows(tmp_path / "job")
    assert Counter(seen.sha256 for seen, _ in found.values() if seen.sha256).most_common(1)[0][1] == 3
    assert (job.bad, len(found)) == (3, 24 * 2 + 2 + 11)


def test_a_folder_of_another_job_and_what_is_no_ledger_are_refused(mixed, tmp_path):
    run(tmp_path / "job", mixed, LocalPool(Worker(MeanColour())))
    with pytest.raises(ConfigError, match="holds another job's work: model was 'mean colour' and is now 'other'"):
        Ledger(tmp_path / "job", {"model": "other"})
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "ledger.sqlite").write_bytes(b"no database" * 500)
    with pytest.raises(DataError, match="must be the ledger of a job"):
        Ledger(tmp_path / "other", ABOUT)


def test_a_job_without_a_worker_ends_and_keeps_what_is_done(mixed, tmp_path):
    class Nobody:
        def next(self):
            raise KerasVGGError("no worker is left")

    with pytest.raises(KerasVGGError, match="no worker is left"):
        run(tmp_path / "job", mixed, Nobody())
