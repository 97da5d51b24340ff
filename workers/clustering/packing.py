"""Points and places as bytes and back, to the last digit: what goes to another worker, and what comes home from it."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import astuple
from datetime import date
from typing import Any

import numpy as np

from workers.clustering.places import HotPlace
from workers.clustering.points import Points


def pack_points(points: Points) -> bytes:
    """Points as bytes."""
    accuracy = [None if np.isnan(metres) else metres for metres in points.accuracy_m.tolist()]
    columns = (points.easting, points.northing, points.day.astype(np.int64), points.severity)
    return _packed([list(points.ids), *(column.tolist() for column in columns), accuracy])


def unpack_points(packed: bytes) -> Points:
    """The points that were packed."""
    ids, easting, northing, day, severity, accuracy = json.loads(zlib.decompress(packed))
    return Points(
        ids=ids, easting=np.array(easting, dtype=float), northing=np.array(northing, dtype=float),
        day=np.array(day, dtype=np.int64).astype("datetime64[D]"), severity=np.array(severity, dtype=float),
        accuracy_m=np.array(accuracy, dtype=float),
    )  # fmt: skip


def pack_places(places: Sequence[HotPlace]) -> bytes:
    """Places as bytes."""
    return _packed([astuple(place) for place in places])


def unpack_places(packed: bytes) -> list[HotPlace]:
    """The places that were packed."""
    return [_place(*row) for row in json.loads(zlib.decompress(packed))]


def _place(rank: int, *columns: Any) -> HotPlace:
    easting, northing, extent_m, count, score, first, last, members, trend = columns
    days = date.fromisoformat(first), date.fromisoformat(last)
    return HotPlace(rank, easting, northing, extent_m, count, score, *days, tuple(members), trend)


def _packed(content: Any) -> bytes:
    # A number is written with as many digits as tell it from its neighbours, so it comes back the same.
    return zlib.compress(json.dumps(content, default=date.isoformat).encode(), level=1)
