"""Model files that something happened to: the same mutant for the same kind of container and number."""

import io
import json
import random
import struct
import zipfile
from collections.abc import Sequence
from typing import NamedTuple

import h5py
from byte_changes import change_bytes
from config_changes import change_config
from group_changes import change_groups
from model_sources import packed, unpacked

from kerasvgg.modelfile.description import DATASET, MEMBER
from kerasvgg.modelfile.read.keras_archive import CONFIG, METADATA, WEIGHTS

MOST_IN_ATTRIBUTE = 60_000  # bytes; a longer text is cut off, as any may be
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)


class Mutant(NamedTuple):
    """`kinds` are what was done to the file that has the number `source`."""

    content: bytes
    source: int
    kinds: tuple[str, ...]


def mutant(suffix: str, number: int, sources: Sequence[bytes]) -> Mutant:
    chance = random.Random(f"{suffix} {number}")
    source = chance.randrange(len(sources))
    content = sources[source]
    if suffix == "h5":
        kinds = chance.choice((("bytes",), ("bytes",), ("config",), ("config",), ("groups",), ("config", "bytes")))
    else:
        kinds = chance.choice((("bytes",), ("archive",), ("config",), ("config",), ("groups",), ("within",)))
    for kind in kinds:
        content = (_in_h5 if suffix == "h5" else _in_archive)(kind, content, chance)
    return Mutant(content, source, kinds)


def _in_h5(kind: str, content: bytes, chance: random.Random) -> bytes:
    if kind == "bytes":
        return change_bytes(content, chance)
    return change_groups(content, chance) if kind == "groups" else _h5_config(content, chance)


def _h5_config(content: bytes, chance: random.Random) -> bytes:
    file = io.BytesIO(content)
    with h5py.File(file, "r+") as h5:
        names = [name for name in ("model_config", "training_config") if name in h5.attrs]
        if not names:
            return change_groups(content, chance)
        if DATASET in h5 and chance.random() < 0.08:
            said = change_config(json.loads(h5[DATASET][()]), chance)
            del h5[DATASET]
            h5[DATASET] = said
        else:
            name = names[0] if chance.random() < 0.9 else names[-1]
            said = change_config(json.loads(h5.attrs[name]), chance)
            h5.attrs[name] = said.encode()[:MOST_IN_ATTRIBUTE]
    return file.getvalue()


def _in_archive(kind: str, content: bytes, chance: random.Random) -> bytes:
    if kind == "bytes":
        return change_bytes(content, chance)
    members = unpacked(content)
    if kind == "config":
        names = [name for name in (CONFIG, METADATA, MEMBER) if name in members]
        name = CONFIG if chance.random() < 0.85 else chance.choice(names)
        members[name] = change_config(json.loads(members[name]), chance).encode()
    elif kind == "archive":
        return _other_archive(members, chance)
    else:
        change = change_groups if kind == "groups" else change_bytes
        members[WEIGHTS] = change(members[WEIGHTS], chance)
    return packed(members, chance.choice(METHODS[:2]))


def _other_archive(members: dict[str, bytes], chance: random.Random) -> bytes:
    """Packs other files, or the same in another way; then some fields of the headers are others."""
    names = list(members)
    name = chance.choice(names)
    change = chance.randrange(6)
    if change == 0:
        del members[name]
    elif change == 1:
        members[chance.choice((name.upper(), f"x/{name}", f"../{name}", f"/{name}", "assets/a.txt", f"{name}\x00"))] = (
            b"x"
        )
    elif change == 2:
        members[name] = chance.choice((b"", b"{}", b"[]", b"null", b"\xff", members[chance.choice(names)]))
    elif change == 3:
        chance.shuffle(names)
        members = {one: members[one] for one in names}
    content = bytearray(packed(members, chance.choice(METHODS)))
    if change > 3 or chance.random() < 0.3:
        _field(content, chance)
    return bytes(content)


def _field(content: bytearray, chance: random.Random) -> None:
    """Writes another number into a header: flags, method, CRC, sizes, lengths of names, the place of a member."""
    signs = {b"PK\x03\x04": (6, 8, 14, 18, 22, 26, 28), b"PK\x01\x02": (8, 10, 16, 20, 24, 28, 30, 32, 38, 42),
             b"PK\x05\x06": (8, 10, 12, 16, 20)}  # fmt: skip
    sign = chance.choice(list(signs))
    places = [i for i in range(len(content)) if content.startswith(sign, i)]
    place = chance.choice(places) + chance.choice(signs[sign])
    here = struct.unpack_from("<H", content, place)[0]
    struct.pack_into("<H", content, place, chance.choice((0, 1, 8, 12, 14, 99, 0xFFFF, here + 1, here ^ 0x10)) & 0xFFFF)
