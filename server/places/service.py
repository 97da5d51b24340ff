"""Where is this? The authority's own names and areas, kept in memory, over the shared sets that lie in files."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import shapely
import sqlalchemy as sa
from flask import current_app
from shapely import wkt
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from server.access.models import Authority
from server.places.models import Area, GazetteerName
from server.places.vintages import FOLDER, folders_in_use
from workers.geocoding.areas import AreaShape
from workers.geocoding.gazetteer import Gazetteer, NamedPoint, NamedRoad, Postcode
from workers.geocoding.grid import to_grid_many
from workers.geocoding.nameset import NameSet
from workers.geocoding.place import Place


class Gazetteers:
    """The gazetteers of the authorities this process has been asked about, each at its version."""

    def __init__(self) -> None:
        self._built: dict[uuid.UUID, tuple[str, Gazetteer]] = {}
        self._opened: dict[Path, NameSet] = {}
        self._lock = threading.Lock()

    def of(self, session: Session) -> Gazetteer:
        """The open authority's gazetteer at its present version."""
        authority_id: uuid.UUID = session.info["authority_id"]
        root = current_app.config["SETTINGS"].data_dir / FOLDER
        # Those a restored backup did not bring come back under the same names when their files are imported again.
        here = [root / folder for folder in folders_in_use(session) if (root / folder).is_dir()]
        version = " ".join([gazetteer_version(session), *map(str, here)])
        kept = self._built.get(authority_id)
        if kept is not None and kept[0] == version:
            return kept[1]
        with self._lock:
            gazetteer = build_gazetteer(session, self._shared(here))
            self._built[authority_id] = (version, gazetteer)
        return gazetteer

    def _shared(self, folders: Iterable[Path]) -> list[NameSet]:
        self._opened = {folder: self._opened.get(folder) or NameSet.opened(folder) for folder in folders}
        return list(self._opened.values())


gazetteers = Gazetteers()


def gazetteer_version(session: Session) -> str:
    """Changes with every import into the open authority's gazetteer or areas, and into what all share."""
    query = sa.select(Authority.gazetteer_version).where(Authority.id == session.info["authority_id"])
    return " ".join([str(session.scalars(query).one()), *folders_in_use(session)])


def locate(session: Session, lat: float, lon: float) -> Place:
    """The place of a position in WGS84 degrees, by the open authority's gazetteer."""
    return locate_many(session, [(lat, lon)])[0]


def locate_many(session: Session, lat_lons: Sequence[tuple[float, float]]) -> list[Place]:
    """The place of each of many positions in WGS84 degrees."""
    if not lat_lons:
        return []
    lats, lons = zip(*lat_lons, strict=True)
    return gazetteers.of(session).locate_many(lats, lons)


def build_gazetteer(session: Session, shared: Iterable[NameSet] = ()) -> Gazetteer:
    """Read the open authority's own names and areas into memory, over what all share."""
    names = [(row, wkt.loads(row.geometry)) for row in session.scalars(sa.select(GazetteerName))]

    def points(kind: str) -> list[NamedPoint]:
        return [NamedPoint(row.name, row.source, at.x, at.y) for row, at in names if row.kind == kind]

    return Gazetteer(
        roads=[NamedRoad(row.name, row.source, _paths(line)) for row, line in names if row.kind == "road"],
        localities=points("locality"),
        landmarks=points("landmark"),
        postcodes=[Postcode(point.name, point.easting, point.northing) for point in points("postcode")],
        areas=[
            AreaShape(row.kind, row.code, row.name, to_metres(wkt.loads(row.geometry)))
            for row in areas(session)
        ],
        authority_code=own_area_code(session),
        shared=list(shared),
    )


def own_area_code(session: Session) -> str | None:
    """Which of the outlines loaded is the open authority's own; None where only that one may be loaded."""
    return session.get_one(Authority, session.info["authority_id"]).area_code


def areas(session: Session) -> Iterable[Area]:
    """The open authority's areas in a fixed order."""
    return session.scalars(sa.select(Area).order_by(Area.kind, Area.code))


def to_metres(shape: BaseGeometry) -> BaseGeometry:
    """A shape in WGS84 degrees (longitude first) as OSGB36 metres; NaN where it leaves Great Britain."""
    return shapely.transform(
        shape, lambda lon_lat: np.column_stack(to_grid_many(lon_lat[:, 1], lon_lat[:, 0]))
    )


def _paths(shape: BaseGeometry) -> tuple[tuple[tuple[float, float], ...], ...]:
    parts = getattr(shape, "geoms", [shape])
    return tuple(tuple((x, y) for x, y, *_ in part.coords) for part in parts)
