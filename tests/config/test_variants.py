from collections.abc import Callable

import pytest

from kerasvgg.config.load import load_experiments
from kerasvgg.errors import ConfigError

Write = Callable[[str], str]


def test_the_default_runs_when_nothing_is_asked_for(write: Write, variants: str) -> None:
    assert list(load_experiments(write(variants))) == ["book"]


def test_a_list_of_defaults_runs_in_its_order(write: Write, variants: str) -> None:
    path = write(variants.replace("default: book", "default: [unsplit, book]"))
    assert list(load_experiments(path)) == ["unsplit", "book"]


@pytest.mark.parametrize("asked", [None, ()])
def test_without_default_all_run_in_the_order_of_the_file(
    write: Write, variants: str, asked: tuple[str, ...] | None
) -> None:
    path = write(variants.replace("default: book\n", ""))
    assert list(load_experiments(path, variants=asked)) == ["book", "small", "unsplit"]


def test_variants_are_picked_by_name(write: Write, variants: str) -> None:
    path = write(variants)
    assert list(load_experiments(path, variants=("small", "book"))) == ["small", "book"]
    assert list(load_experiments(path, variants=("all",))) == ["book", "small", "unsplit"]


def test_mappings_merge_and_everything_else_replaces(write: Write, variants: str) -> None:
    experiments = load_experiments(write(variants), variants=("all",))
    book, small, unsplit = experiments.values()
    assert (book.model.base, book.model.preprocessing, book.model.head.units) == ("vgg16", "unit", (256,))
    assert (small.model.head.units, small.model.head.dropout) == ((8, 4), 0.5)
    assert [phase.epochs for phase in small.train] == [1, 2]
    assert unsplit.data.split is None
    assert book.data.split is not None
    assert unsplit.data.dataset == "pets"


def test_what_depends_on_the_base_follows_the_variant(write: Write, variants: str) -> None:
    small = load_experiments(write(variants), variants=("small",))["small"]
    assert (small.model.weights, small.model.preprocessing) == (None, "unit")


def test_variants_that_are_not_asked_for_are_validated_too(write: Write, variants: str) -> None:
    with pytest.raises(ConfigError, match=r"^x\.yaml:13:12: `data\.spilt` is not a key here; did you mean `split`"):
        load_experiments(write(variants.replace("split: null", "spilt: null")), variants=("book",))


def test_a_mistake_of_all_variants_is_told_once(write: Write, variants: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_experiments(write(variants.replace("dropout: 0.5", "dropout: 2")))
    (line,) = str(caught.value).splitlines()
    assert line.startswith("x.yaml:2:50: `model.head.dropout` must be")
    assert line.endswith("received 2")


def test_a_mistake_of_some_variants_names_them(write: Write, variants: str) -> None:
    text = variants.replace("base: vgg16", "base: vgg16, weights: imagenet")
    with pytest.raises(ConfigError) as caught:
        load_experiments(write(text))
    (line,) = str(caught.value).splitlines()
    assert line.startswith("x.yaml:2:31: `model.weights` must be null for small_cnn")
    assert line.endswith("(in variant `small`)")


def test_a_mistake_in_each_branch_of_a_union_names_its_variant_once(write: Write, variants: str) -> None:
    with pytest.raises(ConfigError, match=r"^[^\n]*received 2 \(in variant `unsplit`\)$"):
        load_experiments(write(variants.replace("{split: null}", "{}\n    augment: {zoom_range: 2}")))


def test_a_wrong_override_of_some_variants_names_none(write: Write, variants: str) -> None:
    with pytest.raises(ConfigError, match=r"^override `seed=-1`: `seed` must be .* received -1$"):
        load_experiments(write(variants), ["seed=-1"], ("book",))


@pytest.mark.parametrize(
    ("right", "wrong", "place", "words"),
    [
        ("default: book", "default: bok", "5:10", "`bok` is not a variant; did you mean `book`? Allowed: book, small"),
        ("default: book", "default: [book, 5]", "5:10", "a variant's name or a list of them, received ['book', 5]"),
        ("default: book", "default: []", "5:10", "a variant's name or a list of them, received []"),
        ("default: book", "default:", "5:1", "a variant's name or a list of them, received None"),
        ("default: book", "default: ''", "5:10", "`` is not a variant. Allowed: book"),
        ("{split: null}", "{split: null, default: book}", "13:25", "`data.default` is not a key here"),
        ("  book:", "  all:", "7:3", "and not `all`, received 'all'"),
        ("  book:", "  ../x:", "7:3", "letters, digits, `_`, `-` and `.`, and not `all`, received '../x'"),
        ("  book:", "  .x:", "7:3", "a variant's name must be"),
        ("  book:", "  5:", "7:3", "a key must be text, received 5"),
        ("  book:", "  book: 5\n  x:", "7:9", "`variants.book` must be a mapping ({} changes nothing), received 5"),
        ("  small:", "  book:", "9:3", "`book` is given twice, first on line 7"),
    ],
)
def test_a_wrong_variant_is_told_with_its_place(
    write: Write, variants: str, right: str, wrong: str, place: str, words: str
) -> None:
    assert right in variants
    with pytest.raises(ConfigError) as caught:
        load_experiments(write(variants.replace(right, wrong, 1)))
    lines = [line for line in str(caught.value).splitlines() if line.startswith(f"x.yaml:{place}: ")]
    assert len(lines) == 1
    assert words in lines[0]


@pytest.mark.parametrize("wrong", ["", " {}", " [book]", " 5"])
def test_variants_that_are_no_mapping_are_refused(write: Write, whole: str, wrong: str) -> None:
    with pytest.raises(ConfigError, match=r"^x\.yaml:\d+:\d+: `variants` must be a mapping from names .* received"):
        load_experiments(write(f"{whole}variants:{wrong}\n"))


def test_an_unknown_variant_asked_for_is_refused_with_the_nearest(write: Write, variants: str) -> None:
    words = r"^x\.yaml: `smal` is not a variant; did you mean `small`\? Allowed: book, small, unsplit, all$"
    with pytest.raises(ConfigError, match=words):
        load_experiments(write(variants), variants=("book", "smal"))


def test_a_file_without_variants_has_none_to_ask_for(write: Write, whole: str) -> None:
    path = write(whole)
    assert list(load_experiments(path, variants=("all",))) == [""]
    with pytest.raises(ConfigError, match=r"^x\.yaml: `book` is not a variant; the file has no variants$"):
        load_experiments(path, variants=("book",))


def test_more_than_a_hundred_variants_are_refused(write: Write, whole: str) -> None:
    def text(count: int) -> str:
        return whole + "variants:\n" + "".join(f"  v{number}: {{}}\n" for number in range(count))

    assert len(load_experiments(write(text(100)), variants=("all",))) == 100
    with pytest.raises(ConfigError, match=r"^x\.yaml:16:1: `variants` must be at most 100, received 101$"):
        load_experiments(write(text(101)))


def test_a_variants_name_is_short_enough_for_a_folder(write: Write, whole: str) -> None:
    assert load_experiments(write(f"{whole}variants: {{{'a' * 100}: {{}}}}"))
    with pytest.raises(ConfigError, match=r"^x\.yaml:16:12: a variant's name must be at most 100 letters"):
        load_experiments(write(f"{whole}variants: {{{'a' * 101}: {{}}}}"))
