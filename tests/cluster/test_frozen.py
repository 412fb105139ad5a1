"""Runs whose frozen layers are computed by a cluster: the same bytes, and nothing lost when a worker ends."""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest

from kerasvgg.cluster.frozen import MOST_DEATHS, OnCluster, RemoteLayers
from kerasvgg.data.pictures.loading import BadFileError, BadFiles
from kerasvgg.data.pictures.resizing import Resizing
from kerasvgg.data.pictures.sources import FilePictures
from kerasvgg.errors import KerasVGGError
from kerasvgg.files.hashing import content_hash


class WorkerPool:
    """Workers of this process instead of a cluster's, of which some end at a call, by its number."""

    def __init__(self, kind, threads, layers, here, *, allow_mixed=False, ends=()) -> None:
        assert here.outputs is not None
        self.calls, self._ends = [], set(ends)
        self._coming = [_Hand(self, kind(threads, layers)) for _ in range(2)]
        self._new = lambda: _Hand(self, kind(threads, layers))

    def next(self):
        if self._coming:
            return self._coming.pop(), None
        hand, words = self.calls.pop(0)
        self.count = getattr(self, "count", 0) + 1
        if self.count in self._ends:
            self._coming.append(self._new())
            return hand, KerasVGGError("it ended")
        return hand, hand.worker.rows(*words)

    def close(self) -> None: ...


class _Hand:
    def __init__(self, hands, worker) -> None:
        self.name, self.hands, self.worker = "here", hands, worker

    def call(self, what, *words) -> None:
        self.hands.calls.append((self, words))


@pytest.fixture
def pictures(pets: Path) -> FilePictures:
    paths = sorted(pets.glob("*/*.png"))
    return FilePictures(
        paths, [0] * len(paths), [content_hash(path) for path in paths], Resizing((16, 16), "bilinear", "squeeze")
    )


@pytest.fixture
def trunk():
    import keras

    keras.utils.set_random_seed(1)
    return keras.Sequential([keras.Input((16, 16, 3)), keras.layers.Conv2D(4, 3, activation="relu")])


@pytest.fixture
def elsewhere(monkeypatch) -> Callable[..., OnCluster]:
    def make(ends=()) -> OnCluster:
        made = OnCluster("local")
        monkeypatch.setattr("kerasvgg.cluster.frozen.cluster", nullcontext)
        monkeypatch.setattr("kerasvgg.cluster.frozen.RayWorkerPool", lambda *words: WorkerPool(*words, ends=ends))
        ray = type("Ray", (), {"put": staticmethod(lambda one: one), "get": staticmethod(lambda one: one)})
        monkeypatch.setitem(__import__("sys").modules, "ray", ray)
        return made

    return make


def computed(elsewhere, trunk, pictures, bad_files=None) -> dict[int, np.ndarray]:
    batches = iter([list(range(start, min(start + 5, 24))) for start in range(0, 24, 5)])
    found = {}
    for places, rows in elsewhere(trunk, "graph", pictures, batches, bad_files or BadFiles()):
        for place, row in zip(places, rows, strict=True):
            assert int(place) not in found
            found[int(place)] = row
    return found


@pytest.mark.parametrize("ends", [(), (1,), (1, 2, 3), (5, 6)])
def test_every_picture_has_its_row_once_whatever_ends(elsewhere, trunk, pictures, ends) -> None:
    found = computed(elsewhere(ends), trunk, pictures)
    assert sorted(found) == list(range(24))
    expected = np.asarray(trunk(pictures.load(np.arange(24)).astype(np.float32)))
    for place, row in found.items():
        np.testing.assert_allclose(row, expected[place], rtol=1e-5, atol=1e-4)


def test_a_batch_that_ends_every_worker_ends_the_run(elsewhere, trunk, pictures) -> None:
    with pytest.raises(KerasVGGError, match=f"{MOST_DEATHS} workers ended while they had the same"):
        computed(elsewhere(range(1, 100)), trunk, pictures)


def test_a_picture_gone_bad_stops_or_is_skipped_as_here(elsewhere, trunk, pictures, pets) -> None:
    bad = pets / "cat" / "3.png"
    bad.write_bytes(b"no picture")
    with pytest.raises(BadFileError, match=r"cat/3\.png"):
        computed(elsewhere(), trunk, pictures)
    skipping = BadFiles("skip")
    assert len(computed(elsewhere(), trunk, pictures, skipping)) == 23
    assert list(skipping.found) == [str(bad)]


def test_a_worker_tells_what_it_makes_of_the_same_made_pictures(trunk) -> None:
    from kerasvgg.cluster.features import Layers

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kerasvgg.cluster.frozen.compute_in", lambda threads: None)
        first, second = (RemoteLayers(1, Layers.of(trunk, "graph")).about() for _ in range(2))
    np.testing.assert_array_equal(first.outputs, second.outputs)
    assert first.outputs.shape == (4, 14, 14, 4)
