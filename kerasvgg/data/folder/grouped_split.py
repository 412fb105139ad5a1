"""A grouped split: pictures of one group, or that show the same, are all in one part."""

import random
from collections import Counter, defaultdict
from collections.abc import Sequence

from kerasvgg.data.duplicates.pairs import joined
from kerasvgg.data.folder.earlier import first_part
from kerasvgg.data.picture import Picture
from kerasvgg.errors import DataError
from kerasvgg.files.text import escape
from kerasvgg.process.progress import warn

Amount = int | float | None


Parts = dict[str, list[Picture]]


def grouped_split(
    classes: Sequence[Sequence[Picture]],
    amounts: dict[str, Amount],
    draw: random.Random,
    alike: bool = True,
    kept: Sequence[Picture] = (),
) -> list[Parts]:
    """Returns the parts of each class, with groups of pictures kept whole, over all classes: each picture's own group.

    With `alike`, pictures that show the same are in one, too. A part takes the next group, in name order for whole
    numbers, drawn for fractions, as long as all of it fits; where one does not, the next part has it. Whole numbers
    that groups of pictures' own do not allow come out as near as that, and are said on stderr. Groups of pictures that
    are `kept` in their part go there, and a part may then get none; otherwise that raises DataError, and so does one to
    be filled by so many pictures that show the same that can't.
    """
    everyone = [*kept, *(picture for pictures in classes for picture in pictures)]
    place = {id(picture): i for i, picture in enumerate(everyone)}
    group = joined(everyone, alike)
    grouped = any(picture.group for picture in everyone)
    counted = isinstance(amounts["validation"], int)
    settled = _settled(kept, group)  # where the groups are that are kept, or that a class before has put somewhere
    divided = []
    for pictures in classes:
        members = defaultdict(list)
        for picture in pictures:
            members[group[place[id(picture)]]].append(picture)
        order = list(members) if counted else draw.sample(list(members), len(members))
        room = _room(len(pictures), amounts)
        parts = _fill({number: members[number] for number in order}, room, settled)
        came_to = {name: len(part) for name, part in parts.items()}
        counts = ", ".join(f"{name}: {count:,} of {room[name]:,}" for name, count in came_to.items())
        counts = f"{pictures[0].label}: {counts}"
        empty = not kept and any(room[name] and not came_to[name] for name in room)
        if empty or (counted and came_to != room and not grouped):
            raise DataError(_too_few(counts, max(Counter(group).values()), grouped, alike))
        if counted and came_to != room:
            warn(escape(f"warning: groups stay whole, so that the split has {counts}"))
        divided.append({name: sorted(parts[name], key=lambda one: place[id(one)]) for name in amounts})
    return divided


def _room(count: int, amounts: dict[str, Amount]) -> dict[str, int]:
    """Returns how many pictures each part may take, in the order in which they are filled."""
    if isinstance(amounts["validation"], int):
        return {name: int(amount or 0) for name, amount in amounts.items()}
    room = {name: int(count * (amounts[name] or 0)) for name in ("validation", "test")}
    some = amounts["train"] is not None and sum(amount or 0 for amount in amounts.values()) < 1 - 1e-9
    return {**room, "train": int(count * (amounts["train"] or 0)) if some else count}


def _settled(kept: Sequence[Picture], group: Sequence[int]) -> dict[int, str]:
    """Returns the part of each group that pictures at the beginning have one of."""
    parts = defaultdict(set)
    for picture, number in zip(kept, group, strict=False):
        parts[number].add(picture.split)
    return {number: first_part(some) for number, some in parts.items()}


def _fill(members: dict[int, list[Picture]], room: dict[str, int], settled: dict[int, str]) -> Parts:
    parts: Parts = {name: [] for name in room}
    for group in members.keys() & settled.keys():
        parts[settled[group]] += members[group]
    for group, pictures in members.items():
        if group in settled:
            continue
        fits = (name for name in parts if len(parts[name]) + len(pictures) <= room[name])
        if name := next(fits, None):
            parts[name] += pictures
            settled[group] = name
    return parts


def _too_few(counts: str, largest: int, grouped: bool, alike: bool) -> str:
    which = " or ".join(["of one group"] * grouped + ["that show the same"] * alike)
    shown = " (`kerasvgg check` shows them)" * alike
    return (
        f"`{'keep_together' if alike else 'group'}`: pictures {which} can't be kept together with so many for each "
        f"part ({counts}); the largest group of them has {largest:,} pictures{shown}. An experiment with "
        "`data.split={folds: 5}` needs no parts"
    )
