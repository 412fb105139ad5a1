"""Training from shards of any size: any rows in any order, and an order that reads each row group once."""

from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from kerasvgg.errors import DataError
from kerasvgg.features import shards as writing
from kerasvgg.features import table as reading
from kerasvgg.features.shards import ShardWriter
from kerasvgg.features.table import FeatureTable, Rows, Shards

pytestmark = pytest.mark.skipif(find_spec("pyarrow") is None, reason="no pyarrow: `pip install 'kerasvgg[sources]'`")
N, GROUP, SHAPE = 203, 8, (2, 3)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """203 rows whose first number is their own, in three files of row groups of eight; half of them are a table's."""
    monkeypatch.setattr(writing, "ROWS", GROUP)
    draw = np.random.default_rng(0)
    for numbers in np.split(np.arange(N), [90, 170]):
        writer = ShardWriter(tmp_path, SHAPE, "float16", {"features": "key"})
        contents = [draw.bytes(32) for _ in numbers]
        writer.add(contents, np.repeat(numbers[:, None], 6, axis=1).reshape(-1, *SHAPE).astype(np.float32))
        writer.flush()
    return tmp_path


def half(folder: Path, *, in_memory: bool, monkeypatch: pytest.MonkeyPatch) -> FeatureTable:
    """A table of every second row of each file, which are all in memory or not."""
    monkeypatch.setattr(reading, "IN_MEMORY", 1 << 30 if in_memory else 0)
    monkeypatch.setattr(reading, "WINDOW", 6 * 2 * GROUP * 3)  # three groups, and as many that are left from before
    shards = Shards(folder)
    parts = []
    for first, sizes, contents in shards.contents():
        groups = np.repeat(np.arange(first, first + len(sizes)), sizes)
        places = np.arange(len(groups)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        rows = Rows(groups, places, contents, np.arange(len(groups), dtype=np.int32) % 3)
        parts.append(rows.where(np.arange(len(groups)) % 2 == 0))
    return FeatureTable(shards, Rows(*map(np.concatenate, zip(*parts, strict=True))))


@pytest.mark.parametrize("in_memory", [True, False])
def test_any_rows_in_any_order_are_those_of_the_files(folder: Path, monkeypatch, in_memory: bool) -> None:
    table = half(folder, in_memory=in_memory, monkeypatch=monkeypatch)
    rows = [table.shards.read(group) for group in range(len(table.shards.sizes))]
    starts = np.concatenate([[0], np.cumsum(table.shards.sizes)])
    whole, places = np.concatenate(rows), starts[table._groups] + table._places
    assert sorted(whole[:, 0, 0]) == list(range(N))
    draw = np.random.default_rng(1)
    for asked in (np.arange(len(table)), draw.permutation(len(table)), draw.integers(0, len(table), 40), np.array([7])):
        found = table.load(asked)
        assert (found.dtype, found.shape) == (np.float16, (len(asked), *SHAPE))
        np.testing.assert_array_equal(found, whole[places[asked]])


def test_an_order_has_each_row_once_and_reads_each_group_once(folder: Path, monkeypatch) -> None:
    table = half(folder, in_memory=False, monkeypatch=monkeypatch)
    reads: Counter[int] = Counter()
    read = table.shards.read

    def counted(group: int) -> np.ndarray:
        reads[group] += 1
        return read(group)

    table.shards.read = counted
    order = table.shuffled(np.random.default_rng(3))
    assert sorted(order) == list(range(len(table)))
    for start in range(0, len(order), 5):
        table.load(order[start : start + 5])
    assert set(reads.values()) == {1}
    assert len(reads) == len(table.shards.sizes)
    again, other = (table.shuffled(np.random.default_rng(seed)) for seed in (3, 4))
    assert np.array_equal(again, order)
    assert not np.array_equal(other, order)
    neighbours = np.abs(np.diff(order)) == 1
    assert neighbours.mean() < 0.3  # rows are shuffled, and not the groups alone


def test_rows_in_memory_are_shuffled_among_all(folder: Path, monkeypatch) -> None:
    table = half(folder, in_memory=True, monkeypatch=monkeypatch)
    order = table.shuffled(np.random.default_rng(3))
    assert np.array_equal(order, np.random.default_rng(3).permutation(len(table)))


def test_the_fingerprint_is_that_of_contents_and_labels(folder: Path, monkeypatch) -> None:
    table = half(folder, in_memory=True, monkeypatch=monkeypatch)
    rows = Rows(table._groups, table._places, np.arange(len(table), dtype=np.uint64), table.labels)
    other = FeatureTable(table.shards, rows)
    another = FeatureTable(table.shards, rows._replace(labels=(table.labels + 1) % 3))
    fewer = FeatureTable(table.shards, rows.where(np.arange(len(table)) > 0))
    assert len({one.fingerprint for one in (table, other, another, fewer)}) == 4
    assert len(set(table.keys)) == len(table)
    assert table.keys[5] == table.name(5)
    assert len(table.name(5)) == 64


def test_damaged_files_and_such_of_other_features_are_refused(folder: Path, monkeypatch, tmp_path: Path) -> None:
    table = half(folder, in_memory=False, monkeypatch=monkeypatch)
    path = table.shards.paths[1]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 255
    path.write_bytes(content)
    with pytest.raises(DataError, match="is damaged"):
        half(folder, in_memory=False, monkeypatch=monkeypatch).load(np.arange(len(table)))
    path.unlink()
    writer = ShardWriter(folder, SHAPE, "float16", {"features": "another"})
    writer.add([bytes(32)], np.zeros((1, *SHAPE), np.float32))
    writer.flush()
    with pytest.raises(DataError, match="must have the features that"):
        list(Shards(folder).contents())
    with pytest.raises(DataError, match="must hold files shard-"):
        Shards(tmp_path / "nowhere")
