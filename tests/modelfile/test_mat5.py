"""Every value of a MAT v5 file as scipy reads it, and a plain word for every file that is none."""

import io
import itertools
import tracemalloc
import zipfile
from typing import Any

import h5py
import numpy as np
import pytest
import scipy.io
import scipy.sparse
from mat_bytes import (
    CELL,
    CHAR,
    COMPLEX,
    DOUBLE,
    DOUBLES,
    FUNCTION,
    LOGICAL,
    OPAQUE,
    SINGLES,
    UINT8,
    UTF8,
    UTF16,
    UTF32,
    Writer,
)
from mat_files import LAYOUTS, cell, mat_file, vgg19
from mat_trees import ours, scipys

from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.read.mat5.matrix import read_mat5

ORDERS = ("<", ">")
UINT8S, INT16S = 9, 10


def refused(content: bytes | io.BytesIO, wanted: tuple[str, ...] = ("x",)) -> str:
    file = io.BytesIO(content) if isinstance(content, bytes) else content
    with pytest.raises(ModelFileError) as caught:
        ours(file, wanted)
    return str(caught.value)


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_network_has_the_same_values_as_scipy_reads(layout: str, compressed: bool) -> None:
    file = mat_file(vgg19(layout), compressed)
    assert ours(file) == scipys(file)


KINDS_OF_VALUES = {
    **{name: np.array([[1, 2, 100], [0, 5, 7]], name) for name in ("uint8", "int8", "uint16", "int16")},
    **{name: np.array([[-0.0, np.nan, np.inf, 1e-40]], name) for name in ("float32", "float64")},
    "int32": np.array([[-(2**31)], [2**31 - 1]], "int32"),
    "uint32": np.array([[2**32 - 1]], "uint32"),
    "int64": np.array([[-(2**63), 2**63 - 1]], "int64"),
    "uint64": np.array([[2**64 - 1]], "uint64"),
    "bool": np.array([[True, False, True]]),
    "five_dimensions": np.arange(2 * 3 * 4 * 5 * 2, dtype="f4").reshape(2, 3, 4, 5, 2),
    "more_than_a_block": np.random.default_rng(0).standard_normal((300, 500)),
    "no_rows": np.empty((0, 3)),
    "no_cells": np.empty((0, 0), object),
    "one_cell": cell(1.5),
    "cells_in_cells": cell(cell(1.0, cell("deep")), cell()),
    "cells_in_two_dimensions": np.array([[1.0, "a"], [2.0, "b"], [3.0, "c"]], object),
    "text": "conv1_1",
    "umlauts": "Größe \u20ac \u4e2d",
    "no_text": "",
    "rows_of_text": np.array(["one", "three", "no"]),
    "struct_array": np.array([[(1.0, "a"), (2.0, "b")]], [("number", object), ("text", object)]),
    "nested_structs": {"a": {"b": {"c": np.arange(3.0)}}, "d": cell({"e": "f"})},
}


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("kind", KINDS_OF_VALUES)
def test_every_kind_of_value_is_as_scipy_reads_it(kind: str, compressed: bool) -> None:
    file = mat_file({"x": KINDS_OF_VALUES[kind], "y": 1.0}, compressed)
    assert ours(file) == scipys(file)


def by_hand(kind: str, writer: Writer) -> bytes:
    """One variable as scipy does not write it."""
    order = "utf-16-le" if writer.order == "<" else "utf-16-be"
    wide = "utf-32-le" if writer.order == "<" else "utf-32-be"
    bytes_of_flag = writer.element(UINT8, b"\1\0\1")
    texts = {
        "ascii": writer.text("conv", UINT8, "ascii", name="x"),
        "not ascii": writer.text("n\u00e9", UINT8, "latin-1", name="x"),
        "uint16": writer.text("relu1_1", 4, order, name="x"),
        "utf-8": writer.text("caf\u00e9 \u20ac", UTF8, "utf-8", name="x"),
        "utf-16": writer.text("caf\u00e9 \u20ac", UTF16, order, name="x"),
        "utf-32": writer.text("caf\u00e9 \U0001f600", UTF32, wide, name="x"),
        "blank": writer.matrix(CHAR, (1, 3), writer.element(UINT8, b""), "x"),
        "two rows": writer.matrix(CHAR, (2, 3), writer.element(UTF8, b"acebdf"), "x"),
    }
    numbers = {
        "double as uint8": writer.numbers([1, 2, 255], "B", name="x"),
        "double as int16": writer.numbers([-5, 300], "h", name="x"),
        "double as int32 in the tag": writer.numbers([-70000], "i", name="x"),
        "single as uint8": writer.numbers([7, 8, 9, 10, 11], "B", SINGLES, name="x"),
        "single as int32": writer.numbers([16777217], "i", SINGLES, name="x"),
        "single as double": writer.numbers([0.1, 1e300], "d", SINGLES, name="x"),
        "logical": writer.matrix(UINT8S | LOGICAL, (1, 3), bytes_of_flag, "x"),
        "double logical": writer.matrix(DOUBLES | LOGICAL, (3, 1), bytes_of_flag, "x"),
        "long": writer.numbers(range(100_000), "i", name="x", shape=(100, 1000)),
    }
    others = {
        "empty matrix in a cell": writer.cell(writer.element(14, b""), writer.numbers([3]), name="x"),
        "short names": writer.struct({"pad": writer.numbers([0]), "type": writer.text("conv")}, "x", 8),
        "no fields": writer.struct({}, "x"),
        "struct array": writer.struct({"a": writer.numbers([1.5]), "b": writer.text("b")}, "x", shape=(2, 2)),
    }
    return (texts | numbers | others)[kind]


BY_HAND = (
    *("ascii", "not ascii", "uint16", "utf-8", "utf-16", "utf-32", "blank", "two rows"),
    *("double as uint8", "double as int16", "double as int32 in the tag", "single as uint8", "single as int32"),
    *("single as double", "logical", "double logical", "long"),
    *("empty matrix in a cell", "short names", "no fields", "struct array"),
)


@pytest.mark.filterwarnings("ignore:overflow encountered in cast:RuntimeWarning")  # in scipy
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("kind", BY_HAND)
def test_what_matlab_writes_otherwise_is_as_scipy_reads_it(kind: str, order: str) -> None:
    for small, padding, compressed in itertools.product((False, True), (b"\0", b"\xff"), (False, True)):
        writer = Writer(order, small, padding)
        variable = by_hand(kind, writer)
        file = writer.file(writer.compressed(variable) if compressed else variable, writer.numbers([1], name="y"))
        read = ours(file, ("x", "y"))
        assert read == scipys(file)
        assert set(read) == {"x", "y"}


def test_matlab_counts_a_character_beyond_65535_twice() -> None:
    writer = Writer()
    file = writer.file(writer.text("a\U0001f600", UTF16, "utf-16-le", width=3, name="x"))
    assert ours(file, ("x",)) == {"x": ["a\U0001f600"]}


def test_text_as_16_bit_numbers_keeps_what_scipy_cuts_off() -> None:
    writer = Writer()
    assert ours(writer.file(writer.text("\u20ac", 4, "utf-16-le", name="x")), ("x",)) == {"x": ["\u20ac"]}


@pytest.mark.parametrize("compressed", [False, True])
def test_a_last_element_without_padding_is_read(compressed: bool) -> None:
    writer = Writer()
    cut = writer.numbers([1, 2, 3, 4, 5], "B")[:-3]
    inner = cut[:4] + (len(cut) - 8).to_bytes(4, "little") + cut[8:]
    whole = writer.cell(inner + bytes(3), writer.numbers([7]), inner + bytes(3), name="x")[:-3]
    variable = whole[:4] + (len(whole) - 8).to_bytes(4, "little") + whole[8:]
    file = writer.file(writer.compressed(variable) if compressed else variable)
    five, seven = (("float64", (1, len(values)), np.array(values).tobytes()) for values in ([1.0, 2, 3, 4, 5], [7.0]))
    assert ours(file, ("x",)) == {"x": ("cell", (1, 3), [five, seven, five])}


def test_padding_behind_a_compressed_variable_is_no_harm() -> None:
    writer = Writer()
    file = writer.file(writer.compressed(writer.numbers([1], name="x") + bytes(7)), writer.numbers([2], name="y"))
    assert set(ours(file, ("x", "y"))) == {"x", "y"}


def test_what_matconvnet_does_not_need_is_named_and_passed_over() -> None:
    writer = Writer()
    function = writer.matrix(FUNCTION, (1, 1), writer.struct({"a": writer.numbers([1])}))
    opaque = writer.element(14, writer.element(6, bytes([OPAQUE, *[0] * 7])) + writer.element(1, b"") * 3)
    imaginary = writer.matrix(DOUBLES | COMPLEX, (1, 1), writer.element(UINT8, b"\1") * 2)
    items = cell(
        scipy.sparse.csc_array(np.eye(3)), scipy.io.matlab.MatlabObject(np.zeros((1, 1), [("a", object)]), "c")
    )
    assert ours(mat_file({"x": items, "y": 2.0}))["x"][2] == ["a sparse matrix", "an object"]
    read = ours(writer.file(writer.cell(function, opaque, imaginary, writer.numbers([7]), name="x")), ("x",))
    assert read["x"][2][:3] == ["a function", "an object", "complex numbers"]
    assert read["x"][2][3] == ("float64", (1, 1), np.array([7.0]).tobytes())


class Counting(io.BytesIO):
    """A file that counts what is read of it."""

    count = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.count += len(data)
        return data


def listing(file: io.BytesIO, wanted: tuple[str, ...] = ("x",)) -> list[Any]:
    return [one.path for one in read_mat5(file, wanted)]


def test_listing_reads_no_values_of_arrays() -> None:
    variables = {"x": cell(np.zeros((1000, 1000)), np.ones((1000, 1000))), "y": np.zeros((1000, 1000))}
    file = Counting(mat_file(variables).getvalue())
    assert listing(file) == [("x", 0), ("x", 1)]
    assert file.count < 1000


def test_a_compressed_variable_that_nobody_wants_is_not_inflated() -> None:
    noise = np.random.default_rng(0).standard_normal((1000, 1000))
    file = Counting(mat_file({"y": noise, "x": 1.0}, compressed=True).getvalue())
    assert listing(file) == [("x",)]
    assert file.count < 1 << 18


@pytest.mark.parametrize("compressed", [False, True])
def test_memory_does_not_grow_with_the_arrays(compressed: bool) -> None:
    file = mat_file({"x": cell(*np.random.default_rng(0).standard_normal((2, 1000, 1000)))}, compressed)
    tracemalloc.start()
    total = sum(block.sum() for one in read_mat5(file, ("x",)) for block in one.blocks)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert np.isfinite(total)
    assert peak < 5 << 20


def test_blocks_that_nobody_reads_do_not_disturb_what_follows() -> None:
    noise = np.random.default_rng(0).standard_normal((600, 600))
    for compressed in (False, True):
        file = mat_file({"x": cell(noise, noise + 1, 7.0)}, compressed)
        sizes = [next(one.blocks).size for one in read_mat5(file, ("x",))]
        assert sizes == [(1 << 20) // 8, (1 << 20) // 8, 1]


def other_files() -> dict[str, tuple[bytes, str]]:
    four, zipped, h5 = io.BytesIO(), io.BytesIO(), io.BytesIO()
    scipy.io.savemat(four, {"x": np.eye(3)}, format="4")
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("config.json", "{}" * 100)
    with h5py.File(h5, "w") as file:
        file["x"] = np.eye(3)
    v73 = b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM" + bytes(384) + h5.getvalue()
    swapped = Writer().file(Writer().numbers([1])).getvalue()
    return {
        "v4": (four.getvalue(), "MAT v4"),
        "v7.3": (v73, "MAT v7.3, which is HDF5 inside"),
        "h5": (h5.getvalue(), "HDF5"),
        "keras": (zipped.getvalue(), "a ZIP archive"),
        "page": (b"<!DOCTYPE html>" * 20, "a web page"),
        "nothing": (b"", "an empty file"),
        "short": (b"MATLAB 5.0", "only 10 bytes"),
        "zeros": (bytes(1000), "another kind of file"),
        "text": (b"layers: 43\n" * 100, "another kind of file"),
        "version": (swapped[:124] + b"\x00\x03" + swapped[126:], "another kind of file"),
        "order": (swapped[:126] + b"II" + swapped[128:], "another kind of file"),
    }


@pytest.mark.parametrize("kind", other_files())
def test_other_files_are_called_by_their_names(kind: str) -> None:
    content, name = other_files()[kind]
    message = refused(content)
    assert message.startswith("must be MAT v5")
    assert f"received {name}" in message


@pytest.mark.parametrize("compressed", [False, True])
def test_a_file_that_ends_too_early_is_damaged_wherever_it_ends(compressed: bool) -> None:
    tree = {"a": cell("text", np.arange(9.0), {"b": np.ones((3, 3), "f4")}), "c": np.arange(100.0)}
    content = mat_file({"x": tree}, compressed).getvalue()
    for size in range(129, len(content)):
        assert refused(content[:size]).startswith("is damaged: ")
    assert ours(io.BytesIO(content[:128]), ("x",)) == {}


class Failing(io.BytesIO):
    """A file that shrinks, or a disk that fails, while it is read."""

    def __init__(self, content: bytes, error: bool) -> None:
        super().__init__(content)
        self.error = error

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() > 400 and self.error:
            raise OSError(5, "Input/output error")
        return b"" if self.tell() > 400 else super().read(size)


@pytest.mark.parametrize("compressed", [False, True])
def test_a_file_that_changes_or_a_disk_that_fails_is_told(compressed: bool) -> None:
    noise = np.random.default_rng(0).standard_normal((1000, 20))
    content = mat_file({"x": cell(noise, noise, noise)}, compressed).getvalue()
    assert refused(Failing(content, error=False)) == "is damaged: it ends in the middle of an array"
    assert refused(Failing(content, error=True)) == "can't be read: Input/output error"


def test_a_wrong_checksum_and_a_missing_one_are_noticed() -> None:
    content = bytearray(mat_file({"x": np.arange(100.0)}, compressed=True).getvalue())
    size = int.from_bytes(content[132:136], "little")
    missing = content[:132] + (size - 4).to_bytes(4, "little") + content[136:-4]
    content[-1] ^= 1
    assert "does not inflate" in refused(bytes(content))
    assert "another size than it says" in refused(bytes(missing))


def lies() -> dict[str, tuple[bytes, str]]:
    """One variable each that contradicts itself or asks for too much, and what is said of it."""
    writer = Writer(small=False)
    one, numbers = writer.element(DOUBLE, bytes(8)), writer.numbers([1])
    many = {f"f{number}": numbers for number in range(2000)}
    twice = writer.integers([2]) + writer.element(1, b"a\0a\0") + numbers * 2
    shapes = {
        "a number below 0 of rows": (writer.matrix(DOUBLES, (-1, -1), one, "x"), "none below 0; received [-1, -1]"),
        "one dimension": (writer.matrix(DOUBLES, (1,), one, "x"), "a shape must be two numbers or more"),
        "33 dimensions": (writer.matrix(DOUBLES, (1,) * 33, one, "x"), "a shape must have at most 128 bytes"),
        "more values than data": (writer.matrix(DOUBLES, (2, 1), one, "x"), "2 values of 8 bytes has 8 bytes"),
        "fewer values than data": (writer.matrix(DOUBLES, (0, 1), one, "x"), "0 values of 8 bytes has 8 bytes"),
        "2**93 values": (writer.matrix(DOUBLES, (2**31 - 1,) * 3, one, "x"), "values of 8 bytes has 8 bytes"),
        "2**64 values": (writer.matrix(DOUBLES, (2**16,) * 4, writer.element(DOUBLE, b""), "x"), "has 0 bytes"),
        "2**62 cells": (writer.matrix(CELL, (2**31 - 1,) * 2, b"", "x"), "matrices can't stand in 0 bytes"),
        "2**62 structs": (writer.struct({}, "x", shape=(2**31 - 1,) * 2), "at most 100,000 values"),
        "2**62 characters": (writer.matrix(CHAR, (2**31 - 1,) * 2, writer.element(UINT8, b""), "x"), "bytes of text"),
    }
    beyond = writer.matrix(DOUBLES, (1, 1), writer.element(DOUBLE, bytes(8), 1 << 30), "x")
    sizes = {
        "one cell too many": (writer.matrix(CELL, (1, 2), numbers, "x"), "something is missing"),
        "one cell too few": (writer.matrix(CELL, (1, 1), numbers * 2, "x"), "64 bytes more than it needs"),
        "an element larger than its matrix": (beyond, "1,073,741,824 bytes can't stand where there is room for 8"),
        "a small element of 5 bytes": (
            writer.matrix(DOUBLES, (1, 5), b"\2\0\5\0abcd", "x"),
            "where there is room for 4",
        ),
        "a matrix larger than its cell": (
            writer.cell(writer.matrix(DOUBLES, (1, 1), one, size=1 << 20), name="x"),
            "1,048,576 bytes can't stand where there is room for 56",
        ),
        "a matrix smaller than its data": (
            writer.cell(writer.matrix(DOUBLES, (1, 1), one, size=40), name="x"),
            "something is missing",
        ),
        "a variable larger than the file": (writer.matrix(DOUBLES, (1, 1), one, "x", size=1 << 20), "the file, at 200"),
        "more compressed than it says": (
            writer.compressed(writer.numbers([1], name="x") + bytes(8)),
            "another size than it says",
        ),
    }
    kinds = {
        "a kind of matrix that there is not": (writer.matrix(99, (1, 1), one, "x"), "no kind 99 of matrix"),
        "a kind of data that there is not": (
            writer.matrix(DOUBLES, (1, 1), writer.element(99, bytes(8)), "x"),
            "data of kind 99",
        ),
        "doubles in an int16": (writer.matrix(INT16S, (1, 1), one, "x"), "int16 can't be stored as float64"),
        "a matrix in place of a name": (writer.matrix(2, (1, 1), numbers * 2, "x"), "only 5, 6 can"),
        "no variable": (writer.element(DOUBLE, bytes(80)), "no variable begins at 128"),
        "a compressed variable that is none": (writer.element(15, b"x" * 80), "does not inflate"),
        "flags that are none": (writer.element(14, writer.element(6, b"")), "something is missing"),
    }
    texts = {
        "less text than characters": (writer.text("ab", width=3, name="x"), "1 x 3 characters has 2"),
        "text in three dimensions": (writer.matrix(CHAR, (1, 1, 1), writer.element(UINT8, b"a"), "x"), "3 dimensions"),
        "long text": (writer.text("a" * 100_000, name="x"), "a text must have at most 65,536 bytes; received 100,000"),
        "a long name": (writer.struct({"a": numbers}, "x", 300), "1 to 256 bytes; received 300"),
        "names of no length": (writer.struct({}, "x", 0), "1 to 256 bytes; received 0"),
        "a name twice": (writer.matrix(2, (1, 1), twice, "x"), "name its fields, each once"),
        "2,000 fields": (writer.struct(many, "x"), "names of fields must have at most 32,000 bytes"),
        "two variables of one name": (writer.numbers([1], name="x") * 2, "two variables 'x'"),
    }
    return shapes | sizes | kinds | texts


@pytest.mark.parametrize("lie", lies())
def test_a_file_that_contradicts_itself_is_refused(lie: str) -> None:
    variable, said = lies()[lie]
    assert said in refused(Writer().file(variable))
