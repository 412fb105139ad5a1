"""Whether a file is MAT v5, and if not, what it is."""

import struct
from typing import BinaryIO

from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.mat5.stream import read_at

SIZE = 128
ORDERS = {b"IM": "<", b"MI": ">"}
FOREIGN = (
    (b"\x89HDF\r\n\x1a\n", "HDF5, as .h5 model files are"),
    (b"PK\x03\x04", "a ZIP archive, as .keras model files are"),
    (b"<", "a web page or XML: the download went wrong"),
)


def byte_order(file: BinaryIO) -> str:
    """Returns "<" for a little-endian MAT v5 file and ">" for a big-endian one.

    Raises ModelFileError for every other file, and says what it is if that can be told.
    """
    header = read_at(file, 0, SIZE)
    order = ORDERS.get(header[126:], "")
    version = header[124:126] if order == ">" else header[125:123:-1]
    if order and version == b"\x01\x00":
        return order
    raise ModelFileError(
        f"must be MAT v5, as MATLAB's `save -v7` and `-v6` write it, received {_kind(header, version)}"
    )


def _kind(header: bytes, version: bytes) -> str:
    if not header:
        return "an empty file"
    if header[126:] in ORDERS and version == b"\x02\x00":
        return "MAT v7.3, which is HDF5 inside"
    for start, kind in FOREIGN:
        if header.startswith(start):
            return kind
    if _is_v4(header):
        return "MAT v4"
    return "another kind of file" if len(header) == SIZE else f"only {len(header)} bytes"


def _is_v4(header: bytes) -> bool:
    """A v4 file opens with five whole numbers: a code of four digits, rows, columns, complex or not, length of name."""
    for order in ORDERS.values():
        code, *_, is_complex, length = struct.unpack(f"{order}5I", header[:20].ljust(20, b"\xff"))
        machine, reserved, precision, kind = (code // tens % 10 for tens in (1000, 100, 10, 1))
        in_range = code < 5000 and not reserved and precision <= 5 and kind <= 2
        if in_range and machine <= 4 and is_complex <= 1 and 1 <= length <= 64:
            return True
    return False
