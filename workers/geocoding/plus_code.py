"""Open Location Codes ("plus codes"): a short public name for a spot, needing no licence and no service."""

from __future__ import annotations

import math

from openlocationcode import openlocationcode

METRES_PER_DEGREE = 111_195.0


def plus_code(lat: float, lon: float) -> str:
    """The ten-figure code of the square of about 14 m that holds a WGS84 position in degrees."""
    return str(openlocationcode.encode(lat, lon))


def short_code(code: str) -> bool:
    """Whether a code lacks its first figures, which a place near it stands for. ValueError for what is no code."""
    if not openlocationcode.isValid(code):
        raise ValueError(f"{code} is not a plus code. One looks like 9C4WHFG4+66, or HFG4+66 and a place.")
    return bool(openlocationcode.isShort(code))


def middle_of(code: str, *, near: tuple[float, float] | None = None) -> tuple[float, float, float]:
    """Latitude and longitude in degrees of the middle of a code's square, and the metres to its corner.

    near: a position for a code without its first figures.
    """
    whole = code if near is None else openlocationcode.recoverNearest(code, *near)
    area = openlocationcode.decode(whole)
    high = (area.latitudeHi - area.latitudeLo) * METRES_PER_DEGREE
    wide = (
        (area.longitudeHi - area.longitudeLo)
        * METRES_PER_DEGREE
        * math.cos(math.radians(area.latitudeCenter))
    )
    return area.latitudeCenter, area.longitudeCenter, float(math.ceil(math.hypot(high, wide) / 2))
