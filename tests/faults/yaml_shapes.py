"""Texts of as much of one thing as fits: what takes long, or much memory, if anything does."""

from collections.abc import Callable

DATA = "data: {dataset: pets, image_size: [64, 64]}\n"
MODEL = "model: {base: vgg16}\n"
TRAIN = "train: [{epochs: 1, learning_rate: 1e-3}]\n"
HUNDRED = "variants:\n" + "".join(f"  v{number}: {{seed: a{number}}}\n" for number in range(100))
RIGHT = "variants:\n" + "".join(f"  v{number}: {{seed: {number}}}\n" for number in range(100))
PHASE = ", {epochs: 1, learning_rate: 1}"


def filled(before: str, piece: str, after: str = "") -> Callable[[int], str]:
    """Returns what makes a text of a given length from as many of the pieces as fit."""
    return lambda size: before + piece * ((size - len(before) - len(after)) // len(piece.encode())) + after


def numbered(before: str, piece: str, after: str = "") -> Callable[[int], str]:
    """Returns the same for pieces that each have their own number in them."""

    def text(size: int) -> str:
        count = (size - len(before) - len(after)) // (len(piece) + 3)
        return before + "".join(piece.format(number) for number in range(count)) + after

    return text


def alias_bomb(size: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]" for level in range(1, size // 60)]
    return "\n".join(lines)


def stairs(size: int) -> str:
    return "".join(f"{' ' * depth}a:\n" for depth in range(int((2 * size) ** 0.5) - 3))


SHAPES: dict[str, Callable[[int], str]] = {
    "numbers in brackets": filled("train: [", "1,", "1]"),
    "numbers on lines": filled("train:\n", "- 1\n"),
    "empty mappings": filled(DATA + MODEL + "train: [", "{},", "{}]"),
    "classes": filled(DATA[:-2] + ", classes: [", "a,", "b]}\n" + MODEL + TRAIN),
    "units": filled(DATA + TRAIN + "model: {base: vgg16, head: {units: [", "0,", "1]}}"),
    "layers": filled(DATA + MODEL + "train: [{epochs: 1, learning_rate: 1, layers: [", "a,", "b]}]"),
    "phases without layers": filled(DATA + MODEL + "train: [", "{layers: []},", "{}]"),
    "keys": numbered("", "k{}: 1\n"),
    "keys near a right one": numbered("", "augment_copies" * 4 + "{}: 1\n"),
    "one key": filled("", "a: 1\n"),
    "one key in braces": filled("{", "a,", "b}"),
    "variants": numbered(DATA + MODEL + TRAIN + "variants:\n", "  v{}: {{}}\n"),
    "wrong variants": numbered(DATA + MODEL + TRAIN + "variants:\n", "  v{}: {{x: 1}}\n"),
    "variants of much": filled(DATA + MODEL + HUNDRED + "train: [", "{epochs: 1, learning_rate: 1e-3},", "{}]"),
    "right variants of much": filled(DATA + MODEL + RIGHT + "train: [{epochs: 1, learning_rate: 1}", PHASE, "]"),
    "variants of much that is wrong": filled(
        DATA + MODEL + HUNDRED + "train: [", "{epochs: 0, learning_rate: 0},", "]"
    ),
    "a huge list in each variant": filled(MODEL + TRAIN + HUNDRED + "data: [", "1000000,", "1]"),
    "defaults": filled(DATA + MODEL + TRAIN + HUNDRED + "default: [", "b,", "a]"),
    "defaults with long names": numbered(DATA + MODEL + TRAIN + HUNDRED + "default: [", "v{}" + "x" * 90 + ",", "a]"),
    "a long word": filled("seed: ", "a"),
    "a long key": filled("", "a", ": 1"),
    "digits": filled("seed: ", "9"),
    "digits after the point": filled("seed: 0.", "9"),
    "escapes": filled('seed: "', "\\x41", '"'),
    "words in quotes": filled('seed: "', "a ", '"'),
    "lines in quotes": filled('seed: "', "a\n ", '"'),
    "quotes": filled("", "'"),
    "folded lines": filled("seed: >\n", "  a\n"),
    "blank lines of a block": filled("seed: |\n", "  \n"),
    "a comment": filled("", "#"),
    "comments": filled("", "#\n"),
    "blank lines": filled("", "\n"),
    "Windows lines": filled("", "\r\n"),
    "tabs": filled("seed:", "\t", "1"),
    "brackets": filled("", "["),
    "braces": filled("", "{a: "),
    "dashes": filled("", "- "),
    "questions": filled("", "? "),
    "colons": filled("", "a: "),
    "stairs": stairs,
    "documents": filled("", "---\n"),
    "directives": filled("", "%a b\n"),
    "tag directives": numbered("", "%TAG !{}! x\n", "--- a"),
    "a tag": filled("a: !", "a", " 1"),
    "a tag in percents": filled("a: !<", "%41", "> 1"),
    "anchors": filled("a: [", "&a 1,", "1]"),
    "aliases of nothing": filled("a: [", "*a,", "1]"),
    "a bomb of aliases": alias_bomb,
    "smileys": filled("seed: '", "\U0001f600", "'"),
    "accents on one letter": filled("seed: e", "\u0301"),
    "byte order marks": filled("", "\ufeff"),
}
