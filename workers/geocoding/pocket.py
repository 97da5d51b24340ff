"""The phone's own copy of a borough's names, small enough to fetch in a lay-by: what `pwa/src/map/names.ts` reads.

    {format, south, west, texts, kinds, text, inside, lat, lon, postcodes, postcode_lat, postcode_lon}

`texts` are all names, one a line; an entry is the same place in `kinds` (a letter: r road, l locality, m landmark),
`text` and `inside` (lines of `texts`: its name, and the place it is in), `lat` and `lon` (hundred-thousandths of a
degree north and east of the corner `south`, `west`: about a metre). `postcodes` are one a line, without their space.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from workers.geocoding.grid import from_grid_many
from workers.geocoding.inside import entries_inside
from workers.geocoding.nameset import NameSet
from workers.geocoding.search import Bounds

FORMAT = 1
LETTERS = {"road": "r", "locality": "l", "landmark": "m"}
STEPS = 100_000
# Around the bounds: the next village over the border is where people say that they are.
MARGIN_M = 2_000.0


def pocket_names(sets: Iterable[NameSet], bounds: Bounds) -> dict[str, Any]:
    """The names of all sets inside (west, south, east, north in metres), ready for JSON.

    One entry for a name in a place, however many sources and stretches it has.
    """
    west, south, east, north = bounds
    wide = west - MARGIN_M, south - MARGIN_M, east + MARGIN_M, north + MARGIN_M
    named: dict[tuple[str, str, str], tuple[float, float]] = {}
    postcodes: dict[str, tuple[float, float]] = {}
    for names in sets:
        for entry in entries_inside(names, wide).tolist():
            kind = names.kind(entry)
            if kind == "postcode":
                postcodes.setdefault(names.name(entry).replace(" ", ""), names.position(entry))
            elif kind in LETTERS:
                key = names.name(entry), kind, "" if kind == "locality" else names.locality(entry)
                named.setdefault(key, names.position(entry))
    texts = sorted({text for name, _, place in named for text in (name, place)})
    number = {text: index for index, text in enumerate(texts)}
    keys, codes = sorted(named), sorted(postcodes)
    corner_lat, corner_lon, lat, lon = _degrees(
        [named[key] for key in keys] + [postcodes[code] for code in codes]
    )
    return {
        "format": FORMAT, "south": corner_lat, "west": corner_lon, "texts": "\n".join(texts),
        "kinds": "".join(LETTERS[kind] for _, kind, _ in keys), "text": [number[name] for name, _, _ in keys],
        "inside": [number[place] for _, _, place in keys], "lat": lat[: len(keys)], "lon": lon[: len(keys)],
        "postcodes": "\n".join(codes), "postcode_lat": lat[len(keys) :], "postcode_lon": lon[len(keys) :],
    }  # fmt: skip


def _degrees(points: list[tuple[float, float]]) -> tuple[float, float, list[int], list[int]]:
    """The south-west corner of all points in degrees, and each point's steps from it."""
    if not points:
        return 0.0, 0.0, [], []
    east, north = np.array(points).T
    lats, lons = from_grid_many(east, north)
    south, west = float(np.floor(lats.min() * 100) / 100), float(np.floor(lons.min() * 100) / 100)
    up, right = (np.rint(steps * STEPS).astype(int).tolist() for steps in (lats - south, lons - west))
    return south, west, up, right
