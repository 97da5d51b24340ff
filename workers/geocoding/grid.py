"""The British National Grid: WGS84 degrees to OSGB36 metres by OSTN15, and grid references.

OSTN15 comes from the `convertbng` package, which embeds Ordnance Survey's grid of shifts. PROJ without that
grid falls back to a seven-parameter shift that is up to 4 m wrong, and does not say so.
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

import numpy as np
from convertbng.cutil import convert_osgb36_to_ll, convert_to_osgb36
from numpy.typing import ArrayLike, NDArray

from workers.geocoding.country import in_great_britain

Floats = NDArray[np.float64]

# Grid letters run from A, top left, to Z without I; the false origin is the south-west corner of square SV.
_LETTERS = "ABCDEFGHJKLMNOPQRSTUVWXYZ"
_EAST_LIMIT_M = 700_000
_NORTH_LIMIT_M = 1_300_000
_REFERENCE = re.compile(r"([A-HJ-Z])([A-HJ-Z])(\d*)")

# convertbng's forward direction refuses latitudes outside these, although its OSTN15 grid goes on, to Scilly.
_FORWARD_SOUTH = 49.93
_FORWARD_NORTH = 60.83
_METRES_PER_DEGREE = 111_250.0


class GridPoint(NamedTuple):
    """A point on the British National Grid (OSGB36), metres."""

    easting: float
    northing: float


class GridSquare(NamedTuple):
    """What a grid reference names: the south-west corner and the side of a square, metres."""

    easting: float
    northing: float
    square_m: int

    @property
    def centre(self) -> GridPoint:
        """The best single point for the square."""
        return GridPoint(self.easting + self.square_m / 2, self.northing + self.square_m / 2)


def to_grid(lat: float, lon: float) -> GridPoint | None:
    """The grid point, to the millimetre, of a WGS84 position in degrees; None outside Great Britain."""
    eastings, northings = to_grid_many([lat], [lon])
    if math.isnan(eastings[0]):
        return None
    return GridPoint(float(eastings[0]), float(northings[0]))


def to_grid_many(lats: ArrayLike, lons: ArrayLike) -> tuple[Floats, Floats]:
    """Eastings and northings in metres of WGS84 degrees, (n,) each; NaN outside Great Britain."""
    lat = np.atleast_1d(np.asarray(lats, dtype=float))
    lon = np.atleast_1d(np.asarray(lons, dtype=float))
    eastings = np.full(lat.shape, np.nan)
    northings = np.full(lat.shape, np.nan)
    inside = in_great_britain(lat, lon)
    if inside.any():
        eastings[inside], northings[inside] = _forward(lat[inside], lon[inside])
    return eastings, northings


def from_grid(easting: float, northing: float) -> tuple[float, float]:
    """(latitude, longitude) in WGS84 degrees of a grid point in metres. ValueError off the grid's sheet."""
    lons, lats = convert_osgb36_to_ll([easting], [northing])
    if math.isnan(lats[0]):
        raise ValueError("That point is not on the British National Grid.")
    return float(lats[0]), float(lons[0])


def from_grid_many(eastings: Floats, northings: Floats) -> tuple[Floats, Floats]:
    """Latitudes and longitudes in WGS84 degrees, (n,) each, of grid points in metres. ValueError off the sheet."""
    if not len(eastings):
        return np.zeros(0), np.zeros(0)
    lons, lats = convert_osgb36_to_ll(eastings, northings)
    if np.isnan(lats).any():
        raise ValueError("That point is not on the British National Grid.")
    return lats, lons


def grid_reference(easting: float, northing: float, figures: int = 10) -> str:
    """A reference such as "SP 30965 97615" for a point in metres: the square it is in, as OS maps read it.

    figures: 2, 4, 6, 8 or 10 digits in all. ValueError for other figures or a point off the lettered squares.
    """
    if figures not in (2, 4, 6, 8, 10):
        raise ValueError("A grid reference has 2, 4, 6, 8 or 10 figures.")
    # Millimetres first, so that a point which came back as 429999.9999999 is not put in the square before.
    east, north = math.floor(round(easting, 3)), math.floor(round(northing, 3))
    if not (0 <= east < _EAST_LIMIT_M and 0 <= north < _NORTH_LIMIT_M):
        raise ValueError("That point is not on the British National Grid.")
    digits = figures // 2
    size = 10 ** (5 - digits)
    letters = _square_letters(east // 100_000, north // 100_000)
    return f"{letters} {east % 100_000 // size:0{digits}d} {north % 100_000 // size:0{digits}d}"


def parse_grid_reference(text: str) -> GridSquare:
    """The square named by "SP 309 976", "sp3096597615" and the like. ValueError tells a person why not."""
    match = _REFERENCE.fullmatch(re.sub(r"\s+", "", text.upper()))
    if match is None:
        raise ValueError("A grid reference is two letters and then figures, such as SP 309 976.")
    first, second, figures = match.groups()
    if len(figures) % 2 or len(figures) > 10:
        raise ValueError("A grid reference has the same number of figures east and north, five each at most.")
    east, north = _square_origin(first, second)
    if not (0 <= east < _EAST_LIMIT_M and 0 <= north < _NORTH_LIMIT_M):
        raise ValueError(f"{first}{second} is not a square of the National Grid. Check the two letters.")
    digits = len(figures) // 2
    size = 10 ** (5 - digits)
    east_in, north_in = int(figures[:digits] or 0), int(figures[digits:] or 0)
    return GridSquare(float(east + east_in * size), float(north + north_in * size), size)


def _forward(lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
    eastings, northings = convert_to_osgb36(lon, np.clip(lat, _FORWARD_SOUTH, _FORWARD_NORTH))
    beyond = (lat < _FORWARD_SOUTH) | (lat > _FORWARD_NORTH)
    if beyond.any():
        eastings[beyond], northings[beyond] = _by_inverse(
            lat[beyond], lon[beyond], eastings[beyond], northings[beyond]
        )
    return eastings, northings


def _by_inverse(lat: Floats, lon: Floats, easting: Floats, northing: Floats) -> tuple[Floats, Floats]:
    """The forward transformation where convertbng has only the inverse: step until it gives lat, lon.

    Grid north is within 4 degrees of true north, so each step leaves under a tenth of the error; ten reach
    the millimetre from 20 km away.
    """
    for _ in range(10):
        there_lon, there_lat = convert_osgb36_to_ll(easting, northing)
        easting = easting + (lon - there_lon) * _METRES_PER_DEGREE * np.cos(np.radians(lat))
        northing = northing + (lat - there_lat) * _METRES_PER_DEGREE
    return np.round(easting, 3), np.round(northing, 3)


def _square_letters(east_100km: int, north_100km: int) -> str:
    """Two letters for a 100 km square counted from the false origin (OS, "A guide to coordinate systems")."""
    first = (19 - north_100km) - (19 - north_100km) % 5 + (east_100km + 10) // 5
    second = (19 - north_100km) * 5 % 25 + east_100km % 5
    return _LETTERS[first] + _LETTERS[second]


def _square_origin(first: str, second: str) -> tuple[int, int]:
    """South-west corner in metres of a lettered 100 km square; may be far off the map."""
    big, small = _LETTERS.index(first), _LETTERS.index(second)
    east = (big % 5 - 2) * 5 + small % 5
    north = 19 - big // 5 * 5 - small // 5
    return east * 100_000, north * 100_000
