"""The text in a char matrix of MAT v5, in any of the encodings that are in use."""

import codecs

from kerasvgg.modelfile.mat5.elements import damaged

ENCODINGS = {1: "ascii", 2: "ascii", 4: "utf-16", 16: "utf-8", 17: "utf-16", 18: "utf-32"}
WIDE = {"<": "-le", ">": "-be"}
# Looked up at once: Python reads them from files, which a process with limits can't open any more.
DECODERS = {
    (kind, order): codecs.getdecoder(name + wide if name in ("utf-16", "utf-32") else name)
    for kind, name in ENCODINGS.items()
    for order, wide in WIDE.items()
}


def rows(data: bytes, kind: int, order: str, shape: tuple[int, ...]) -> tuple[str, ...]:
    """Returns the rows of a char matrix, from the data of its element; what can't be decoded is U+FFFD.

    MATLAB counts a character beyond U+FFFF as two; a matrix without data is blank.
    """
    if kind not in ENCODINGS or len(shape) != 2:
        raise damaged(f"there is no text of {len(shape)} dimensions with data of kind {kind}")
    height, width = shape
    text, _ = DECODERS[kind, order](data, "replace") if data else (" " * (height * width), 0)
    if height == 1 and width == len(text) + sum(character > "\uffff" for character in text):
        return (text,) if width else ()
    if len(text) != height * width:
        raise damaged(f"a text of {height:,} x {width:,} characters has {len(text):,}")
    return tuple(text[row::height] for row in range(height)) if width else ()
