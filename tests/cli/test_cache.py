import sqlite3
from contextlib import closing

import numpy as np
import pytest

from kerasvgg.features.store import Store


@pytest.fixture
def kept(cache):
    """Two files of features, as runs leave them."""
    about = {
        "base": "vgg16", "image_size": [48, 52], "interpolation": "bilinear", "preprocessing": "vgg",
        "dtype": "float32", "mode": "graph", "threads": 2, "shape": [64, 64],
    }  # fmt: skip
    paths = []
    for name, cut in (("aaa1", "block5_conv1"), ("bbb2", "head_dense1")):
        store = Store(cache / "features" / f"{name}.sqlite", {**about, "cut": cut})
        store.write([str(i) for i in range(40)], np.zeros((40, 64, 64), dtype=np.float32))
        store.close()
        paths.append(store.path)
    return paths


def test_list_says_of_which_layers_how_read_and_how_many(cli, kept):
    lines = cli("cache", "list").out.splitlines()
    (row,) = [line for line in lines if line.strip().startswith("aaa1")]
    for words in ("vgg16 before block5_conv1", "48x52, bilinear, squeeze, vgg", "float32, graph, 2 threads", "40"):
        assert words in row


def test_verify_finds_a_changed_row_and_exits_with_1(cli, kept):
    assert "aaa1: 40 rows, all good" in cli("cache", "verify").out
    content = bytearray(kept[0].read_bytes())
    content[len(content) // 2] ^= 255
    kept[0].write_bytes(content)
    done = cli("cache", "verify")
    assert done.status == 1
    assert "aaa1: checksum of" in done.out
    assert "bbb2: 40 rows, all good" in done.out


def test_a_file_that_cannot_be_read_is_listed_found_and_cleared(cli, kept):
    kept[0].write_bytes(b"no database" * 500)
    assert "not readable" in cli("cache", "list").out
    assert cli("cache", "verify") == (1, "aaa1: not readable\nbbb2: 40 rows, all good\n", "")
    cli("cache", "clear", "aaa")
    assert not kept[0].exists()


def test_a_file_that_is_only_busy_is_never_removed(cli, kept, monkeypatch):
    monkeypatch.setattr("kerasvgg.features.store.SECONDS_TO_WAIT", 0.1)
    with closing(sqlite3.connect(kept[0], isolation_level=None)) as busy:
        busy.execute("BEGIN EXCLUSIVE")
        done = cli("cache", "clear", "aaa")
    assert done.status == 2
    assert "database is locked" in done.err
    assert "aaa1: 40 rows, all good" in cli("cache", "verify").out


def test_what_a_run_killed_at_its_start_left_is_no_damage(cli, kept):
    (kept[0].parent / "ccc3.sqlite").touch()
    assert cli("cache", "verify").status == 0
    assert "ccc3" not in cli("cache", "list").out


def test_clear_removes_what_is_named_or_all(cli, kept):
    before = [path.stat().st_size for path in kept]
    assert "freed" in cli("cache", "clear", "aaa").out
    assert kept[0].stat().st_size < before[0] / 5
    assert kept[1].stat().st_size == before[1]
    cli("cache", "clear")
    assert kept[1].stat().st_size < before[1] / 5


def test_what_is_known_of_pictures_is_listed_and_cleared(cli, kept, cache):
    (cache / "pictures.sqlite").write_bytes(bytes(2_000_000))
    assert "pictures: hashes and thumbnails" in cli("cache", "list").out
    assert cli("cache", "clear", "pictures").out == "pictures: 2.0 MB freed\n"
    assert "pictures:" not in cli("cache", "list").out
    assert "aaa1: 40 rows, all good" in cli("cache", "verify").out


def test_an_unknown_name_is_refused(cli, kept):
    done = cli("cache", "clear", "zzz")
    assert done.status == 2
    assert "received 'zzz'" in done.err


def test_an_empty_cache_is_no_mistake(cli):
    for command in ("list", "verify", "clear"):
        assert cli("cache", command).status == 0
