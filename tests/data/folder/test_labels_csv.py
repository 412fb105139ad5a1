"""Classes that a CSV file says: which files it names, what it may say of them, and what is refused."""

import itertools
import random
import re
import shutil
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kerasvgg.data.folder.grouped_split import grouped_split
from kerasvgg.data.folder.labels import read_labels
from kerasvgg.data.folder.manifest import with_recorded_groups, write_manifest
from kerasvgg.data.folder.named_files import NamedFiles
from kerasvgg.data.folder.scan import ScannedFile, scan, scan_parts
from kerasvgg.data.folder.split import plan_split
from kerasvgg.data.folder.split_folder import write_split_folder
from kerasvgg.data.picture import Picture
from kerasvgg.errors import DataError


@pytest.fixture
def pets(class_folders: Callable[..., Path], tmp_path: Path) -> Path:
    """Twelve pictures 0.png to 11.png whose names tell no class; even ones are to be cats."""
    root: Path = class_folders(("pictures",), root=tmp_path / "pets", flat=True)
    for path in root.iterdir():
        path.rename(root / path.name.removeprefix("pictures."))
    return root


def write(root: Path, *rows: str, name: str = "labels.csv", encoding: str = "utf-8") -> Path:
    (root / name).write_text("\n".join(rows) + "\n", encoding=encoding)
    return root / name


def encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def label_all(root: Path, more: Callable[[int], str] = lambda number: "", columns: str = "") -> Path:
    return write(root, f"path,class{columns}", *(f"{i}.png,{('cat', 'dog')[i % 2]}{more(i)}" for i in range(12)))


def files(root: Path, labels: Path | None = None) -> dict[str, tuple]:
    return {one.path: (one.label, one.split, one.group) for one in scan(root, labels=labels).files}


def refused(root: Path, labels: Path | None = None) -> str:
    with pytest.raises(DataError) as raised:
        scan(root, labels=labels)
    return str(raised.value).replace(f"{root}/", "")


def test_a_labels_csv_is_found_where_nothing_else_tells_the_classes(pets: Path, capsys) -> None:
    label_all(pets)
    assert files(pets) == {f"{i}.png": (("cat", "dog")[i % 2], None, "") for i in range(12)}
    assert capsys.readouterr().err == f"classes from {pets}/labels.csv\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_columns_stand_in_any_order_and_others_are_not_read(pets: Path, encoding: str, capsys) -> None:
    rows = ("Group, weight,class ,SPLIT,path", "Ö 1,3, cat ,Train,0.png", ',,"big, dog",val,./img/../1.png', "")
    write(pets, *rows, encoding=encoding)
    assert files(pets) == {"0.png": ("cat", "train", "Ö 1"), "1.png": ("big, dog", "validation", "")}
    assert "not read: `weight`\nleft out: 10 files that labels.csv does not name\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("header", "row", "said"),
    [
        ("id,breed,label", "{0},x,{1}", "`id` is taken for path; `label` is taken for class; not read: `breed`"),
        ("Filename,Category", "{0}.png,{1}", "`filename` is taken for path; `category` is taken for class"),
        ("image,class", "{0}.png,{1}", "`image` is taken for path"),
        ("path,id,class,label", "{0}.png,9,{1},x", "not read: `id`, `label`"),
    ],
)
def test_other_common_names_of_columns_are_taken_and_said(pets: Path, header: str, row: str, said: str, capsys) -> None:
    write(pets, header, row.format(0, "cat"), row.format(1, "dog"))
    assert {path: told[0] for path, told in files(pets).items()} == {"0.png": "cat", "1.png": "dog"}
    assert f"labels.csv: {said}\n" in capsys.readouterr().err


def test_an_id_finds_the_one_picture_of_this_stem_in_whichever_folder(pets: Path) -> None:
    (pets / "deep" / "er").mkdir(parents=True)
    (pets / "1.png").rename(pets / "deep" / "er" / "1.png")
    (pets / "0.txt").write_text("a remark about the picture")
    write(pets, "id,class", "0,cat", "1,dog", "deep/er/1,dog")
    assert list(files(pets)) == ["0.png", "deep/er/1.png"]
    (pets / "deep" / "0.bmp").write_bytes((pets / "0.png").read_bytes())
    assert refused(pets) == "labels.csv:2: '0' must be the name of one picture, received 0.png, deep/0.bmp"


def test_files_that_it_does_not_name_are_counted_once(pets: Path, capsys) -> None:
    (pets / ".hidden").touch()
    (pets / "split.csv").touch()
    labels = write(pets, "path,class", "0.png,cat", "1.png,dog", name="mine.csv")
    assert scan(pets, labels=labels).left_out == ()
    (pets / "mine.csv").rename(pets.parent / "mine.csv")
    files(pets, pets.parent / "mine.csv")
    told = [line for line in capsys.readouterr().err.splitlines() if "classes from" not in line]
    assert told == ["left out: 10 files that mine.csv does not name"] * 2


def test_class_folders_win_unless_it_is_given(class_folders: Callable[..., Path], capsys) -> None:
    root = class_folders(per_class=2)
    labels = write(root, "path,class", "cat/0.png,tame", "dog/1.png,wild")
    assert {told[0] for told in files(root).values()} == {"cat", "dog"}
    assert capsys.readouterr().err == (
        f"{labels}: not used, because names tell the classes; give it as `labels` to use it\n"
    )
    assert scan(root).left_out == ()
    assert files(root, labels) == {"cat/0.png": ("tame", None, ""), "dog/1.png": ("wild", None, "")}


@pytest.mark.parametrize("names", [("images",), ("train", "test")])
def test_folders_that_are_no_classes_do_not_win(class_folders: Callable[..., Path], names: tuple[str, ...]) -> None:
    root = class_folders(names, per_class=2)
    write(root, "path,class", f"{names[0]}/0.png,tame", f"{names[-1]}/1.png,wild")
    assert {told[0] for told in files(root).values()} == {"tame", "wild"}


def test_a_split_csv_of_a_run_says_the_same_split_again(pets: Path, tmp_path: Path) -> None:
    label_all(pets, lambda i: f",p{i % 6}", ",group")
    split = plan_split(pets, validation=0.34, test=0.34)
    write_manifest(tmp_path / "split.csv", split.pictures)
    again = plan_split(scan(pets, labels=tmp_path / "split.csv"))
    assert set(again.pictures) == set(split.pictures)


BAD = [
    ("labels.csv:3: 'no.png' must be a file in", "path,class", "0.png,cat", "no.png,dog"),
    ("labels.csv:2: '../0.png' must lie inside", "path,class", "../0.png,cat"),
    ("labels.csv:2: '/etc/passwd' must lie inside", "path,class", "/etc/passwd,cat"),
    ("labels.csv:2: '.x.png' must be a file in `pets`: hidden", "path,class", ".x.png,cat"),
    ("labels.csv:2: `class` must be said, received ''", "path,class", "0.png, "),
    ("labels.csv:2: `class` must have a name on both sides of each |, received 'a||b'", "path,class", "0.png,a||b"),
    ("labels.csv:2: `class` must have a name on both sides of each |, received 'cat|'", "path,class", "0.png,cat|"),
    ("labels.csv:2: `class` must name each class once, received 'cat|dog| cat'", "path,class", "0.png,cat|dog| cat"),
    ("labels.csv:2: `class` must be a name that a folder can have", "path,class", "0.png,cat|.dog"),
    ("labels.csv:3: `0.png` must have one class, received 'a|b' here", "path,class", "0.png,a", "0.png,b|a"),
    ("labels.csv:2: `class` must be a name that a folder can have", "path,class", "0.png,cat/dog"),
    ("labels.csv:2: `class` must be a name that a folder can have", "path,class", "0.png,.."),
    ("labels.csv:2: `class` must have no control characters", "path,class", "0.png,c\x1bat"),
    ("labels.csv:2: must have 2 fields like the first row, received 3", "path,class", "0.png,cat,"),
    ("labels.csv:2: must have 2 fields like the first row, received 1", "path,class", "0.png"),
    ("labels.csv:3: `0.png` must have one class, received 'dog' here and 'cat' on line 2",
     "path,class", "0.png,cat", "./0.png,dog"),
    ("labels.csv:3: `0.png` must have one group, received 'b' here and 'a' on line 2",
     "path,class,group", "0.png,cat,a", "0.png,cat,b"),
    ("labels.csv:3: `split` must be said in each row or in none", "path,class,split", "0.png,cat,train", "1.png,dog,"),
    ("labels.csv:2: `split` must be train, validation or test, received 'tran'; did you mean `train`?",
     "path,class,split", "0.png,cat,tran"),
    ("labels.csv:1: must have a column `path` (or id, filename, file, image)", "name,class", "0.png,cat"),
    ("labels.csv:1: must have a column `class` (or label, category) between commas, received 'path,klass'",
     "path,klass", "0.png,cat"),
    ("labels.csv:1: must have a column `path` (or id, filename, file, image) between commas, received 'path;class'",
     "path;class", "0.png;cat"),
    ("labels.csv:1: must have one column `path`, received id, image", "id,image,class", "0,0.png,cat"),
    ("labels.csv:1: must have one column `class`, received class, class", "path,class,class", "0.png,cat,dog"),
    ("labels.csv:1: must have a column `path`", ""),
    ("`labels.csv` must name at least two classes, received cat", "path,class", "0.png,cat"),
    ("`labels.csv` must name at least two classes, received none", "path,class"),
    ("labels.csv:3: can't be read as CSV: unexpected end of data", "path,class", "0.png,cat", '"1.png,dog'),
    ("labels.csv:2: can't be read as CSV: field larger", "path,class", f"0.png,{'c' * 200_000}"),
    ("labels.csv:3: must be text, received a NUL character", "path,class", "0.png,cat", "1.png,d\0g"),
]  # fmt: skip


@pytest.mark.parametrize(("told", "rows"), [(told, rows) for told, *rows in BAD], ids=[told for told, *_ in BAD])
def test_what_is_wrong_is_told_with_its_line(pets: Path, told: str, rows: list[str]) -> None:
    (pets / ".x.png").touch()
    write(pets, *rows)
    assert refused(pets).replace(f"{pets}", "pets").startswith(told)


def test_other_encodings_and_too_much_are_refused(pets: Path) -> None:
    labels = write(pets, "path,class", "0.png,cat", "1.png,böse", encoding="latin-1")
    assert refused(pets) == "labels.csv:3: must be UTF-8, received the byte 0xf6"
    write(pets, "path,class", encoding="utf-16")
    assert refused(pets) == "labels.csv:1: must be UTF-8, received the byte 0xff"
    with labels.open("wb") as file:
        file.truncate(100_000_000)
    assert "must be at most 64,000,000 bytes long" in refused(pets)
    assert "can't be read: No such file" in refused(pets, pets / "nowhere.csv")
    assert "not a plain file, but a folder" in refused(pets, pets)


def test_of_many_wrong_rows_ten_are_named_in_one_error(pets: Path) -> None:
    write(pets, "path,class", *(f"no{i}.png,cat" for i in range(15)), "0.png,")
    lines = refused(pets).splitlines()
    assert len(lines) == 11
    assert lines[9].startswith("labels.csv:11: 'no9.png' must be a file in")
    assert lines[10] == "and 6 more such rows"


def test_a_row_twice_is_one_picture(pets: Path) -> None:
    write(pets, "path,class,group", "0.png,cat,a", "1.png,dog,b", "0.png,cat,a")
    assert len(files(pets)) == 2


@pytest.mark.slow
def test_a_hundred_thousand_rows_are_read_in_about_a_second(tmp_path: Path) -> None:
    places = [f"images/{i // 1000}/{i}.jpg" for i in range(100_000)]
    rows = (f"{i},{'cat' if i % 2 else 'dog'},patient {i // 7},train" for i in range(100_000))
    labels = write(tmp_path, "id,class,group,split", *rows)
    started = time.process_time()
    assert len(read_labels(labels, NamedFiles(tmp_path, places))) == 100_000
    assert time.process_time() - started < 4


pieces = st.sampled_from(
    ["path", "class", "split", "group", "id", "0.png", "cat", ",", ",", '"', "\n", "\r\n", "|", ".."]
)
contents = st.one_of(
    st.binary(max_size=60),
    st.lists(pieces | st.text(max_size=3), max_size=40).map(lambda some: "path,class\n" + "".join(some)).map(encoded),
)


@settings(max_examples=300, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=contents)
def test_whatever_the_file_holds_it_is_read_or_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.csv").write_bytes(content)
    told, found = "", []
    try:
        found = read_labels(tmp_path / "x.csv", NamedFiles(tmp_path, ["0.png", "cat"]))
    except DataError as error:
        told = str(error)
    assert not told or re.search(r"x\.csv:\d+: ", told)
    assert {one.place for one in found} <= {"0.png", "cat"}
    assert all(one.label for one in found)


def parts_of_groups(pictures) -> dict[str, set[str]]:
    parts: defaultdict[str, set[str]] = defaultdict(set)
    for one in pictures:
        if one.group:
            parts[one.group].add(one.split)
    return parts


shares = st.floats(0.05, 0.5)
few = st.integers(1, 12)
amounts = st.one_of(
    st.fixed_dictionaries({"train": st.none() | shares, "validation": shares, "test": st.none() | shares}),
    st.fixed_dictionaries({"train": few, "validation": few, "test": st.none() | few}),
)


@settings(max_examples=300, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    of_class=st.lists(st.lists(st.sampled_from(["", *"abcdefgh"]), min_size=4, max_size=40), min_size=1, max_size=3),
    amounts=amounts,
    seed=st.integers(0, 9),
)
def test_no_group_is_ever_in_two_parts(of_class: list[list[str]], amounts: dict, seed: int) -> None:
    classes = [
        [Picture(f"{c}/{i}", f"{i}", f"{c}", "", f"{c}/{i}", group=group) for i, group in enumerate(groups)]
        for c, groups in enumerate(of_class)
    ]
    try:
        divided = grouped_split(classes, amounts, random.Random(seed), alike=False)
    except DataError:
        return
    parts, taken = defaultdict(set), []
    for name, picture in itertools.chain.from_iterable(((n, p) for n in d for p in d[n]) for d in divided):
        taken.append(picture.path)
        if picture.group:
            parts[picture.group].add(name)
    assert len(taken) == len(set(taken))
    assert all(len(names) == 1 for names in parts.values())


@pytest.mark.parametrize("keep_together", [False, True])
@pytest.mark.parametrize("stratify", [False, True])
def test_a_planned_split_keeps_groups_whole_whatever_the_seed(pets: Path, keep_together: bool, stratify: bool) -> None:
    label_all(pets, lambda i: f",p{i // 4}" if i < 8 else ",", ",group")
    for seed in range(6):
        how = {"seed": seed, "keep_together": keep_together, "stratify": stratify}
        split = plan_split(pets, validation=0.4, **how)
        assert len(split.pictures) == 12
        assert parts_of_groups(split.pictures).keys() == {"p0", "p1"}
        assert all(len(parts) == 1 for parts in parts_of_groups(split.pictures).values())


def test_groups_are_united_with_pictures_that_show_the_same(pets: Path) -> None:
    (pets / "10.png").write_bytes((pets / "0.png").read_bytes())  # the one of p0, the other of p5
    label_all(pets, lambda i: f",p{i // 2}", ",group")
    for seed in range(6):
        split = plan_split(pets, validation=0.34, seed=seed, keep_together=True)
        where = {one.group: one.split for one in split.pictures}
        assert where["p0"] == where["p5"]
        assert all(len(parts) == 1 for parts in parts_of_groups(split.pictures).values())


def test_whole_numbers_come_as_near_as_groups_allow_and_say_so(pets: Path, capsys) -> None:
    label_all(pets, lambda i: f",p{i // 4}", ",group")
    split = plan_split(pets, train=3, validation=2)
    assert [len(split.part(part)) for part in ("train", "validation")] == [4, 4]
    assert "groups stay whole, so that the split has cat: train: 2 of 3, validation: 2 of 2" in capsys.readouterr().err
    with pytest.raises(DataError, match=r"`group`: pictures of one group can't be .* largest group of them has 4"):
        plan_split(pets, train=3, validation=1)


def test_a_split_of_its_own_is_kept_and_takes_no_amounts(pets: Path) -> None:
    label_all(pets, lambda i: f",{'train' if i < 8 else 'val'}", ",split")
    assert [len(plan_split(pets).part(part)) for part in ("train", "validation")] == [8, 4]
    with pytest.raises(DataError, match="give no amounts"):
        plan_split(pets, validation=0.5)


def test_validation_is_drawn_in_groups_from_a_train_part(pets: Path) -> None:
    label_all(pets, lambda i: f",{'train' if i < 8 else 'test'},p{i // 2}", ",split,group")
    for seed in range(4):
        split = plan_split(pets, validation=0.5, seed=seed)
        assert [len(split.part(part)) for part in ("train", "validation", "test")] == [4, 4, 4]
        assert all(len(parts) == 1 for parts in parts_of_groups(split.pictures).values())


def test_classes_are_sorted_and_picked_among_as_those_of_folders(pets: Path) -> None:
    write(pets, "path,class", *(f"{i}.png,{'zab'[i % 3]}" for i in range(12)))
    assert plan_split(pets, validation=0.5).classes == ("a", "b", "z")
    assert plan_split(pets, validation=0.5, classes=("z", "a")).classes == ("a", "z")


def test_a_scanned_file_of_a_row_is_known_by_its_whole_path(pets: Path) -> None:
    (pets / "img").mkdir()
    (pets / "0.png").rename(pets / "img" / "0.png")
    write(pets, "path,class", "img/0.png,cat", "1.png,dog")
    assert scan(pets).files[0] == ScannedFile("img/0.png", "img/0.png", "cat")


def test_each_folder_of_a_part_may_have_a_labels_csv_of_its_own(pets: Path, tmp_path: Path) -> None:
    label_all(pets, lambda i: f",p{i}", ",group")
    shutil.copytree(pets, tmp_path / "other")
    found = scan_parts({"train": pets, "validation": tmp_path / "other"})
    assert {(one.split, one.group) for one in found.files if one.place == "3.png"} == {
        ("train", "p3"),
        ("validation", "p3"),
    }


SEVERAL = ("cat|dog", "dog", "cat", "dog | cat", "", "bird|cat")


def test_a_picture_may_have_several_classes_in_any_order_or_none_where_others_have(pets: Path, capsys) -> None:
    write(pets, "path,class", *(f"{i}.png,{label}" for i, label in enumerate(SEVERAL)))
    found = scan(pets)
    assert (found.multi_label, found.classes) == (True, ("bird", "cat", "dog"))
    assert {one.path: one.label for one in found.files} == {
        **{"0.png": "cat|dog", "1.png": "dog", "2.png": "cat"},
        **{"3.png": "cat|dog", "4.png": "", "5.png": "bird|cat"},
    }
    assert "multi-label: of 6 pictures 3 have several classes, 1 have none\n" in capsys.readouterr().err


def test_a_split_of_several_classes_gives_each_part_some_of_the_rarest_and_keeps_groups_whole(pets: Path) -> None:
    labels = ["cat", "cat|dog", "cat|newt", "cat"]  # a newt is always with a cat
    write(pets, "path,class,group", *(f"{i}.png,{labels[i % 4]},p{i % 6}" for i in range(12)))
    for seed in range(6):
        split = plan_split(pets, validation=0.34, seed=seed)
        assert split.multi_label
        assert split.classes == ("cat", "dog", "newt")
        for part in ("train", "validation"):
            assert {"dog", "newt"} <= {name for one in split.part(part) for name in one.label.split("|")}
        assert all(len(parts) == 1 for parts in parts_of_groups(split.pictures).values())


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            {"train": 2, "validation": 1},
            "must be fractions where pictures have several .* received whole",
        ),
        ({"validation": 0.5, "leave_out_last": 1}, "`leave_out_last` must be left out where pictures have several"),
        ({"validation": 0.5, "classes": ("cat", "dog")}, "`classes` must be left out .* received cat, dog"),
    ],
)
def test_what_is_meant_for_one_class_a_picture_is_refused_for_several(pets: Path, asked: dict, said: str) -> None:
    write(pets, "path,class", *(f"{i}.png,{('cat', 'cat|dog')[i % 2]}" for i in range(12)))
    with pytest.raises(DataError, match=said):
        plan_split(pets, **asked)


def test_a_split_csv_of_several_classes_says_the_same_split_again(pets: Path, tmp_path: Path) -> None:
    write(pets, "path,class", *(f"{i}.png,{('cat', 'dog|cat', '')[i % 3]}" for i in range(12)))
    split = plan_split(pets, validation=0.5)
    write_manifest(tmp_path / "split.csv", split.pictures)
    again = plan_split(scan(pets, labels=tmp_path / "split.csv"))
    assert set(again.pictures) == set(split.pictures)
    with pytest.raises(DataError, match="a split folder must be of pictures with one class each"):
        write_split_folder(split, tmp_path / "made")
    assert not (tmp_path / "made").exists()


def test_names_may_begin_with_the_folders_own_path_and_be_composed_otherwise(pets: Path) -> None:
    (pets / "1.2.840.png").write_bytes((pets / "0.png").read_bytes())
    (pets / unicodedata.normalize("NFD", "Zoë.png")).write_bytes((pets / "1.png").read_bytes())
    rows = [f"{pets.resolve()}/2.png,cat", "3.png,dog", "1.2.840,cat", f"{unicodedata.normalize('NFC', 'Zoë')}.png,dog"]
    found = files(pets, write(pets, "path,class", *rows))
    assert {unicodedata.normalize("NFC", name) for name in found} == {"2.png", "3.png", "1.2.840.png", "Zoë.png"}


def test_a_quote_behind_a_blank_is_refused_and_not_taken_for_a_letter(pets: Path) -> None:
    told = refused(pets, write(pets, "path,class", '0.png,"cat"', '1.png, "dog"'))
    assert told.startswith("labels.csv:3: `class` must have its quotes right behind the comma")


def test_groups_of_a_split_folder_are_those_of_its_manifest(pets: Path, tmp_path: Path) -> None:
    labels = label_all(pets, lambda number: f",patient {number // 4}", ",group")
    split = plan_split(scan(pets, labels=labels), train=0.5, validation=0.5)
    write_split_folder(split, tmp_path / "divided")
    found = with_recorded_groups(scan(tmp_path / "divided"))
    assert sorted(one.group for one in found.files) == sorted(f"patient {number // 4}" for number in range(12))
    (tmp_path / "divided/split.csv").write_text("another's\n")
    assert {one.group for one in with_recorded_groups(scan(tmp_path / "divided")).files} == {""}
