from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kerasvgg.config.load import load_experiments
from kerasvgg.errors import ConfigError

Write = Callable[[str | bytes], str]


def test_a_file_becomes_an_experiment_with_its_defaults(write: Write, whole: str) -> None:
    (experiment,) = load_experiments(write(whole)).values()
    assert experiment.data.image_size == (64, 48)
    assert experiment.model.head.units == (16,)
    assert experiment.train[0].layers == ("head",)
    assert experiment.train[0].learning_rate == 1e-4
    assert (experiment.keep, experiment.data.interpolation) == ("best", "bilinear")


@pytest.mark.parametrize("text", ["1e-4", "2e-5", ".5", "1.", "+1E+2", "3", "0x10"])
def test_numbers_are_read_as_people_write_them(write: Write, whole: str, text: str) -> None:
    (experiment,) = load_experiments(write(whole.replace("1e-4", text))).values()
    assert experiment.train[0].learning_rate == (16 if text == "0x10" else float(text))


def test_no_and_its_like_are_class_names(write: Write, whole: str) -> None:
    (experiment,) = load_experiments(write(whole.replace("[cat, dog]", "[no, yes, off, '1', 12:30, 1_000]"))).values()
    assert experiment.data.classes == ("no", "yes", "off", "1", "12:30", "1_000")


def test_no_stays_text_under_a_yaml_1_1_directive(write: Write, whole: str) -> None:
    (experiment,) = load_experiments(write(f"%YAML 1.1\n---\n{whole.replace('cat', 'no')}")).values()
    assert experiment.data.classes == ("no", "dog")


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_byte_order_mark_and_windows_newlines_move_no_place(write: Write, whole: str, newline: str) -> None:
    wrong = whole.replace("seed: 0", "seed: -1").replace("batch_size: 4", "batch_size: 0")
    with pytest.raises(ConfigError, match=r"^x\.yaml:1:7: .*\nx\.yaml:6:15: "):
        load_experiments(write("\ufeff" + wrong.replace("\n", newline)))


def test_bytes_that_are_not_utf_8_are_refused_with_their_place(write: Write, whole: str) -> None:
    with pytest.raises(ConfigError, match=r"^x\.yaml:3:14: must be UTF-8, received the byte 0xe9$"):
        load_experiments(write(whole.encode().replace(b"pets", "\u00fc\u00e9".encode() + b"\xe9")))


def test_a_file_of_more_than_100_000_bytes_is_refused(write: Write, whole: str) -> None:
    assert load_experiments(write(whole + "#" * (100_000 - len(whole))))
    with pytest.raises(ConfigError, match=r"^x\.yaml:16:1: the file must be at most 100,000 bytes long$"):
        load_experiments(write(whole + "#" * (100_001 - len(whole))))


def test_more_than_5_000_values_are_refused_where_they_end(write: Write, whole: str) -> None:
    with pytest.raises(ConfigError, match=r"^x\.yaml:11:\d+: must hold at most 5,000 keys and values$"):
        load_experiments(write(whole.replace("units: 16", f"units: [{'1, ' * 4970}1]")))
    assert load_experiments(write(whole.replace("units: 16", f"units: [{'1, ' * 4800}1]")))


def test_what_would_be_too_much_with_its_defaults_is_refused_because_its_run_could_not_be_read(
    write: Write, whole: str
) -> None:
    with pytest.raises(ConfigError, match=r"^x\.yaml:1:1: with all its defaults, .* at most 5,000 keys and values"):
        load_experiments(write(whole.replace("units: 16", f"units: [{'1, ' * 4940}1]")))
    long = "[" + "a" * 99_000 + ", b]"  # of which the file and its other keys still fit
    with pytest.raises(ConfigError, match=r"^x\.yaml:1:1: with all its defaults, .* at most 100,000 bytes, received"):
        load_experiments(write(whole.replace("layers: head", f"layers: {long}")))


def test_of_very_many_mistakes_the_first_hundred_are_told(write: Write, whole: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_experiments(write(whole.replace("units: 16", f"units: [{'0, ' * 500}1]")))
    *lines, last = str(caught.value).splitlines()
    assert [line.split("`")[1] for line in lines] == [f"model.head.units.{number}" for number in range(100)]
    assert last.endswith("100 mistakes are enough, the rest was not looked at")


@pytest.mark.parametrize(
    ("path", "words"), [("none.yaml", "no such file"), (".", "not a file"), ("a\0b", "no such file")]
)
def test_what_is_no_file_is_refused(write: Write, path: str, words: str) -> None:
    write("")
    with pytest.raises(ConfigError, match=words):
        load_experiments(path)


def test_a_file_that_cannot_be_opened_is_refused(write: Write, whole: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = write(whole)
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ConfigError, match=r"^x\.yaml: cannot be read: .*Permission denied"):
        load_experiments(path)


PIECES = (
    *("seed", "data", "train", "variants", "default", "model", "head", ": ", ":\n  ", "- ", "[", "]", "{", "}", ", "),
    *("\n", "  ", "\t", "&a ", "*a", "!!str ", "'", '"', "|\n", "? ", "<<", "#", "%YAML 1.1\n", "---\n", "null", "0"),
    *("1e999", "\\ud800", "\\UFFFFFFFF", "\\0", "\x85", "\u2028", "\ufeff", "\0"),
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text() | st.lists(st.sampled_from(PIECES)).map("".join), whole_first=st.booleans(), override=st.text())
def test_no_text_whatever_raises_anything_but_a_config_error(
    write: Write, whole: str, text: str, whole_first: bool, override: str
) -> None:
    path = write((whole * whole_first + text).encode("utf-8", "surrogatepass"))
    for overrides in ((), (override,), (f"data.{override}={text}",), (f"seed={text}",)):
        try:
            load_experiments(path, overrides, ("all",))
        except ConfigError as error:
            str(error).encode()
