"""kerasvgg check: what it prints, draws and ends with."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageOps

YAML = """\
data: {dataset: pictures, split: {train: 6, validation: 3, test: 3}, image_size: [48, 48]}
model: {base: small_cnn}
train: [{epochs: 1, learning_rate: 1e-3}]
"""


@pytest.fixture
def root(class_folders: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return class_folders()


def mirrored(root: Path, source: str, target: str) -> None:
    with Image.open(root / source) as picture:
        ImageOps.mirror(picture).save(root / target)


def test_a_clean_folder_is_told_in_a_table_and_nothing_is_written(cli: Callable, root: Path) -> None:
    done = cli("check", root)
    assert done.status == 0
    assert [line.split() for line in done.out.splitlines() if "12" in line] == [["cat", "12"], ["dog", "12"]]
    assert "24 pictures: 24 PNG; pixels: width 52 to 52, height 48 to 48" in done.out
    assert done.out.endswith("0 errors, 0 warnings, 0 notes\n")
    assert {path.name for path in Path().iterdir()} == {"pictures"}


def test_errors_end_with_status_1_and_come_first(cli: Callable, root: Path) -> None:
    (root / "dog" / "x.png").write_bytes((root / "cat" / "0.png").read_bytes())
    (root / "dog" / "y.png").touch()
    done = cli("check", root)
    assert done.status == 1
    assert done.out.index("error: same-file-two-classes, 1") < done.out.index("warning: empty-file, 1")
    assert "  cat/0.png = dog/x.png: cat and dog\n" in done.out
    assert "1 error, 1 warning, 0 notes" in done.out


def test_pairs_are_drawn_into_a_new_folder_each_time(cli: Callable, root: Path) -> None:
    mirrored(root, "cat/0.png", "cat/x.png")
    for number in "12":
        done = cli("check", root)
        assert done.status == 0
        folder = Path("checks") / "pictures" / number
        assert {path.name for path in folder.iterdir()} == {"report.json", "pairs.png"}
        with Image.open(folder / "pairs.png") as sheet:
            assert min(sheet.size) > 200


def test_more_pairs_than_a_page_holds_go_on_the_next_one_up_to_the_last(
    cli: Callable, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kerasvgg.quality.sheets.A_PAGE", 2)
    monkeypatch.setattr("kerasvgg.quality.sheets.PAGES", 3)
    content = (root / "cat" / "0.png").read_bytes()
    for i in range(9):
        (root / "cat" / f"copy{i}.png").write_bytes(content)
    done = cli("check", root, "--output", "out")
    assert "same-file, 9" in done.out
    assert sorted(path.name for path in Path("out").glob("*.png")) == ["pairs-2.png", "pairs-3.png", "pairs.png"]


def test_json_has_every_finding_and_the_names_as_they_can_be_written(cli: Callable, root: Path) -> None:
    (root / "cat" / "bad\udcff.png").touch()
    for i in range(8):
        (root / "cat" / f"empty{i}.png").touch()
    done = cli("check", root, "--json")
    told = json.loads(done.out)
    assert told["pictures"] == 24
    assert told["classes"] == {"cat": {"all": 12}, "dog": {"all": 12}}
    assert {one["kind"] for one in told["findings"]} == {"empty-file"}
    assert len(told["findings"]) == 9
    assert "cat/bad\\xff.png" in {path for one in told["findings"] for path in one["paths"]}


def test_all_names_every_file(cli: Callable, root: Path) -> None:
    for i in range(8):
        (root / "cat" / f"empty{i}.png").touch()
    assert "and 3 more" in cli("check", root).out
    assert cli("check", root, "--all").out.count("the file is empty") == 8


def test_an_experiment_is_checked_as_it_would_be_split(cli: Callable, root: Path) -> None:
    Path("x.yaml").write_text(YAML)
    mirrored(root, "cat/0.png", "cat/11.png")
    done = cli("check", "x.yaml")
    assert "mirrored-across-parts, 1" in done.out
    assert "  cat/0.png, cat/11.png: train and test, likeness" in done.out
    assert "class   pictures   train   validation   test" in " ".join(done.out.splitlines())


def test_of_an_experiment_with_variants_the_default_or_the_named_one_is_checked_and_it_says_which(
    cli: Callable, root: Path
) -> None:
    Path("x.yaml").write_text(
        YAML + "default: two\nvariants: {one: {}, two: {data: {split: {train: 7, validation: 2, test: 3}}}}\n"
    )
    done = cli("check", "x.yaml")
    assert (done.status, done.err) == (0, "variant two\n")
    assert "cat 12 7 2 3" in " ".join(done.out.split())
    done = cli("check", "x.yaml", "--variant", "one")
    assert (done.status, done.err) == (0, "variant one\n")
    assert "cat 12 6 3 3" in " ".join(done.out.split())
    assert "is not a variant" in cli("check", "x.yaml", "--variant", "three").err
    assert cli("check", root, "--variant", "one").status == 2


@pytest.mark.parametrize(("left", "status"), [(9, 2), (0, 1)])
def test_where_labels_can_not_be_looked_at_the_rest_is_told_and_why(
    cli: Callable, root: Path, left: int, status: int
) -> None:
    for path in sorted((root / "cat").iterdir())[left:]:
        path.unlink()
    done = cli("check", root, "--wrong-labels")
    assert done.status == status
    assert ("small-class" if left else "one-class") in done.out
    assert done.err.startswith("labels were not looked at: `--wrong-labels` must have two classes, 10 pictures")


def test_what_is_no_folder_is_refused(cli: Callable, root: Path) -> None:
    done = cli("check", "nowhere")
    assert (done.status, done.out) == (2, "")
    assert "received 'nowhere'" in done.err
    Path("empty").mkdir()
    assert cli("check", "empty").status == 1  # it was checked: it is in error
    (root.parent / "full").mkdir()
    (root.parent / "full" / "mine.txt").write_text("x")
    mirrored(root, "cat/0.png", "cat/x.png")
    assert cli("check", root, "--output", "full").status == 2


def test_the_sources_are_never_changed(cli: Callable, root: Path) -> None:
    mirrored(root, "cat/0.png", "cat/x.png")
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in root.rglob("*.png")}
    cli("check", root)
    assert {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in root.rglob("*.png")} == before
