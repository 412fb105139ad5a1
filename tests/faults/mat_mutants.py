"""Small MatConvNet files, and what becomes of them by a few wrong bytes."""

import random
import struct
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "modelfile"))
from mat_bytes import UINT8, Writer
from mat_files import tiny

HEADER = 128
LENGTHS = (0, 1, 3, 4, 5, 8, 255, 1 << 16, 1 << 20, (1 << 31) - 1, 1 << 31, (1 << 32) - 8, (1 << 32) - 1)


def mutants(seed: int) -> Iterator[bytes]:
    """Yields wrong files without end, the same ones for the same seed."""
    chance = random.Random(seed)
    files = [tiny(layout, compressed).getvalue() for layout in ("old", "new") for compressed in (False, True)]
    files += [by_hand(">"), by_hand("<")]
    while True:
        content = chance.choice(files)
        packed = chance.random() < 0.3
        for _ in range(chance.choice((1, 1, 1, 2, 4))):
            content = chance.choice(CHANGES)(bytearray(content), chance)
        yield _compressed(content) if packed else bytes(content)


def by_hand(order: str) -> bytes:
    """What MATLAB writes and scipy does not: small elements, other byte orders, numbers stored smaller."""
    writer = Writer(order)
    kernel = writer.numbers(range(36), "h", 7, shape=(3, 3, 2, 2))
    layer = {
        "type": writer.text("conv"),
        "name": writer.text("conv1_1", 4, "utf-16-le" if order == "<" else "utf-16-be"),
        "weights": writer.cell(kernel, writer.numbers([1, -2], "b")),
        "pad": writer.numbers([1, 1, 1, 1], "B"),
        "opts": writer.cell(),
    }
    pool = {"type": writer.text("pool", UINT8), "pool": writer.numbers([2, 2], "H"), "method": writer.text("max")}
    layers = writer.cell(writer.struct(layer), writer.struct(pool), name="layers")
    classes = writer.struct({"name": writer.cell(writer.text("cat"), writer.text("dog"))})
    meta = writer.struct({"classes": classes}, name="meta")
    return writer.file(layers, writer.compressed(meta)).getvalue()


def _flip(content: bytearray, chance: random.Random) -> bytearray:
    for _ in range(chance.choice((1, 2, 8))):
        content[_place(content, chance)] ^= 1 << chance.randrange(8)
    return content


def _run(content: bytearray, chance: random.Random) -> bytearray:
    place, length = _place(content, chance), chance.choice((1, 2, 4, 8, 40))
    filling = chance.choice((bytes(length), b"\xff" * length, chance.randbytes(length)))
    content[place : place + length] = filling
    return content


def _length(content: bytearray, chance: random.Random) -> bytearray:
    """Writes another number where one may stand: at a multiple of four bytes."""
    if len(content) < 4:
        return content
    place = min(_place(content, chance) & ~3, len(content) - 4)
    here = struct.unpack_from("<I", content, place)[0]
    near = (here + chance.choice((-8, -4, -1, 1, 4, 8))) % (1 << 32)
    struct.pack_into(chance.choice("<>") + "I", content, place, chance.choice((*LENGTHS, near, near, near)))
    return content


def _copy(content: bytearray, chance: random.Random) -> bytearray:
    """Puts eight bytes or more of the file in another place of it."""
    length = 8 * chance.choice((1, 2, 4, 16, 64))
    source, target = (_place(content, chance) & ~7 for _ in range(2))
    part = content[source : source + length]
    keep = target + (len(part) if chance.random() < 0.5 else 0)
    return content[:target] + part + content[keep:]


def _cut(content: bytearray, chance: random.Random) -> bytearray:
    place = _place(content, chance)
    return content[:place] + content[place + chance.choice((1, 4, 8, 64, len(content))) :]


CHANGES = (_flip, _run, _length, _length, _length, _copy, _cut)


def _place(content: bytearray, chance: random.Random) -> int:
    """Mostly behind the header, of which there is little to say."""
    first = HEADER if chance.random() < 0.95 and len(content) > HEADER + 8 else 0
    return chance.randrange(first, max(len(content), first + 1)) if len(content) > first else 0


def _compressed(content: bytes) -> bytes:
    """Packs what stands behind the header as one variable, or as the variables that it was before."""
    parts, place = [], HEADER
    while len(content) - place >= 8:
        size = struct.unpack_from("<I", content, place + 4)[0]
        packed = zlib.compress(bytes(content[place : place + 8 + size]), 1)
        parts.append(struct.pack("<II", 15, len(packed)) + packed)
        place += 8 + size
    return bytes(content[:HEADER]) + b"".join(parts)
