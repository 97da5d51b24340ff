from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.geocoding.utm import UtmZone, zone_of


@pytest.mark.parametrize(
    ("lat", "lon", "epsg", "easting", "northing"),
    [
        (33.3, 44.4, 32638, 444140.54, 3684706.36),  # GeographicLib, the example of GeoConvert
        (0.0, 3.0, 32631, 500000.0, 0.0),  # the origin of a zone
        (0.0, -177.0, 32601, 500000.0, 0.0),
        (-1e-9, 177.0, 32760, 500000.0, 10000000.0),
    ],
)
def test_known_answers(lat: float, lon: float, epsg: int, easting: float, northing: float) -> None:
    zone = zone_of(lat, lon)
    assert zone.epsg == epsg
    x, y = zone.to_grid(lat, lon)
    assert (x[0], y[0]) == pytest.approx((easting, northing), abs=0.006)


@given(st.floats(-84, 84), st.floats(-180, 179.999))
def test_there_and_back_again(lat: float, lon: float) -> None:
    zone = zone_of(lat, lon)
    assert abs((lon - zone.central_meridian + 180) % 360 - 180) <= 3.0000001
    there_lat, there_lon = zone.from_grid(*zone.to_grid(lat, lon))
    assert there_lat[0] == pytest.approx(lat, abs=1e-10)
    assert (there_lon[0] - lon + 180) % 360 - 180 == pytest.approx(0, abs=1e-9)


def test_distances_on_the_meridian_are_the_ellipsoids() -> None:
    """A quarter of the meridian of WGS84 is 10,001,965.729 m, times the scale of 0.9996."""
    _, north = UtmZone(31, south=False).to_grid([0.0, 89.99999999999], [3.0, 3.0])
    assert np.diff(north)[0] == pytest.approx(10_001_965.729 * 0.9996, abs=0.01)


def test_far_from_the_zone_there_is_no_answer() -> None:
    assert np.isnan(UtmZone(31, south=False).to_grid(10.0, 100.0)[0][0])
