"""Whatever a folder holds and whatever is asked of it: a split is what its rules say, or is refused with a message."""

import hashlib
import itertools
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from by_hand import rgb_png
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kerasvgg.data.folder.split import Split, plan_split
from kerasvgg.data.folder.split_folder import write_split_folder
from kerasvgg.errors import KerasVGGError

PARTS = ("train", "validation", "test")
LIGHT = settings(max_examples=120, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])

signs = st.characters(exclude_categories=["Cs"], exclude_characters="/\0")
names = st.one_of(
    st.text(signs, min_size=1, max_size=12),
    st.from_regex(r"[a-c][0-9]{1,3}(\.png)?", fullmatch=True),
    st.sampled_from(["1", "01", "001", "²", "1²", "٣", "A", "a", "é", "e\u0301", "\r", "\n", "a,b", '"', "\\"]),
).filter(lambda name: len(name.encode()) <= 255 and not name.startswith("."))
labels = st.one_of(
    st.sampled_from(["cat", "dog", "Cat", "train", "val", "test", "1", "01", "²", "split.csv", "a b", "猫"]),
    st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/"), min_size=1, max_size=8),
).filter(lambda name: not name.startswith("."))
sizes = st.sampled_from([1, 4, 6])  # at least so many pictures in each class
trees = sizes.flatmap(lambda n: st.dictionaries(labels, st.sets(names, min_size=n, max_size=9), min_size=2, max_size=3))
few, share = st.integers(1, 2), st.floats(0.2, 0.5)
odd = st.one_of(st.none(), st.integers(-1, 12), st.floats(), st.booleans())
amounts = st.one_of(
    st.fixed_dictionaries({"train": few, "validation": few, "test": st.none() | few}),
    st.fixed_dictionaries({"train": st.none() | share, "validation": share, "test": st.none() | share}),
    st.fixed_dictionaries(dict.fromkeys(PARTS, odd)),
)


def write(root: Path, tree: dict[str, set[str]]) -> dict[str, str]:
    """Writes class folders of pictures, no two alike; returns each one's hash by its path."""
    hashes, number = {}, 0
    for label, places in tree.items():
        (root / label).mkdir(parents=True)
        for place in sorted(places):
            number += 1
            content = rgb_png(np.array([[[number % 256, number // 256, 7]]], np.uint8))
            (root / label / place).write_bytes(content)
            hashes[f"{label}/{place}"] = hashlib.sha256(content).hexdigest()
    return hashes


def in_order(places: set[str]) -> list[str]:
    """By text and number in turn; names that are the same number by themselves."""

    def key(name: str) -> tuple:
        runs = itertools.groupby(name, lambda sign: sign in "0123456789")
        return [(0, int("".join(run)), "") if digits else (1, 0, "".join(run)) for digits, run in runs]

    return sorted(sorted(places), key=key)


def shares(n: int, asked: dict) -> Counter | None:
    """How many of n pictures of a class each part takes, None where that is not allowed."""
    given_ = {name: amount for name, amount in asked.items() if amount is not None}
    if "validation" not in given_:
        return None
    if all(type(amount) is int and amount > 0 for amount in given_.values()):
        fits = "train" in given_ and sum(given_.values()) <= n
        return Counter(given_) if fits else None
    if not all(type(amount) is float and 0 < amount < 1 for amount in given_.values()):
        return None
    if sum(given_.values()) > 1 + 1e-9:
        return None
    taken = Counter({name: int(n * given_.get(name, 0)) for name in ("validation", "test")})
    rest = n - taken.total()
    draws = "train" in given_ and sum(given_.values()) < 1 - 1e-9
    return taken + Counter(train=int(n * given_["train"]) if draws else rest)


def expected(tree: dict[str, set[str]], asked: dict) -> dict[str, Counter] | None:
    by_class = {label: shares(len(places), asked) for label, places in tree.items()}
    if None in by_class.values():
        return None
    has_test = any(taken["test"] for taken in by_class.values())
    needed = PARTS if has_test else PARTS[:2]
    return by_class if all(taken[name] for taken in by_class.values() for name in needed) else None


def planned(root: Path, asked: dict, seed: int) -> Split | None:
    try:
        return plan_split(root, **asked, seed=seed)
    except KerasVGGError:
        return None


@pytest.mark.slow
@LIGHT
@given(tree=trees, asked=amounts, seed=st.integers(0, 5))
@example(tree={"cat": {"1", "01", "²"}, "dog": {"a", "b", "c"}}, asked=dict.fromkeys(PARTS, 1), seed=0)
@example(
    tree={"cat": {"0"}, "dog": {*"abcd"}, "cow": {*"abcd"}},
    asked=dict(zip(PARTS, (0.5, 0.25, None), strict=True)),
    seed=0,
)
@example(tree={"train": {"a", "b"}, "val": {"a", "b"}}, asked={"train": 1, "validation": 1, "test": None}, seed=0)
def test_a_split_is_what_its_rules_say_or_is_refused(tree: dict, asked: dict, seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        hashes = write(Path(folder), tree)
        split = planned(Path(folder), asked, seed)
        counted = expected(tree, asked)
        assert (split is None) == (counted is None)
        if split is None or counted is None:
            return
        assert planned(Path(folder), asked, seed) == split
        assert {picture.path: picture.sha256 for picture in split.pictures}.items() <= hashes.items()
        assert len({picture.path for picture in split.pictures}) == len(split.pictures)
        found = {label: Counter(p.split for p in split.pictures if p.label == label) for label in tree}
        assert found == counted
        if isinstance(asked["validation"], int):
            for label, places in tree.items():
                taken = [p.place for name in PARTS for p in split.part(name) if p.label == label]
                assert taken == in_order(places)[: len(taken)]


@pytest.mark.slow
@LIGHT
@given(tree=trees, asked=amounts, how=st.sampled_from(["copy", "hardlink", "symlink"]))
def test_a_split_folder_holds_the_contents_of_its_source(tree: dict, asked: dict, how: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root, target = Path(folder, "source"), Path(folder, "split")
        hashes = write(root, tree)
        split = planned(root, asked, 0)
        if split is None:
            return
        assert write_split_folder(split, target, how)
        assert not write_split_folder(split, target, how)
        for picture in split.pictures:
            placed = target / picture.split / picture.path
            assert hashlib.sha256(placed.read_bytes()).hexdigest() == hashes[picture.path]
        assert sum(path.is_file() for path in target.rglob("*")) == len(split.pictures) + 1
        assert {path: hashlib.sha256((root / path).read_bytes()).hexdigest() for path in hashes} == hashes


@pytest.mark.sampled(by_default=3)
@pytest.mark.parametrize("fraction", [0.1, 0.29, 0.5])
def test_seeds_draw_evenly(class_folders, fraction: float) -> None:
    root = class_folders(per_class=10)
    drawn: Counter[str] = Counter()
    for seed in range(60):
        drawn.update(picture.path for picture in plan_split(root, validation=fraction, seed=seed).part("validation"))
    mean = 60 * int(10 * fraction) / 10
    assert len(drawn) == 20
    assert max(abs(count - mean) for count in drawn.values()) < 5 * mean**0.5
