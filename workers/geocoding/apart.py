"""Places that would have the same label on one list, told apart in the words a crew would use."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from workers.geocoding.gazetteer import Gazetteer
from workers.geocoding.grid import grid_reference
from workers.geocoding.place import NOT_NAMED_YET, NOTHING_NEAR, OUTSIDE_GREAT_BRITAIN, Near, Place

# Where a side road is looked for: on rings around the centre, each so far from the last as a road may be from the ring.
RINGS_M = tuple(range(40, 281, 40))
# By so much a road or landmark is nearer to the place that is named by it than to any other of the same label.
NEARER_BY_M = 80.0
_BEARINGS = np.arange(16) * np.pi / 8
_NAMELESS = frozenset({NOT_NAMED_YET, NOTHING_NEAR, OUTSIDE_GREAT_BRITAIN})
_FROM_ONE_END = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A place and its label, had `since` then or about to be. Centre in grid metres; `named` by a person."""

    label: str
    easting: float
    northing: float
    since: datetime
    named: bool = False


def told_apart(places: Sequence[Labelled], find: Callable[[], Gazetteer]) -> dict[int, str]:
    """New labels, by index, for those of these places that have the same as another.

    A name given by a person stays, and so does the label that one place alone had before the others. Each of the
    rest is told by the nearest side road or landmark that is clearly nearer to it than to the others ("…, near Moorwood
    Lane"), else by its part of the street ("…, north end"), else by its grid reference. The order of `places` does not
    matter. `find` says where the ground is known from, and is asked only where two are called the same.
    """
    by_label = defaultdict(list)
    for index, place in enumerate(places):
        by_label[place.label].append(index)
    groups = {label: members for label, members in by_label.items() if len(members) > 1}
    if not groups:
        return {}
    gazetteer, taken, found = find(), set(by_label), dict[int, str]()
    for label, members in sorted(groups.items()):
        # Those that were told apart before count too: there is one north end.
        alike = [index for index, place in enumerate(places) if _is_of(place.label, label)]
        words = _words(places, alike, label, gazetteer)
        for index in sorted(_to_tell(places, members), key=lambda each: _spot(places[each])):
            told = (f"{label}, {phrase}" for phrase in words[index])
            found[index] = next(text for text in told if text not in taken)
            taken.add(found[index])
    return found


def _is_of(label: str, street: str) -> bool:
    return label == street or label.startswith(f"{street}, ")


def _spot(place: Labelled) -> tuple[float, float]:
    return place.easting, place.northing


def _to_tell(places: Sequence[Labelled], members: list[int]) -> list[int]:
    """Those of one label that get another: all that no person named, but for one that had it first."""
    if any(places[index].named for index in members):
        return [index for index in members if not places[index].named]
    first = min(places[index].since for index in members)
    oldest = [index for index in members if places[index].since == first]
    return [index for index in members if oldest != [index]]


def _words(
    places: Sequence[Labelled], alike: list[int], label: str, gazetteer: Gazetteer
) -> dict[int, list[str]]:
    """For each of these places the phrases that tell it from the others, best first; the last always does."""
    near = _near(places, alike, label, gazetteer)
    parts = {} if label in _NAMELESS else _parts(places, alike, gazetteer)
    return {
        index: [
            *(f"near {name}" for name in near[index] if _is_its_own(name, index, near)),
            *([parts[index]] if parts else []),
            grid_reference(*_spot(places[index])),
            # Two within ten metres: nothing on the ground tells them apart.
            *(f"{grid_reference(*_spot(places[index]))} ({number})" for number in range(2, len(alike) + 2)),
        ]
        for index in alike
    }  # fmt: skip


def _is_its_own(name: str, index: int, near: Mapping[int, Mapping[str, float]]) -> bool:
    others = (around.get(name, math.inf) for other, around in near.items() if other != index)
    return min(others, default=math.inf) - near[index][name] >= NEARER_BY_M


def _near(
    places: Sequence[Labelled], alike: list[int], label: str, gazetteer: Gazetteer
) -> dict[int, dict[str, float]]:
    """Side roads and then the landmark near each place, each nearest first, with about how many metres away they are;
    nothing that its label names already."""
    x, y = np.array([_spot(places[index]) for index in alike]).T
    away = np.repeat(RINGS_M, len(_BEARINGS))
    turn = np.tile(_BEARINGS, len(RINGS_M))
    rings_x, rings_y = np.add.outer(x, away * np.sin(turn)), np.add.outer(y, away * np.cos(turn))
    # All at once: a list of many places that are called the same would take minutes one by one.
    roads = gazetteer.roads_near(rings_x.ravel(), rings_y.ravel())
    near = {}
    for number, (index, here) in enumerate(zip(alike, gazetteer.reverse_many(x, y), strict=True)):
        around = roads[number * len(away) : (number + 1) * len(away)]
        nearest = _nearest(zip(away.tolist(), around, strict=True))
        if here.landmark is not None:
            nearest.setdefault(here.landmark.name, here.landmark.distance_m)
        near[index] = {name: away_m for name, away_m in nearest.items() if name not in label}
    return near


def _nearest(around: Iterable[tuple[int, Near | None]]) -> dict[str, float]:
    """The roads that lie at a ring, nearest first, with how many metres away they are by way of it."""
    found: dict[str, float] = {}
    for ring_m, road in around:
        if road is not None and road.distance_m <= RINGS_M[0]:
            found[road.name] = min(found.get(road.name, math.inf), ring_m + road.distance_m)
    return dict(sorted(found.items(), key=lambda road: (road[1], road[0])))


def _parts(places: Sequence[Labelled], alike: list[int], gazetteer: Gazetteer) -> Mapping[int, str]:
    """Which part of the street each is in, in the order along its greater extent."""
    spots = np.array([_spot(places[index]) for index in alike])
    east, north = np.ptp(spots, axis=0).tolist()
    axis, low, high = (0, "west", "east") if east > north else (1, "south", "north")
    order = [alike[place] for place in np.lexsort((spots[:, 1 - axis], spots[:, axis])).tolist()]
    on_road = [_is_on_road(gazetteer.reverse(*_spot(places[index]))) for index in order]
    return {
        index: _part(number, len(order), (low, high), road)
        for number, (index, road) in enumerate(zip(order, on_road, strict=True))
    }


def _is_on_road(place: Place) -> bool:
    return place.road is not None


def _part(number: int, of: int, ends: tuple[str, str], on_road: bool) -> str:
    low, high = ends
    if number in (0, of - 1):
        end = high if number else low
        return f"{end} end" if on_road else f"to the {end}"
    if of == 3:
        return "in the middle"
    from_high = of - 1 - number
    if from_high < number:
        return f"{_ordinal(from_high)} from the {high}"
    return f"{_ordinal(number)} from the {low}"


def _ordinal(number: int) -> str:
    return _FROM_ONE_END[number] if number < len(_FROM_ONE_END) else f"number {number + 1}"
