"""Looking for a name or postcode in several sets at once."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workers.geocoding.codes import beginning_with
from workers.geocoding.names import REACH_M
from workers.geocoding.nameset import NameSet
from workers.geocoding.search import Bias

# The beginning of a postcode: its area and district at least.
_POSTCODE = re.compile(r"[A-Z]{1,2}\d[A-Z\d]?(\d[A-Z]{0,2})?")
# Of one name in one place only one is shown: sets know the same road from several sources.
SPARE = 3
SAME_M = 250.0


@dataclass(frozen=True, slots=True)
class Found:
    """A name that matched; distance_m: metres from where the person is, to 0.1 m, when that was given.

    locality: the place it is in, "" where that is not known.
    """

    kind: str
    name: str
    easting: float
    northing: float
    distance_m: float | None
    locality: str = ""

    @property
    def label(self) -> str:
        """One line for people."""
        return f"{self.name}, {self.locality}" if self.locality else self.name


def find(sets: Sequence[NameSet], text: str, limit: int, bias: Bias) -> list[Found]:
    """At most `limit` matches, best first, each once; none for text without a letter or figure."""
    compact = re.sub(r"\s+", "", text).upper()
    found: list[tuple[float, int, int]] = []
    for number, names in enumerate(sets):
        if "code" in names.columns:
            if _POSTCODE.fullmatch(compact):
                entries = beginning_with(names.columns, compact, limit, bias.centre)
                found += [(0.0, number, int(entry)) for entry in entries]
        elif "word_at" in names.columns:
            entries, costs = names.search.best(text, limit * SPARE, bias)
            found += [(float(cost), number, int(entry)) for entry, cost in zip(entries, costs, strict=True)]
    found.sort(key=lambda match: round(match[0], 3))
    shown: list[Found] = []
    for _, number, entry in found:
        match = _described(sets, sets[number], entry, bias)
        if not any(_same(match, other) for other in shown):
            shown.append(match)
        if len(shown) == limit:
            break
    return shown


def _same(one: Found, other: Found) -> bool:
    if (one.kind, one.label.casefold()) != (other.kind, other.label.casefold()):
        return False
    return (
        bool(one.locality) or math.dist((one.easting, one.northing), (other.easting, other.northing)) < SAME_M
    )


def _described(sets: Sequence[NameSet], names: NameSet, entry: int, bias: Bias) -> Found:
    kind, name = names.kind(entry), names.name(entry)
    east, north = names.position(entry)
    away = None if bias.near is None else round(math.dist(bias.near, (east, north)), 1)
    locality = "" if kind == "locality" else names.locality(entry) or _nearest_locality(sets, east, north)
    return Found(kind, name, east, north, away, locality)


def _nearest_locality(sets: Sequence[NameSet], east: float, north: float) -> str:
    x, y = np.array([east]), np.array([north])
    best = (math.inf, "")
    for names in sets:
        if names.has("locality"):
            entries, distances = names.nearest("locality", x, y, REACH_M["locality"])
            if entries[0] >= 0:
                best = min(best, (float(distances[0]), names.name(int(entries[0]))))
    return best[1]
