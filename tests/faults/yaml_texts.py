"""Experiment files as an enemy, or a tired person, would write them: right ones that were spoilt, and mere noise."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from yaml_shapes import SHAPES

from kerasvgg.config.experiment import Experiment
from kerasvgg.config.load import load_experiments
from kerasvgg.config.writer import dump_experiment

Draw = Any
RIGHT = sorted((Path(__file__).parents[2] / "experiments").rglob("*.yaml"))
KEYS = sorted({*Experiment.model_fields, "dataset", "epochs", "layers", "head", "units", "variants", "default"})

# What may stand where a value stood, or a key: YAML as it is written.
NASTY = (
    *(
        "",
        "null",
        "~",
        "true",
        "no",
        "0",
        "-0",
        "-1",
        "2.0",
        "1e999",
        "-.inf",
        ".nan",
        "1e-400",
        "0x1F",
        "0b1",
        "1_000",
    ),
    *(
        "9" * 5000,
        "1." + "0" * 5000,
        "18446744073709551616",
        "-9223372036854775809",
        "1:30",
        "2001-01-01",
        "=",
        "+",
        ".",
    ),
    *("''", "' '", '"\\ud800"', '"\\0"', '"\\x9b2J"', '"\\UFFFFFFFF"', '"\\q"', '"\\u202e"', "'\U0001f600'", "e\u0301"),
    *(
        "\x1b[2J",
        "\0",
        "\x7f",
        "\x85",
        "\u2028",
        "\ufeff",
        "\ufffe",
        "\u202e",
        "a" * 5000,
        "../../etc/passwd",
        "/dev/zero",
    ),
    *(
        "[]",
        "{}",
        "[[]]",
        "[null]",
        "{a: b}",
        "{? [a]: b}",
        "[" * 30 + "]" * 30,
        "{a: " * 30 + "}" * 30,
        "[" * 350 + "]" * 350,
        "[" * 2000,
    ),
    *(
        "[",
        "]",
        "{",
        "}",
        "'",
        '"',
        "|",
        ">",
        "|2-\n x",
        "? a",
        "- b",
        "@",
        "`",
        "%",
        "%YAML 9.9",
        "\t",
        "\tx",
        ":",
        ": :",
    ),
    *("&a 1", "*a", "&a [*a]", "<<: *a", "!", "!x 1", "!!int 5", "!!binary aGk=", "!<tag:yaml.org,2002:int> 5"),
    *(
        "!!python/object/apply:os.system ['touch RAN']",
        "!!python/name:os.system",
        "!!python/module:os",
        "!include /etc/hosts",
    ),
    *(
        "!!python/object/new:os.system [touch RAN]",
        "!!timestamp 2001-01-01",
        "!!set {a, b}",
        "!!omap [a: 1]",
        "{{ x }}",
        "$HOME",
    ),
    *(
        "[1, 2, 3]",
        "[a, 1]",
        "[0.5, 0.5]",
        "[" + "1, " * 3000 + "1]",
        "{x: {x: {x: {}}}}",
        "vgg16",
        "all",
        "small_cnn",
        "head",
    ),
)
BREAKS = ("\r\n", "\r", "\u2028", "\x85", "\n\n", "\n\t", " \\\n")


@st.composite
def spoilt_texts(draw: Draw) -> str:
    """A right experiment with one to four things wrong in its tree, and sometimes one in its text."""
    tree = _tree(draw(st.sampled_from(RIGHT)), draw(st.booleans()))
    for _ in range(draw(st.integers(1, 4))):
        _spoil(draw, tree)
    text = "".join(_lines(tree, "", draw(st.integers(0, 4))))
    return _spoil_text(draw, text) if draw(st.booleans()) else text


def contents() -> st.SearchStrategy[bytes]:
    """Whole files: spoilt ones for the most part, then one thing in plenty, noise of YAML's signs, and plain noise."""
    noise = st.lists(st.sampled_from((*NASTY, *KEYS, *BREAKS, "\n", "  ", ": ", "- ", ", ", "---\n", "#"))).map("".join)
    plenty = st.builds(
        lambda shape, size: SHAPES[shape](size), st.sampled_from(sorted(SHAPES)), st.integers(500, 9_000)
    )
    texts = st.one_of(spoilt_texts(), spoilt_texts(), spoilt_texts(), noise, plenty, st.text())
    encoded = texts.map(lambda text: text.encode("utf-8", "surrogatepass"))
    return st.one_of(
        encoded, encoded, encoded, encoded, st.binary(), texts.map(_utf_16), encoded.map(b"\xef\xbb\xbf".__add__)
    )


def overrides() -> st.SearchStrategy[list[str]]:
    """Settings from the command line, right and wrong."""
    path = st.lists(st.sampled_from((*KEYS, "0", "1", "-1", "99999", "", "<<", "\x1b")), min_size=1, max_size=5)
    setting = st.builds(lambda keys, value: f"{'.'.join(keys)}={value}", path, st.sampled_from(NASTY))
    return st.lists(
        st.one_of(setting, st.sampled_from(("seed=1", "train.0.epochs=5", "seed", "=", "")), st.text()), max_size=2
    )


def variants() -> st.SearchStrategy[tuple[str, ...] | None]:
    """Which variants are asked for."""
    return st.sampled_from((None, ("all",), ("book",), ("none", "all"), ("",), ("\x1b[2J",)))


def _tree(path: Path, with_variants: bool) -> Any:
    """Returns a right experiment: mappings as lists of pairs, so that a key can come twice; scalars as YAML."""
    from ruamel.yaml import YAML

    if with_variants:
        return _pairs(YAML(typ="safe", pure=True).load(path))
    experiment, *_ = load_experiments(path).values()
    return _pairs(YAML(typ="safe", pure=True).load(dump_experiment(experiment)))


def _pairs(value: Any) -> Any:
    if isinstance(value, dict):
        return [(key, _pairs(inner)) for key, inner in value.items()]
    return list(map(_pairs, value)) if isinstance(value, list) else json.dumps(value)


def _spoil(draw: Draw, tree: list[Any]) -> None:
    places = list(_places(tree))
    if not places:
        return
    within, index = draw(st.sampled_from(places))
    item = within[index]
    key, value = item if isinstance(item, tuple) else (None, item)
    nasty = draw(st.sampled_from(NASTY))
    choice = draw(st.sampled_from(("value", "value", "value", "key", "remove", "twice", "wrap", "swap", "move")))
    if choice == "remove":
        del within[index]
    elif choice == "twice":
        within.insert(draw(st.integers(0, len(within))), item)
    elif choice == "move":
        tree.append(item if isinstance(item, tuple) else (nasty, item))
    elif choice == "key" and key is not None:
        within[index] = (draw(st.sampled_from((nasty, key + "s", key.upper(), key[1:], *KEYS))), value)
    else:
        new = {"wrap": [value], "swap": draw(st.sampled_from(places))[0]}.get(choice, nasty)
        new = nasty if any(new is one for one in _above(tree, within)) else new
        within[index] = new if key is None else (key, new)


def _places(node: Any) -> Iterator[tuple[list[Any], int]]:
    for index, item in enumerate(node if isinstance(node, list) else ()):
        yield node, index
        yield from _places(item[1] if isinstance(item, tuple) else item)


def _above(tree: list[Any], within: list[Any]) -> Iterator[list[Any]]:
    """Yields the nodes that hold `within`, and `within`: none of them may come into it, or the text has no end."""
    if tree is within or any(place is within for place, _ in _places(tree)):
        yield tree
        for item in tree:
            inner = item[1] if isinstance(item, tuple) else item
            if isinstance(inner, list):
                yield from _above(inner, within)


def _lines(node: Any, indent: str, flow_from: int) -> Iterator[str]:
    """Writes a tree in block style down to a depth, and in flow style from there on."""
    if not isinstance(node, list) or not node or len(indent) // 2 >= flow_from:
        yield _flow(node)
        return
    for item in node:
        key, value = (f"{item[0]}:", item[1]) if isinstance(item, tuple) else ("-", item)
        yield f"\n{indent}{key} "
        yield from _lines(value, indent + "  ", flow_from)


def _flow(node: Any) -> str:
    if not isinstance(node, list):
        return str(node)
    items = [f"{item[0]}: {_flow(item[1])}" if isinstance(item, tuple) else _flow(item) for item in node]
    is_mapping = any(isinstance(item, tuple) for item in node)
    return ("{{{}}}" if is_mapping else "[{}]").format(", ".join(items))


def _spoil_text(draw: Draw, text: str) -> str:
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(len(text), start + 200)))
    nasty = draw(st.sampled_from((*NASTY, *BREAKS)) | st.text(max_size=5))
    return draw(
        st.sampled_from(
            (
                text[:start],
                text[start:],
                text[:start] + text[end:],
                text[:start] + nasty + text[start:],
                text[:end] + text[start:end] * 3 + text[end:],
                text.replace("\n", draw(st.sampled_from(BREAKS))),
                text.replace("  ", "\t"),
                "\ufeff" + text,
                text + "\n---\n" + text,
                text + text,
            )
        )
    )


def _utf_16(text: str) -> bytes:
    return text.encode("utf-16", "surrogatepass")
