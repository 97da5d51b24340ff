"""Open Location Codes ("plus codes"): a short public name for a spot, needing no licence and no service."""

from __future__ import annotations

from openlocationcode import openlocationcode


def plus_code(lat: float, lon: float) -> str:
    """The ten-figure code of the square of about 14 m that holds a WGS84 position in degrees."""
    return str(openlocationcode.encode(lat, lon))
