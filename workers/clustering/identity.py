"""Which of last night's places is which of tonight's: identity that lasts while members come and go."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

FALLBACK_M = 150.0

EventKind = Literal["created", "merged", "split", "dormant", "revived"]


@dataclass(frozen=True, slots=True)
class KnownPlace:
    """A place as last listed: lasting id, centre in grid metres, members; dormant when off the list; named by a
    person or not."""

    id: str
    easting: float
    northing: float
    members: frozenset[str]
    dormant: bool = False
    named: bool = False


@dataclass(frozen=True, slots=True)
class ListedPlace:
    """A place of the new run, which has no id yet. Centre in grid metres."""

    easting: float
    northing: float
    members: frozenset[str]


@dataclass(frozen=True, slots=True)
class PlaceEvent:
    """What happened to a place between two runs.

    created: `new` is a place not seen before; split: the same, and most of its members were of `old`, which
    goes on elsewhere; merged: most members of `old` are now in `new`, which has another id; dormant: `old` is
    off the list; revived: `old` is back on it, as `new`. `old` is an id, `new` an index into the new places.
    """

    kind: EventKind
    old: str | None
    new: int | None


@dataclass(frozen=True, slots=True)
class Matching:
    """ids: for each new place the id it keeps, or None when it needs a new one; events in a fixed order."""

    ids: tuple[str | None, ...]
    events: tuple[PlaceEvent, ...]


def match_places(known: Sequence[KnownPlace], listed: Sequence[ListedPlace]) -> Matching:
    """Give new places the ids of the old ones they continue, one to one.

    A pair qualifies by sharing more than half the members of the smaller of the two (old members fall out of
    the window, and a growing place gains new ones); pairs whose old place was named by a person are settled first,
    so that no merger takes a name off the list, and then those with the greater share of common members
    (Jaccard). What is left is paired by centres at most 150 m apart, nearest first.
    The answer does not depend on the order of `known`, whose ids must differ; a member is in one new place.
    """
    pairing = _Pairing(known, listed)
    for old, new in _by_members(known, listed):
        pairing.join(old, new)
    for old, new in _by_distance(known, listed, pairing):
        pairing.join(old, new)
    return Matching(ids=pairing.ids(), events=tuple(_events(pairing)))


class _Pairing:
    """One to one, first come first served; old and new places by index."""

    def __init__(self, known: Sequence[KnownPlace], listed: Sequence[ListedPlace]) -> None:
        self.known = known
        self.listed = listed
        self.new_of: dict[int, int] = {}
        self.old_of: dict[int, int] = {}

    def join(self, old: int, new: int) -> None:
        if old not in self.new_of and new not in self.old_of:
            self.new_of[old] = new
            self.old_of[new] = old

    def ids(self) -> tuple[str | None, ...]:
        return tuple(
            self.known[self.old_of[new]].id if new in self.old_of else None for new in range(len(self.listed))
        )


def _by_members(known: Sequence[KnownPlace], listed: Sequence[ListedPlace]) -> Iterator[tuple[int, int]]:
    """Pairs that qualify by their members, of named places first, greatest Jaccard share first."""
    new_with = _holders((new, place.members) for new, place in enumerate(listed))
    ranked = []
    for old, place in enumerate(known):
        for new, common in _shared(place.members, new_with).items():
            theirs = len(listed[new].members)
            if 2 * common > min(len(place.members), theirs):
                share = common / (len(place.members) + theirs - common)
                ranked.append((not place.named, -share, _apart_m(place, listed[new]), place.id, new, old))
    for *_, new, old in sorted(ranked):
        yield old, new


def _by_distance(
    known: Sequence[KnownPlace], listed: Sequence[ListedPlace], pairing: _Pairing
) -> Iterator[tuple[int, int]]:
    """Pairs among what is left whose centres are at most 150 m apart, nearest first."""
    waiting = [(new, place) for new, place in enumerate(listed) if new not in pairing.old_of]
    ranked = [
        (away, place.id, new, old)
        for old, place in enumerate(known)
        if old not in pairing.new_of
        for new, candidate in waiting
        if (away := _apart_m(place, candidate)) <= FALLBACK_M
    ]
    for *_, new, old in sorted(ranked):
        yield old, new


def _events(pairing: _Pairing) -> Iterator[PlaceEvent]:
    """First the new places in their order, then the old ones by id."""
    was_in = _holders((old, pairing.known[old].members) for old in pairing.new_of)
    is_in = _holders((new, place.members) for new, place in enumerate(pairing.listed))
    for new, listed in enumerate(pairing.listed):
        if new not in pairing.old_of:
            source = _home_of_most(listed.members, was_in)
            if source is not None:
                yield PlaceEvent("split", pairing.known[source].id, new)
            else:
                yield PlaceEvent("created", None, new)
    for old, place in sorted(enumerate(pairing.known), key=lambda pair: pair[1].id):
        if old in pairing.new_of:
            if place.dormant:
                yield PlaceEvent("revived", place.id, pairing.new_of[old])
        elif not place.dormant:
            into = _home_of_most(place.members, is_in)
            yield PlaceEvent("dormant" if into is None else "merged", place.id, into)


def _holders(places: Iterable[tuple[int, frozenset[str]]]) -> dict[str, int]:
    """For each member the place that holds it."""
    return {member: index for index, members in places for member in members}


def _shared(members: frozenset[str], holders: dict[str, int]) -> Counter[int]:
    """How many of these members each place holds."""
    return Counter(holders[member] for member in members if member in holders)


def _home_of_most(members: frozenset[str], holders: dict[str, int]) -> int | None:
    """The place that holds more than half of these members, if there is one."""
    for index, common in _shared(members, holders).items():
        if 2 * common > len(members):
            return index
    return None


def _apart_m(old: KnownPlace, new: ListedPlace) -> float:
    return math.hypot(old.easting - new.easting, old.northing - new.northing)
