"""The ground of a map that needs no tile server: outline, areas, roads and villages as GeoJSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely
import sqlalchemy as sa
from shapely import wkt
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from server.places.models import GazetteerName
from server.places.service import areas, gazetteers, own_area_code
from workers.geocoding.grid import from_grid_many
from workers.geocoding.inside import lines_inside, points_inside
from workers.geocoding.nameset import NameSet
from workers.geocoding.pocket import pocket_names

MAP_KINDS = ("road", "locality")
# About a metre: enough for drawing, and it halves the map's size.
MAP_DECIMALS = 5
# Shared roads are drawn with no more corners than the eye sees, metres.
SIMPLIFIED_M = 4.0


def map_features(session: Session) -> dict[str, Any]:
    """The outline, areas, roads and villages as GeoJSON: a map that needs no tile server. Neighbours are not on it."""
    own = own_area_code(session)
    features = [
        _feature(area.kind, area.name, wkt.loads(area.geometry))
        for area in areas(session)
        if area.kind != "authority" or own in (None, area.code)
    ]
    drawn = sa.select(GazetteerName).where(GazetteerName.kind.in_(MAP_KINDS))
    names = session.scalars(drawn.order_by(GazetteerName.kind, GazetteerName.name, GazetteerName.id))
    features += [_feature(row.kind, row.name, _to_degrees(wkt.loads(row.geometry))) for row in names]
    gazetteer = gazetteers.of(session)
    if gazetteer.bounds is not None:
        for names_set in gazetteer.shared:
            features += _shared_features(names_set, gazetteer.bounds)
    return {"type": "FeatureCollection", "features": features}


def names_for_phone(session: Session) -> dict[str, Any] | None:
    """The names that a phone searches without signal (see `workers/geocoding/pocket.py`); None without an area."""
    gazetteer = gazetteers.of(session)
    return None if gazetteer.bounds is None else pocket_names(gazetteer.sets, gazetteer.bounds)


def _shared_features(names: NameSet, bounds: tuple[float, float, float, float]) -> Iterator[dict[str, Any]]:
    for name, line in lines_inside(names, bounds):
        yield _feature("road", name, _to_degrees(shapely.simplify(line, SIMPLIFIED_M)))
    for name, x, y in points_inside(names, "locality", bounds):
        yield _feature("locality", name, _to_degrees(shapely.Point(x, y)))


def _to_degrees(shape: BaseGeometry) -> BaseGeometry:
    """A shape in OSGB36 metres as WGS84 degrees, longitude first."""
    return shapely.transform(
        shape, lambda metres: np.column_stack(from_grid_many(metres[:, 0], metres[:, 1])[::-1])
    )


def _feature(kind: str, name: str, shape: BaseGeometry) -> dict[str, Any]:
    rounded = shapely.transform(shape, lambda coordinates: coordinates.round(MAP_DECIMALS))
    return {"type": "Feature", "properties": {"kind": kind, "name": name}, "geometry": mapping(rounded)}
