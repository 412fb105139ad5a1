"""Sound HDF5 files whose groups, arrays and attributes are not those that Keras wrote."""

import io
import random
from collections.abc import Callable

import h5py
import numpy as np
from config_changes import WORDS

MOST_FILLED = 1 << 20  # numbers; some arrays only claim to be there


def change_groups(content: bytes, chance: random.Random) -> bytes:
    """Returns the file with one to three changes."""
    file = io.BytesIO(content)
    with h5py.File(file, "r+") as h5:
        for _ in range(chance.choice((1, 1, 2, 3))):
            chance.choice(CHANGES)(h5, chance)
    return file.getvalue()


def _named(h5: h5py.File, kind: type) -> list[str]:
    found: list[str] = []
    h5.visititems(lambda name, item: found.append(name) if isinstance(item, kind) else None)
    return found


def _delete(h5: h5py.File, chance: random.Random) -> None:
    names = _named(h5, h5py.Dataset) + _named(h5, h5py.Group)
    if names:
        del h5[chance.choice(names)]


def _array(h5: h5py.File, chance: random.Random) -> None:
    """Puts another array in the place of one."""
    names = _named(h5, h5py.Dataset)
    if not names:
        return
    name = chance.choice(names)
    shape = h5[name].shape or ()
    del h5[name]
    other = (*shape[::-1],), (*shape, 1), shape[1:], (0, *shape), (*(side + 1 for side in shape),)
    makers = (
        lambda: h5.create_dataset(name, chance.choice(other), "f4"),
        lambda: h5.create_dataset(name, shape, chance.choice(("f8", "f2", ">f4", "i4", "u1", "?", "c8", "S5", "V3"))),
        lambda: h5.create_dataset(name, shape, h5py.string_dtype()),
        lambda: h5.create_dataset(name, shape, h5py.vlen_dtype(np.float32)),
        lambda: h5.create_dataset(name, shape, [("a", "f4"), ("b", "i8")]),
        lambda: h5.create_dataset(name, shape, h5py.ref_dtype),
        lambda: h5.create_dataset(name, shape, h5py.enum_dtype({"a": 0})),
        lambda: h5.create_dataset(name, data=h5py.Empty("f4")),
        lambda: h5.create_dataset(name, data=chance.choice(("text", 3.5, "é"))),
        lambda: h5.create_dataset(name, (1 << 20, 1 << 20), "f4", chunks=(64, 64)),
        lambda: h5.create_dataset(name, data=np.full(shape, np.nan, "f4")),
        lambda: h5.create_dataset(name, shape, "f4", **({"compression": "gzip", "shuffle": True} if shape else {})),
        lambda: h5.create_group(name),
    )
    chance.choice(makers)()


def _attribute(h5: h5py.File, chance: random.Random) -> None:
    """Has an attribute be another, or of another kind."""
    places = [h5, *(h5[name] for name in _named(h5, h5py.Group))]
    place = chance.choice([one for one in places if len(one.attrs)] or places)
    name = chance.choice([*place.attrs] or ["layer_names"])
    values = (
        *(3, 2.5, "text", b"\xff\xfe", [1, 2], [["a", "b"]], np.zeros(0), h5py.Empty("f4"), True),
        *([b"conv2d", b"\xff"], chance.choice(WORDS[:3]), np.array(["a", "b"], object), "3.15.1", "9" * 500, "-1."),
    )
    place.attrs[name] = chance.choice(values)


def _names(h5: h5py.File, chance: random.Random) -> None:
    """Lists layers or weights in another order, twice, or not."""
    found = []
    for place in [h5, *(h5[name] for name in _named(h5, h5py.Group))]:
        found += [(place, one) for one in place.attrs if one.endswith("_names") and len(np.shape(place.attrs[one]))]
    if not found:
        return
    place, name = chance.choice(found)
    values = [*place.attrs[name]]
    chance.choice((chance.shuffle, lambda v: v.append(v[0] if v else b"x"), lambda v: v and v.pop()))(values)
    place.attrs[name] = np.array(values, object) if values else np.zeros(0, "S1")


def _move(h5: h5py.File, chance: random.Random) -> None:
    names = _named(h5, h5py.Dataset) + _named(h5, h5py.Group)
    if len(names) > 1:
        one, two = chance.sample(names, 2)
        if not two.startswith(f"{one}/") and not one.startswith(f"{two}/") and two in h5 and one in h5:
            h5.move(one, "aside")
            if two in h5:
                h5.move(two, one)
            h5.move("aside", two)


def _circle(h5: h5py.File, chance: random.Random) -> None:
    """Has a group lie in itself, or one array be two."""
    groups, arrays = _named(h5, h5py.Group), _named(h5, h5py.Dataset)
    if groups:
        h5[f"{chance.choice(groups)}/{chance.choice(('again', '0', 'vars', 'layers'))}"] = h5[
            chance.choice(["/", *groups, *arrays])
        ]


def _link(h5: h5py.File, chance: random.Random) -> None:
    groups = _named(h5, h5py.Group)
    links = (h5py.SoftLink("/"), h5py.SoftLink("/nowhere"), h5py.ExternalLink("other.h5", "/"))
    h5[f"{chance.choice(['', *groups])}/link"] = chance.choice(links)


def _values(h5: h5py.File, chance: random.Random) -> None:
    names = [
        name
        for name in _named(h5, h5py.Dataset)
        if 0 < (h5[name].size or 0) < MOST_FILLED and h5[name].dtype.kind == "f"
    ]
    if names:
        item = h5[chance.choice(names)]
        item[...] = chance.choice((np.nan, np.inf, 0, 3e38, -3e38))


def _refuse_nothing(change: Callable[[h5py.File, random.Random], None]) -> Callable[[h5py.File, random.Random], None]:
    """Leaves the file as it is where HDF5 itself would not have it so."""

    def attempt(h5: h5py.File, chance: random.Random) -> None:
        try:
            change(h5, chance)
        except (ValueError, RuntimeError, KeyError, OSError, TypeError):
            return

    return attempt


CHANGES = tuple(
    map(_refuse_nothing, (_delete, _array, _array, _array, _attribute, _names, _names, _move, _circle, _link, _values))
)
