"""Where is this? The authority's gazetteer, kept in memory and built anew when its version changes."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterable
from typing import Any

import numpy as np
import shapely
import sqlalchemy as sa
from shapely import wkt
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from server.access.models import Authority
from server.places.models import Area, GazetteerName
from workers.geocoding.gazetteer import AreaShape, Gazetteer, Locality, NamedRoad, Postcode
from workers.geocoding.grid import from_grid, to_grid_many
from workers.geocoding.place import Place

MAP_KINDS = ("road", "locality")
# About a metre: enough for drawing, and it halves the map's size.
MAP_DECIMALS = 5


class Gazetteers:
    """The gazetteers of the authorities this process has been asked about, each at its version."""

    def __init__(self) -> None:
        self._built: dict[uuid.UUID, tuple[int, Gazetteer]] = {}
        self._lock = threading.Lock()

    def of(self, session: Session) -> Gazetteer:
        """The open authority's gazetteer at its present version."""
        authority_id: uuid.UUID = session.info["authority_id"]
        version = gazetteer_version(session)
        kept = self._built.get(authority_id)
        if kept is not None and kept[0] == version:
            return kept[1]
        with self._lock:
            gazetteer = build_gazetteer(session)
            self._built[authority_id] = (version, gazetteer)
        return gazetteer


gazetteers = Gazetteers()


def gazetteer_version(session: Session) -> int:
    """Grows with every import into the open authority's gazetteer or areas."""
    query = sa.select(Authority.gazetteer_version).where(Authority.id == session.info["authority_id"])
    return int(session.scalars(query).one())


def locate(session: Session, lat: float, lon: float) -> Place:
    """The place of a position in WGS84 degrees, by the open authority's gazetteer."""
    return gazetteers.of(session).locate(lat, lon)


def build_gazetteer(session: Session) -> Gazetteer:
    """Read the open authority's names and areas into memory."""
    names = list(session.scalars(sa.select(GazetteerName)))
    shapes = [(row, wkt.loads(row.geometry)) for row in names]
    return Gazetteer(
        roads=[NamedRoad(row.name, row.source, _paths(shape)) for row, shape in shapes if row.kind == "road"],
        localities=[
            Locality(row.name, row.source, shape.x, shape.y)
            for row, shape in shapes
            if row.kind == "locality"
        ],
        postcodes=[Postcode(row.name, shape.x, shape.y) for row, shape in shapes if row.kind == "postcode"],
        areas=[
            AreaShape(row.kind, row.code, row.name, to_metres(wkt.loads(row.geometry)))
            for row in _areas(session)
        ],
    )


def to_metres(shape: BaseGeometry) -> BaseGeometry:
    """A shape in WGS84 degrees (longitude first) as OSGB36 metres; NaN where it leaves Great Britain."""
    return shapely.transform(shape, lambda lon_lat: np.column_stack(to_grid_many(lon_lat[:, 1], lon_lat[:, 0])))


def map_features(session: Session) -> dict[str, Any]:
    """The outline, areas, roads and villages as GeoJSON: a map that needs no tile server."""
    features = [_feature(area.kind, area.name, wkt.loads(area.geometry)) for area in _areas(session)]
    drawn = sa.select(GazetteerName).where(GazetteerName.kind.in_(MAP_KINDS))
    names = session.scalars(drawn.order_by(GazetteerName.kind, GazetteerName.name, GazetteerName.id))
    features += [_feature(row.kind, row.name, _to_degrees(wkt.loads(row.geometry))) for row in names]
    return {"type": "FeatureCollection", "features": features}


def _areas(session: Session) -> Iterable[Area]:
    return session.scalars(sa.select(Area).order_by(Area.kind, Area.code))


def _paths(shape: BaseGeometry) -> tuple[tuple[tuple[float, float], ...], ...]:
    parts = getattr(shape, "geoms", [shape])
    return tuple(tuple((x, y) for x, y, *_ in part.coords) for part in parts)


def _to_degrees(shape: BaseGeometry) -> BaseGeometry:
    """A shape in OSGB36 metres as WGS84 degrees, longitude first."""
    return shapely.transform(shape, lambda metres: np.array([from_grid(x, y)[::-1] for x, y in metres]))


def _feature(kind: str, name: str, shape: BaseGeometry) -> dict[str, Any]:
    rounded = shapely.transform(shape, lambda coordinates: coordinates.round(MAP_DECIMALS))
    return {"type": "Feature", "properties": {"kind": kind, "name": name}, "geometry": mapping(rounded)}
