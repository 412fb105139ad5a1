"""kerasvgg features: shards of what frozen layers make of pictures, which runs take over."""

import json
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from kerasvgg.features.store import Store

parquet = pytest.importorskip("pyarrow.parquet", reason="no pyarrow: `pip install 'kerasvgg[sources]'`")


def frozen_layers() -> dict[str, object]:
    (about,) = Path("runs").rglob("environment.json")
    return json.loads(about.read_bytes())["frozen_layers"]


def rows(folder: Path) -> dict[bytes, np.ndarray]:
    tables = [parquet.read_table(path).to_pydict() for path in folder.glob("shard-*.parquet")]
    return {
        content: np.array(row) for one in tables for content, row in zip(one["sha256"], one["features"], strict=True)
    }


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", pytest.param("float16", marks=pytest.mark.very_slow)])
def test_a_run_takes_over_what_was_computed_before_and_computes_nothing(
    cli: Callable, cache: Path, frozen: str, dtype: str
) -> None:
    done = cli("features", frozen, "pictures", f"feature_dtype={dtype}")
    assert done.status == 0, done.err
    assert "24 pictures of 24 contents; 0 could not be decoded" in done.out
    (folder,) = (cache / "features").glob("*.shards")
    done = cli("run", frozen, f"feature_dtype={dtype}")
    assert done.status == 0, done.err
    assert "took over the features of" in done.err
    assert frozen_layers()["computed"] == 0
    # What was taken over is what the shards say, and what a run without them computes.
    (path,) = (cache / "features").glob("*.sqlite")
    shards, store = rows(folder), Store.open(path)
    for content, row in shards.items():
        np.testing.assert_array_equal(store.read([content.hex()])[0].ravel(), row)
    store.close()
    path.unlink()
    folder.rename(cache / "elsewhere")
    Path("runs").rename("before")
    assert cli("run", frozen, f"feature_dtype={dtype}").status == 0
    assert frozen_layers()["computed"] == 24
    (path,) = (cache / "features").glob("*.sqlite")
    store = Store.open(path)
    for content, row in shards.items():
        np.testing.assert_array_equal(store.read([content.hex()])[0].ravel(), row)
    store.close()


@pytest.mark.slow
def test_the_same_command_goes_on_with_what_is_new(cli: Callable, cache: Path, frozen: str) -> None:
    cli("features", frozen, "pictures")
    assert "0 were read" in cli("features", frozen, "pictures").out
    (Path("pictures") / "cat" / "new.png").write_bytes((Path("pictures") / "cat" / "0.png").read_bytes() + b"1")
    assert "this time 1 were read and 1 computed; 24 files were known" in cli("features", frozen, "pictures").out
    assert len(list((cache / "features").glob("*.shards/shard-*"))) == 2


@pytest.mark.slow
def test_shards_are_listed_and_cleared_with_the_cache(cli: Callable, cache: Path, frozen: str) -> None:
    cli("features", frozen, "pictures")
    (folder,) = (cache / "features").glob("*.shards")
    assert f"{folder.stem[:12]}: shards of `kerasvgg features`" in cli("cache", "list").out
    assert "shards removed" in cli("cache", "clear").out
    assert not folder.exists()


@pytest.mark.slow
def test_rows_of_another_key_are_not_taken_over(cli: Callable, cache: Path, frozen: str) -> None:
    cli("features", frozen, "pictures", "data.interpolation=nearest")
    (folder,) = (cache / "features").glob("*.shards")
    cli("run", frozen)
    (path,) = (cache / "features").glob("*.sqlite")
    path.unlink()
    folder.rename(path.with_suffix(".shards"))
    Path("runs").rename("before")
    done = cli("run", frozen)
    assert "not taken over: its rows are others" in done.err
    assert frozen_layers()["computed"] == 24


@pytest.mark.slow
def test_the_list_of_pictures_names_class_content_and_shard(cli: Callable, frozen: str) -> None:
    (Path("pictures") / "cat" / "copy.png").write_bytes((Path("pictures") / "cat" / "0.png").read_bytes())
    bad = (Path("pictures") / "cat" / "bad.png").absolute()
    bad.write_bytes(b"no picture")
    done = cli("features", frozen, "pictures", "--output", "out")
    assert "25 pictures of 24 contents; 1 could not be decoded" in done.out
    listed = parquet.read_table("out/pictures.parquet").to_pylist()
    assert [one["path"] for one in listed] == sorted(one["path"] for one in listed)
    assert {one["class"] for one in listed} == {"cat", "dog"}
    computed = {content.hex() for content in rows(Path("out"))}
    assert {one["sha256"] for one in listed} == computed
    assert all((Path("out") / one["shard"]).is_file() for one in listed)
    assert Path("out/bad.csv").read_text().splitlines()[1].startswith(f'{bad},"not a picture')


@pytest.mark.slow
def test_a_damaged_shard_and_one_of_something_else_are_told_and_what_they_have_is_computed(
    cli: Callable, cache: Path, frozen: str
) -> None:
    cli("features", frozen, "pictures")
    (folder,) = (cache / "features").glob("*.shards")
    (shard,) = folder.glob("shard-*.parquet")
    shard.write_bytes(shard.read_bytes()[:-100])
    done = cli("run", frozen)
    assert done.status == 0
    assert f"{shard}: not taken over" in done.err
    assert frozen_layers()["computed"] == 24


def test_an_experiment_without_frozen_layers_and_one_of_several_variants_are_refused(cli: Callable, tiny: str) -> None:
    done = cli("features", tiny, "pictures")
    assert (done.status, "must have frozen layers" in done.err) == (2, True)
    done = cli("features", "cats_and_dogs/fine_tune_block5", "pictures", "--variant", "nosuch")
    assert (done.status, "nosuch" in done.err) == (2, True)


@pytest.mark.skipif(find_spec("ray") is None, reason="no Ray: `pip install 'kerasvgg[cluster]'`")
@pytest.mark.slow
def test_a_run_on_a_cluster_leaves_the_same_bytes(process: Callable, cache: Path, frozen: str) -> None:
    words = ("run", frozen, "model.weights=null", "augment={horizontal_flip: true}", "augment_copies=2")
    histories = []
    for more in ((), ("--cluster", "local")):
        done = process(*words, *more)
        assert done.status == 0, done.err
        assert ("cluster: 1 machine" in done.err) == bool(more)
        (path,) = Path("runs").rglob("history.csv")
        tables = [(path.parent / name).read_bytes() for name in ("history.csv", "predictions.csv")]
        histories.append((tables, frozen_layers()["computed"]))
        Path("runs").rename(f"runs{len(more)}")
        for path in (cache / "features").iterdir():
            path.unlink()
    assert histories[0] == histories[1]
    assert histories[0][1] > 0
