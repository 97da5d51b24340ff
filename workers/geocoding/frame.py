"""The flat frame of metres that a set of positions is worked on in: the National Grid, else the local UTM zone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from convertbng.cutil import convert_osgb36_to_ll
from numpy.typing import ArrayLike, NDArray

from workers.geocoding.country import in_great_britain
from workers.geocoding.grid import to_grid_many
from workers.geocoding.utm import UtmZone, zone_of

Floats = NDArray[np.float64]

BRITISH_EPSG = 27_700
_EAST_LIMIT_M = 700_000
_NORTH_LIMIT_M = 1_300_000


@dataclass(frozen=True, slots=True)
class Frame:
    """Metres on one grid: a UTM zone's, the National Grid's, or a grid that nothing is known of."""

    name: str
    epsg: int | None
    zone: UtmZone | None = None

    def to_metres(self, lats: ArrayLike, lons: ArrayLike) -> tuple[Floats, Floats]:
        """Eastings and northings (n,) each of WGS84 degrees; NaN where the frame does not reach."""
        if self.zone is not None:
            return self.zone.to_grid(lats, lons)
        if self.epsg == BRITISH_EPSG:
            return to_grid_many(lats, lons)
        nowhere = np.full(np.atleast_1d(np.asarray(lats)).shape, np.nan)
        return nowhere, nowhere.copy()

    def to_degrees(self, eastings: ArrayLike, northings: ArrayLike) -> tuple[Floats, Floats]:
        """(latitudes, longitudes) (n,) each in WGS84; NaN where they cannot be told."""
        x, y = (np.atleast_1d(np.asarray(values, dtype=float)) for values in (eastings, northings))
        if self.zone is not None:
            return self.zone.from_grid(x, y)
        if self.epsg == BRITISH_EPSG and len(x):
            lons, lats = convert_osgb36_to_ll(x, y)
            return np.asarray(lats), np.asarray(lons)
        return np.full(x.shape, np.nan), np.full(x.shape, np.nan)


BRITISH = Frame("British National Grid", BRITISH_EPSG)
UNKNOWN = Frame("a grid in metres that was not named", None)


def frame_of_degrees(lats: Floats, lons: Floats) -> Frame:
    """The frame of positions in WGS84 degrees (n > 0): British when most are in Great Britain, else the UTM zone of
    their median."""
    if 2 * int(in_great_britain(lats, lons).sum()) > len(lats):
        return BRITISH
    zone = zone_of(float(np.median(lats)), float(np.median(lons)))
    return Frame(f"UTM zone {zone.number}{'S' if zone.south else 'N'}", zone.epsg, zone)


def frame_of_metres(eastings: Floats, northings: Floats) -> Frame:
    """The frame of positions in metres: British when all lie on that grid's sheet, else one nothing is known of."""
    on_sheet = (eastings >= 0) & (eastings < _EAST_LIMIT_M) & (northings >= 0) & (northings < _NORTH_LIMIT_M)
    return BRITISH if bool(on_sheet.all()) else UNKNOWN
