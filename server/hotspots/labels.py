"""No two places of a kind are called the same, neither on one list nor on one and a list of another time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from server.hotspots.models import Hotspot
from workers.geocoding.apart import Labelled, told_apart
from workers.geocoding.gazetteer import Gazetteer


def tell_apart(hotspots: Iterable[Hotspot], gazetteer: Callable[[], Gazetteer]) -> None:
    """Give those that are called as another is the words that tell them from it, once and for good."""
    rows = list(hotspots)
    for index, label in told_apart([_labelled(row) for row in rows], gazetteer).items():
        rows[index].label = label


def tell_new_rows_apart(
    rows: Sequence[dict[str, Any]],
    known: Sequence[Hotspot],
    as_of: datetime,
    gazetteer: Callable[[], Gazetteer],
) -> None:
    """The same for the rows of a list that is not kept: those without an id, beside all that are on record."""
    new = [row for row in rows if row["id"] is None]
    places = [_labelled(row) for row in known]
    places += [Labelled(row["label"], row["easting"], row["northing"], as_of) for row in new]
    for index, label in told_apart(places, gazetteer).items():
        if index >= len(known):
            new[index - len(known)]["label"] = label


def _labelled(row: Hotspot) -> Labelled:
    return Labelled(row.label, row.easting, row.northing, row.created_at, row.named)
