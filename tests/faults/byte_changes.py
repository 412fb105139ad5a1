"""Wrong bytes: anywhere, and where HDF5 and zip keep lengths, places and kinds."""

import random
import re
import struct

NUMBERS = (0, 1, 2, 3, 7, 8, 255, 256, 65_535, 1 << 16, 1 << 20, (1 << 31) - 1, 1 << 31, (1 << 32) - 1)
LONG = (*NUMBERS, 1 << 32, (1 << 63) - 1, 1 << 63, (1 << 64) - 1)
# The names that HDF5 and zip give to their own parts.
PARTS = re.compile(
    rb"\x89HDF|TREE|HEAP|SNOD|OHDR|OCHK|GCOL|FRHP|FHDB|FHIB|FSHD|BTHD|BTLF|BTIN|SMTB|PK\x03\x04|PK\x01\x02|PK\x05\x06"
)
NEAR = 64  # bytes behind such a name


def change_bytes(content: bytes, chance: random.Random) -> bytes:
    """Returns the content with one to four changes."""
    changed = bytearray(content)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        if changed:
            changed = chance.choice(CHANGES)(changed, chance)
    return bytes(changed)


def _flip(content: bytearray, chance: random.Random) -> bytearray:
    for _ in range(chance.choice((1, 1, 2, 8))):
        content[_place(content, chance)] ^= 1 << chance.randrange(8)
    return content


def _run(content: bytearray, chance: random.Random) -> bytearray:
    place, length = _place(content, chance), chance.choice((1, 2, 4, 8, 40, 600))
    length = min(length, len(content) - place)
    content[place : place + length] = chance.choice((bytes(length), b"\xff" * length, chance.randbytes(length)))
    return content


def _number(content: bytearray, chance: random.Random) -> bytearray:
    """Writes another number of 2, 4 or 8 bytes, or one near that which is there."""
    kind = chance.choice("HIQ")
    size = struct.calcsize(kind)
    place = min(_place(content, chance) & ~1, len(content) - size)
    if place < 0:
        return content
    here = struct.unpack_from(f"<{kind}", content, place)[0]
    value = chance.choice((chance.choice(LONG), here + chance.choice((-16, -8, -1, 1, 8, 16, 40)), here * 2))
    struct.pack_into(f"<{kind}", content, place, value % (1 << 8 * size))
    return content


def _place_of_another(content: bytearray, chance: random.Random) -> bytearray:
    """Has a number of 8 bytes name the place of another part, as if the file went in circles."""
    parts = [match.start() for match in PARTS.finditer(content)] or [0]
    place = min(_place(content, chance) & ~7, len(content) - 8)
    if place >= 0:
        struct.pack_into("<Q", content, place, chance.choice(parts))
    return content


def _swap(content: bytearray, chance: random.Random) -> bytearray:
    length = 8 * chance.choice((1, 2, 4, 16, 64))
    first, second = sorted(_place(content, chance) & ~7 for _ in range(2))
    if first + length <= second and second + length <= len(content):
        one, other = content[first : first + length], content[second : second + length]
        content[first : first + length], content[second : second + length] = other, one
    return content


def _insert(content: bytearray, chance: random.Random) -> bytearray:
    place, source = _place(content, chance), _place(content, chance)
    return content[:place] + content[source : source + chance.choice((1, 8, 64, 512))] + content[place:]


def _cut(content: bytearray, chance: random.Random) -> bytearray:
    place = _place(content, chance)
    return content[:place] + content[place + chance.choice((1, 4, 8, 64, len(content))) :]


CHANGES = (_flip, _flip, _run, _number, _number, _number, _place_of_another, _swap, _insert, _cut)


def _place(content: bytearray, chance: random.Random) -> int:
    """Mostly near a named part; the rest of a file is mostly numbers, of which there is little to say."""
    parts = [match.start() for match in PARTS.finditer(content)]
    if parts and chance.random() < 0.7:
        return min(chance.choice(parts) + chance.randrange(NEAR), len(content) - 1)
    if chance.random() < 0.6:
        return chance.randrange(min(len(content), 8192))
    return chance.randrange(len(content))
