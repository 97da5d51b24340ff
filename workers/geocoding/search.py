"""Finding a road, locality or postcode by what a person types."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """A name that can be found. kind: road, locality or postcode; easting and northing in metres."""

    kind: str
    name: str
    easting: float
    northing: float


@dataclass(frozen=True, slots=True)
class Found:
    """A name that matched. distance_m: metres from where the person is, to 0.1 m, when that was given."""

    kind: str
    name: str
    easting: float
    northing: float
    distance_m: float | None


class NameIndex:
    """Names with their folded forms, searched from first to last: ten thousand take a few milliseconds."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = [(_folded(entry.name), entry) for entry in entries]

    def search(self, text: str, limit: int, *, near: tuple[float, float] | None) -> Sequence[Found]:
        """At most `limit` matches, best first; none for text without a letter or figure."""
        wanted = _folded(text)
        if not wanted:
            return []
        matches = []
        for name, entry in self._entries:
            quality = _quality(name, wanted, entry.kind)
            if quality is not None:
                away = None if near is None else round(math.dist(near, (entry.easting, entry.northing)), 1)
                found = Found(entry.kind, entry.name, entry.easting, entry.northing, away)
                matches.append(((quality, away or 0.0, name, entry.easting, entry.northing), found))
        matches.sort(key=lambda match: match[0])
        return [found for _, found in matches[:limit]]


def _folded(text: str) -> str:
    """Lower case, apostrophes gone ("Hoar's" is "hoars"), all else but letters and figures one space."""
    return re.sub(r"\W+", " ", re.sub(r"['\u2019]", "", text.casefold())).strip()


def _quality(name: str, wanted: str, kind: str) -> int | None:
    """0 the same, 1 starts so, 2 a word starts so, 3 somewhere inside; None no match."""
    if kind == "postcode":
        name, wanted = name.replace(" ", ""), wanted.replace(" ", "")
    if name == wanted:
        return 0
    if name.startswith(wanted):
        return 1
    if f" {wanted}" in name:
        return 2
    return 3 if wanted in name else None
