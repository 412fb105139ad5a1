import shutil
import sqlite3
import threading

import numpy as np
import pytest

from kerasvgg.errors import DataError
from kerasvgg.features.store import Store

NAMES = ["a", "b", "c", "d", "e", "f"]


def _change(store, statement, *values):
    with sqlite3.connect(store.path) as connection:
        connection.execute(statement, values)
    connection.close()


def test_rows_come_back_as_they_were_in_any_order(open_store, rows):
    store = open_store()
    store.write(NAMES, rows)
    found = store.read(["f", "a", "a"])
    assert all(np.array_equal(a, b) for a, b in zip(found, rows[[5, 0, 0]], strict=True))
    assert len(store) == 6


def test_rows_outlive_the_process(open_store, rows):
    store = open_store()
    store.write(NAMES, rows)
    store.close()
    again = Store.open(store.path)
    assert np.array_equal(np.stack(again.read(NAMES)), rows)
    assert again.about["cut"] == "block5_conv1"
    again.close()


def test_who_still_reads_when_it_is_closed_is_told_and_the_file_stays(open_store, rows):
    store = open_store()
    store.write(NAMES, rows)
    store.close()
    for ask in (store.read, store.missing):
        with pytest.raises(DataError, match="closed"):
            ask(NAMES)
    assert not list(store.path.parent.glob("*.damaged"))
    again = Store.open(store.path)
    assert np.array_equal(np.stack(again.read(NAMES)), rows)
    again.close()


def test_absent_rows_are_named_once(open_store, rows):
    store = open_store()
    store.write(NAMES[:2], rows[:2])
    assert store.missing(["b", "c", "c", "a", "d"]) == ["c", "d"]
    assert store.read(["c"]) == [None]


def test_float16_takes_half_the_room_and_rounds(open_store, rows):
    store = open_store(dtype="float16")
    store.write(NAMES, rows)
    found = np.stack(store.read(NAMES))
    assert found.dtype == np.float16
    assert np.array_equal(found, rows.astype(np.float16))


def test_a_row_with_a_flipped_bit_is_not_read(open_store, rows):
    store = open_store()
    store.write(NAMES, rows)
    wrong = bytearray(rows[2].tobytes())
    wrong[7] ^= 1
    _change(store, "UPDATE features SET row = ? WHERE picture = 'c'", bytes(wrong))
    assert [name for name, row in zip(NAMES, store.read(NAMES), strict=True) if row is None] == ["c"]
    assert list(store.damaged()) == ["checksum of c"]


def test_a_bit_flipped_anywhere_gives_right_rows_or_none(open_store, tmp_path):
    draw = np.random.default_rng(2)
    rows = draw.normal(size=(60, 40)).astype(np.float32)
    names = [f"{i:02d}" * 32 for i in range(60)]
    good = open_store(shape=[40])
    good.write(names, rows)
    good.close()
    content = good.path.read_bytes()
    for i in range(300):
        path = tmp_path / f"{i}.sqlite"
        place = int(draw.integers(200, len(content)))
        path.write_bytes(content[:place] + bytes([content[place] ^ (1 << (i % 8))]) + content[place + 1 :])
        try:
            store = open_store(path, shape=[40])
            found = store.read(names)
        except DataError:
            continue
        store.close()
        assert all(row is None or np.array_equal(row, right) for row, right in zip(found, rows, strict=True))


def test_only_one_of_two_runs_sets_a_damaged_file_aside(open_store, rows, tmp_path):
    path = tmp_path / "x.sqlite"
    stores = [open_store(path) for _ in range(2)]
    stores[0].write(NAMES, rows)
    with path.open("r+b") as file:
        file.write(b"no database any more" * 500)
    for store in stores:
        store.read(NAMES)
        store.write(store.missing(NAMES), rows[: len(store.missing(NAMES))])
    assert stores[0].missing(NAMES) == stores[1].missing(NAMES) == []
    assert len(list(tmp_path.glob("*.damaged"))) == 1


def test_too_little_room_is_said_before_hours_are_spent(open_store):
    store = open_store(shape=[1000, 1000, 1000])
    store.require_room(0)
    with pytest.raises(DataError, match=r"must have room for 4000000\.0 GB of features, received"):
        store.require_room(1_000_000)


def test_a_file_that_is_no_database_is_set_aside_not_lost(open_store, rows, tmp_path, capfd):
    path = tmp_path / "x.sqlite"
    path.write_bytes(b"something else" * 1000)
    store = open_store(path)
    store.write(NAMES, rows)
    assert store.missing(NAMES) == []
    (aside,) = tmp_path.glob("*.damaged")
    assert aside.read_bytes().startswith(b"something else")
    assert "x.sqlite is damaged" in capfd.readouterr().err


def test_a_file_damaged_in_its_middle_gives_right_rows_or_none(open_store, tmp_path):
    draw = np.random.default_rng(1)
    rows = draw.normal(size=(200, 64, 64)).astype(np.float32)
    names = [f"{i:03d}" for i in range(200)]
    good = open_store(shape=[64, 64])
    good.write(names, rows)
    size = good.path.stat().st_size
    for i in range(30):
        path = tmp_path / f"{i}.sqlite"
        shutil.copy(good.path, path)
        with path.open("r+b") as file:
            file.seek(int(draw.integers(0, size - 4096)))
            file.write(draw.bytes(4096))
        store = open_store(path, shape=[64, 64])
        for row, found in zip(rows, store.read(names), strict=True):
            assert found is None or np.array_equal(row, found)


def test_a_cut_off_file_gives_right_rows_or_none(open_store, rows):
    store = open_store()
    store.write(NAMES, rows)
    store.close()
    with store.path.open("r+b") as file:
        file.truncate(store.path.stat().st_size // 2)
    again = open_store(store.path)
    again.write(again.missing(NAMES), rows[[NAMES.index(name) for name in again.missing(NAMES)]])
    assert np.array_equal(np.stack(again.read(NAMES)), rows)


def test_several_threads_and_connections_may_write_at_once(open_store, rows):
    stores = [open_store() for _ in range(4)]

    def write(store, first):
        for i in range(first, first + 20):
            store.write([str(i % 50)], np.full((1, 4, 5), i % 50, dtype=np.float32))

    threads = [threading.Thread(target=write, args=(store, 10 * i)) for i, store in enumerate(stores)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = stores[0].read([str(i) for i in range(50)])
    assert all(np.array_equal(row, np.full((4, 5), i)) for i, row in enumerate(found))


def test_clearing_gives_the_room_back_and_others_go_on(open_store, rows):
    first, other = open_store(shape=[64, 64]), open_store(shape=[64, 64])
    many = np.ones((100, 64, 64), dtype=np.float32)
    first.write([str(i) for i in range(100)], many)
    before = first.path.stat().st_size
    first.clear()
    assert first.path.stat().st_size < before / 10
    assert other.missing(["1"]) == ["1"]
    other.write(["1"], many[:1])
    assert np.array_equal(first.read(["1"])[0], many[0])


def test_a_full_disk_is_said_and_what_was_there_stays(open_store, rows):
    store = open_store()
    store.write(NAMES[:1], rows[:1])
    pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
    store._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(DataError, match="full; 40,960,000 bytes more"):
        store.write([str(i) for i in range(5120)], np.zeros((5120, 2000), dtype=np.float32))
    assert np.array_equal(store.read(["a"])[0], rows[0])
    assert store.missing(["1"]) == ["1"]


def test_opening_what_is_none_of_ours_is_refused(tmp_path):
    path = tmp_path / "x.sqlite"
    sqlite3.connect(path).close()
    with pytest.raises(DataError, match="must be a file of features"):
        Store.open(path)
