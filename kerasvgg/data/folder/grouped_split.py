"""A grouped split: pictures that show the same are all in one part."""

import random
from collections import Counter, defaultdict
from collections.abc import Sequence

from kerasvgg.data.duplicates.pairs import exact_duplicates, groups, near_duplicates
from kerasvgg.data.picture import Picture
from kerasvgg.errors import DataError

Amount = int | float | None


Parts = dict[str, list[Picture]]


def grouped_split(classes: Sequence[Sequence[Picture]], amounts: dict[str, Amount], draw: random.Random) -> list[Parts]:
    """Returns the parts of each class, with groups of pictures that show the same kept whole, over all classes.

    A part takes the next group, in name order for whole numbers, drawn for fractions, as long as all of it fits; where
    one does not, the next part has it. Raises DataError where a part of so many pictures can't be filled, or one by a
    fraction gets none.
    """
    everyone = [picture for pictures in classes for picture in pictures]
    place = {id(picture): i for i, picture in enumerate(everyone)}
    group = same_pictures(everyone)
    counted = isinstance(amounts["validation"], int)
    settled: dict[int, str] = {}  # where the groups are that a class before has put somewhere
    divided = []
    for pictures in classes:
        members = defaultdict(list)
        for picture in pictures:
            members[group[place[id(picture)]]].append(picture)
        order = list(members) if counted else draw.sample(list(members), len(members))
        room = _room(len(pictures), amounts)
        parts = _fill({number: members[number] for number in order}, room, settled)
        came_to = {name: len(part) for name, part in parts.items()}
        if came_to != room if counted else any(room[name] and not came_to[name] for name in room):
            raise DataError(_too_few(pictures[0].label, came_to, room, max(Counter(group).values())))
        divided.append({name: sorted(parts[name], key=lambda one: place[id(one)]) for name in amounts})
    return divided


def same_pictures(pictures: Sequence[Picture]) -> list[int]:
    """Returns a number for each picture, equal for those that show the same; it needs their thumbnails."""
    place = {id(picture): i for i, picture in enumerate(pictures)}
    doubles = exact_duplicates(pictures) + near_duplicates(pictures)
    return groups(len(pictures), ((place[id(one.first)], place[id(one.second)]) for one in doubles))


def _room(count: int, amounts: dict[str, Amount]) -> dict[str, int]:
    """Returns how many pictures each part may take, in the order in which they are filled."""
    if isinstance(amounts["validation"], int):
        return {name: int(amount or 0) for name, amount in amounts.items()}
    room = {name: int(count * (amounts[name] or 0)) for name in ("validation", "test")}
    some = amounts["train"] is not None and sum(amount or 0 for amount in amounts.values()) < 1 - 1e-9
    return {**room, "train": int(count * (amounts["train"] or 0)) if some else count}


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


def _too_few(label: str, came_to: dict[str, int], room: dict[str, int], largest: int) -> str:
    counts = ", ".join(f"{name}: {count:,} of {room[name]:,}" for name, count in came_to.items())
    return (
        f"`keep_together`: pictures that show the same can't be kept together with so many for each part ({label}: "
        f"{counts}); the largest group of them has {largest:,} pictures. `kerasvgg check` shows them"
    )
