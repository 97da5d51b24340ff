"""Universal Transverse Mercator on WGS84, for points outside Great Britain.

The transverse Mercator of Krüger (1912) by its series in the third flattening n, to n^6, with the coefficients of
Karney, "Transverse Mercator with an accuracy of a few nanometers", J. Geodesy 85 (2011), equations 14 and 35 (to
the grid) and 36 (from it): micrometres anywhere within a few degrees of a zone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_SEMI_MAJOR_M = 6_378_137.0
_FLATTENING = 1 / 298.257223563
_SCALE = 0.9996
_FALSE_EASTING_M = 500_000.0
_FALSE_NORTHING_SOUTH_M = 10_000_000.0
_ECCENTRICITY = math.sqrt(_FLATTENING * (2 - _FLATTENING))
_N = _FLATTENING / (2 - _FLATTENING)
_RADIUS_M = _SEMI_MAJOR_M / (1 + _N) * (1 + _N**2 / 4 + _N**4 / 64 + _N**6 / 256)
_TO_GRID = (
    _N / 2 - _N**2 * 2 / 3 + _N**3 * 5 / 16 + _N**4 * 41 / 180 - _N**5 * 127 / 288 + _N**6 * 7891 / 37800,
    _N**2 * 13 / 48 - _N**3 * 3 / 5 + _N**4 * 557 / 1440 + _N**5 * 281 / 630 - _N**6 * 1983433 / 1935360,
    _N**3 * 61 / 240 - _N**4 * 103 / 140 + _N**5 * 15061 / 26880 + _N**6 * 167603 / 181440,
    _N**4 * 49561 / 161280 - _N**5 * 179 / 168 + _N**6 * 6601661 / 7257600,
    _N**5 * 34729 / 80640 - _N**6 * 3418889 / 1995840,
    _N**6 * 212378941 / 319334400,
)
_FROM_GRID = (
    _N / 2 - _N**2 * 2 / 3 + _N**3 * 37 / 96 - _N**4 / 360 - _N**5 * 81 / 512 + _N**6 * 96199 / 604800,
    _N**2 / 48 + _N**3 / 15 - _N**4 * 437 / 1440 + _N**5 * 46 / 105 - _N**6 * 1118711 / 3870720,
    _N**3 * 17 / 480 - _N**4 * 37 / 840 - _N**5 * 209 / 4480 + _N**6 * 5569 / 90720,
    _N**4 * 4397 / 161280 - _N**5 * 11 / 504 - _N**6 * 830251 / 7257600,
    _N**5 * 4583 / 161280 - _N**6 * 108847 / 3991680,
    _N**6 * 20648693 / 638668800,
)
# The fixed point of the latitude gains more than two digits a step.
_STEPS = 8


@dataclass(frozen=True, slots=True)
class UtmZone:
    """A zone of six degrees of longitude, 1 to 60, in the northern or southern half."""

    number: int
    south: bool

    @property
    def epsg(self) -> int:
        """Its code in the EPSG register."""
        return (32_700 if self.south else 32_600) + self.number

    @property
    def central_meridian(self) -> float:
        """Degrees of longitude."""
        return self.number * 6 - 183.0

    def to_grid(self, lats: ArrayLike, lons: ArrayLike) -> tuple[Floats, Floats]:
        """Eastings and northings in metres of WGS84 degrees, (n,) each; NaN beyond 60 degrees of the meridian."""
        lat = np.radians(np.atleast_1d(np.asarray(lats, dtype=float)))
        away = (np.atleast_1d(np.asarray(lons, dtype=float)) - self.central_meridian + 180) % 360 - 180
        away = np.where(np.abs(away) > 60, np.nan, away)
        lon = np.radians(away)
        conformal = np.sinh(np.arcsinh(np.tan(lat)) - _ECCENTRICITY * np.arctanh(_ECCENTRICITY * np.sin(lat)))
        north = np.arctan2(conformal, np.cos(lon))
        east = np.arcsinh(np.sin(lon) / np.hypot(conformal, np.cos(lon)))
        x, y = east.copy(), north.copy()
        for j, factor in enumerate(_TO_GRID, 1):
            x += factor * np.cos(2 * j * north) * np.sinh(2 * j * east)
            y += factor * np.sin(2 * j * north) * np.cosh(2 * j * east)
        return _FALSE_EASTING_M + _SCALE * _RADIUS_M * x, self._false_northing + _SCALE * _RADIUS_M * y

    def from_grid(self, eastings: ArrayLike, northings: ArrayLike) -> tuple[Floats, Floats]:
        """(latitudes, longitudes) in WGS84 degrees of metres, (n,) each."""
        x = (np.atleast_1d(np.asarray(eastings, dtype=float)) - _FALSE_EASTING_M) / (_SCALE * _RADIUS_M)
        y = (np.atleast_1d(np.asarray(northings, dtype=float)) - self._false_northing) / (_SCALE * _RADIUS_M)
        east, north = x.copy(), y.copy()
        for j, factor in enumerate(_FROM_GRID, 1):
            east -= factor * np.cos(2 * j * y) * np.sinh(2 * j * x)
            north -= factor * np.sin(2 * j * y) * np.cosh(2 * j * x)
        isometric = np.arcsinh(np.sin(north) / np.hypot(np.sinh(east), np.cos(north)))
        lat = np.arctan(np.sinh(isometric))
        for _ in range(_STEPS):
            lat = np.arctan(np.sinh(isometric + _ECCENTRICITY * np.arctanh(_ECCENTRICITY * np.sin(lat))))
        lon = np.degrees(np.arctan2(np.sinh(east), np.cos(north))) + self.central_meridian
        return np.degrees(lat), (lon + 180) % 360 - 180

    @property
    def _false_northing(self) -> float:
        return _FALSE_NORTHING_SOUTH_M if self.south else 0.0


def zone_of(lat: float, lon: float) -> UtmZone:
    """The regular zone of a position in degrees; those of Norway and Svalbard have no exception here."""
    return UtmZone(int((lon + 180) % 360 // 6) + 1, lat < 0)
