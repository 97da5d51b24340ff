"""Is a position in Great Britain?

The grid's transformation answers plausibly for Ireland and the open sea, so the country is asked first.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

# Drawn by hand through the sea, (longitude, latitude) in degrees, clockwise from Scilly: rough where there is
# only water, half way where a neighbour is close (Ireland, Isle of Man, France, Channel Islands).
_SHORELINE: tuple[tuple[float, float], ...] = (
    (-6.60, 49.80), (-6.60, 50.05), (-6.00, 50.30), (-5.50, 50.60), (-5.10, 51.10), (-5.60, 51.50),
    (-5.80, 51.80), (-5.40, 52.10), (-5.00, 52.70), (-4.95, 53.30), (-4.80, 53.55), (-4.10, 53.70),
    (-3.90, 54.00), (-4.00, 54.30), (-4.20, 54.50), (-4.60, 54.52), (-5.10, 54.50), (-5.28, 54.60),
    (-5.35, 54.90), (-5.60, 55.10), (-5.92, 55.25), (-6.00, 55.38), (-6.40, 55.50), (-6.75, 55.55),
    (-6.75, 55.90), (-7.10, 56.30), (-7.90, 56.60), (-7.90, 57.20), (-8.80, 57.60), (-8.80, 58.00),
    (-7.70, 58.50), (-6.30, 59.20), (-4.60, 59.20), (-3.60, 59.40), (-3.20, 59.70), (-2.40, 59.90),
    (-2.40, 60.30), (-1.20, 61.00), (-0.60, 61.00), (-0.40, 60.60), (-0.50, 59.90), (-1.50, 59.20),
    (-2.50, 58.00), (-1.50, 57.80), (-1.50, 57.10), (-2.00, 56.70), (-1.60, 56.10), (-1.30, 55.80),
    (-1.00, 55.30), (-0.30, 54.70), (0.30, 54.10), (0.60, 53.50), (1.60, 53.20), (2.00, 52.90),
    (2.00, 51.50), (1.75, 51.20), (1.45, 51.00), (1.20, 50.85), (1.00, 50.75), (0.30, 50.55),
    (-1.30, 50.40), (-2.40, 50.30), (-3.50, 50.00), (-5.50, 49.75),
)  # fmt: skip

_GREAT_BRITAIN = shapely.Polygon(_SHORELINE)
shapely.prepare(_GREAT_BRITAIN)


def in_great_britain(lats: ArrayLike, lons: ArrayLike) -> NDArray[np.bool_]:
    """Which WGS84 positions (degrees) are in Great Britain or the sea close by; false for NaN."""
    inside: NDArray[np.bool_] = np.asarray(
        shapely.contains_xy(_GREAT_BRITAIN, np.asarray(lons, dtype=float), np.asarray(lats, dtype=float))
    )
    return inside
