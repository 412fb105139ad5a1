"""The same predictions wherever the pictures lie: kerasvgg predict on shards, tables and lists."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from shapes import write_parquet, write_tar


@pytest.fixture
def by_name(cli: Callable, trained: Path) -> dict[str, list]:
    """What `predict` says of the files themselves: class and probability."""
    lines = cli("predict", trained, trained.parents[2] / "pictures" / "red", "--json", "--top", 1).out.splitlines()
    return {Path(one["path"]).name: [one["predicted"], one["top"]] for one in map(json.loads, lines)}


@pytest.mark.parametrize("shape", ["tar", "folder of shards", "parquet", "list"])
def test_predictions_are_those_of_the_files(
    cli: Callable, trained: Path, by_name: dict, tmp_path: Path, shape: str
) -> None:
    paths = sorted((trained.parents[2] / "pictures" / "red").iterdir())
    members = [(path.name, path.read_bytes()) for path in paths]
    source = tmp_path / {"parquet": "red.parquet", "list": "red.csv"}.get(shape, "red.tar")
    if shape == "parquet":
        write_parquet(source, [(data, 1) for _, data in members], hugging_face=True)
    elif shape == "list":
        source.write_text("\n".join(["path", *map(str, paths)]) + "\n")
    else:
        write_tar(source, members)
    asked = tmp_path if shape == "folder of shards" else source
    found = [json.loads(line) for line in cli("predict", trained, asked, "--json", "--top", 1).out.splitlines()]
    names = [path.name for path in paths] if shape == "parquet" else [Path(one["path"]).name for one in found]
    names = [name.rpartition("::")[2] for name in names]
    assert len(found) == len(by_name)
    for name, one in zip(names, found, strict=True):
        assert one["predicted"] == by_name[name][0]
        assert one["top"] == pytest.approx(by_name[name][1], abs=1e-6)


def test_bad_members_are_left_out_by_name_and_a_source_without_a_picture_is_refused(
    cli: Callable, trained: Path, tmp_path: Path
) -> None:
    good = next((trained.parents[2] / "pictures" / "red").iterdir()).read_bytes()
    path = write_tar(tmp_path / "s.tar", [("a.png", good), ("b.png", b"no picture")])
    done = cli("predict", trained, path)
    assert done.status == 0
    assert done.out.startswith(f"{path}::a.png: red")
    assert f"left out: {path}::b.png: not a picture" in done.err
    done = cli("predict", trained, write_tar(tmp_path / "t.tar", [("b.png", b"no picture")]))
    assert (done.status, "must hold at least one picture, received none" in done.err) == (2, True)
