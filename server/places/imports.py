"""Reading a plain CSV of names and a GeoJSON of areas into an authority's gazetteer.

A bad row is reported with its line and the reason, and the rest goes in; a wrong file is refused with what was
expected. Importing the same file again changes nothing: a source's names and an area's code are replaced.
"""

from __future__ import annotations

import csv
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import shapely
import sqlalchemy as sa
from shapely import wkt
from shapely.errors import ShapelyError
from shapely.geometry import Point, shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from server.access.models import Authority
from server.places.models import AREA_KINDS, NAME_KINDS, Area, GazetteerName
from server.places.service import to_metres

COLUMNS = ("kind", "name")


class WrongFile(Exception):
    """The file is not what the import reads; the message says what was expected."""


@dataclass(slots=True)
class Imported:
    """How many rows went in, and which did not, with line and reason."""

    rows: int = 0
    problems: list[str] = field(default_factory=list)


def import_names(session: Session, path: Path) -> Imported:
    """Read `kind, name, source` and either `lat, lon` or `geometry` (WKT, longitude first) from a CSV.

    kind: road, locality or postcode. Names of the sources in the file replace the earlier ones of those sources.
    Raises WrongFile.
    """
    done = Imported()
    rows = []
    for line, record in _records(path):
        try:
            rows.append(_name(record, path.stem))
        except (ValueError, ShapelyError) as error:
            done.problems.append(f"{path.name}, line {line}: {error}")
    if not rows and done.problems:
        raise WrongFile(f"{path.name}: no row could be read. {done.problems[0]}")
    sources = sorted({row.source for row in rows})
    session.execute(sa.delete(GazetteerName).where(GazetteerName.source.in_(sources)))
    session.add_all(rows)
    done.rows = len(rows)
    _new_version(session)
    return done


def import_areas(session: Session, path: Path) -> Imported:
    """Read polygons with the properties `kind`, `code` and `name` from a GeoJSON in WGS84 degrees.

    kind: authority, ward, parish, beat or pspo. An area with the same kind and code is replaced; an `authority`
    area also sets the authority's bounds. Raises WrongFile.
    """
    done = Imported()
    for number, feature in enumerate(_features(path), 1):
        try:
            _put_area(session, feature)
            done.rows += 1
        except (ValueError, ShapelyError) as error:
            done.problems.append(f"{path.name}, feature {number}: {error}")
    if not done.rows:
        raise WrongFile(
            f"{path.name}: no area could be read. {done.problems[0] if done.problems else 'It is empty.'}"
        )
    session.flush()
    _new_version(session)
    return done


def _records(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
        if missing:
            expected = "kind, name, and lat and lon or geometry; source if you like"
            raise WrongFile(
                f"{path.name}: the first line must name the columns {expected}; missing: {', '.join(missing)}"
            )
        yield from enumerate(reader, 2)


def _name(record: dict[str, str], default_source: str) -> GazetteerName:
    kind, name = (record.get("kind") or "").strip(), (record.get("name") or "").strip()
    if kind not in NAME_KINDS:
        raise ValueError(f"kind must be one of {', '.join(NAME_KINDS)}, not {kind!r}")
    if not name:
        raise ValueError("the name is empty")
    geometry = (record.get("geometry") or "").strip()
    degrees = wkt.loads(geometry) if geometry else _point(record)
    metres = to_metres(degrees)
    if not all(map(_finite, metres.bounds)):
        raise ValueError("the position is outside Great Britain")
    source = (record.get("source") or "").strip() or default_source
    return GazetteerName(
        id=uuid.uuid4(), kind=kind, name=name, source=source, geometry=wkt.dumps(metres, rounding_precision=1)
    )


def _point(record: dict[str, str]) -> BaseGeometry:
    try:
        return Point(float(record.get("lon") or ""), float(record.get("lat") or ""))
    except ValueError as error:
        raise ValueError("lat and lon must be numbers in degrees") from error


def _finite(number: float) -> bool:
    return number == number and abs(number) != float("inf")


def _features(path: Path) -> list[Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise WrongFile(
            f"{path.name}: this is not JSON; a GeoJSON FeatureCollection of polygons was expected"
        ) from error
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        raise WrongFile(f"{path.name}: a GeoJSON FeatureCollection of polygons was expected")
    return list(document.get("features", []))


def _put_area(session: Session, feature: dict[str, Any]) -> None:
    properties = feature.get("properties") or {}
    kind, code, name = (str(properties.get(key) or "").strip() for key in ("kind", "code", "name"))
    if kind not in AREA_KINDS:
        raise ValueError(f"kind must be one of {', '.join(AREA_KINDS)}, not {kind!r}")
    if not code or not name:
        raise ValueError("code and name must not be empty")
    polygon = shape(feature.get("geometry") or {})
    if polygon.geom_type not in ("Polygon", "MultiPolygon"):
        raise ValueError(f"a Polygon or MultiPolygon was expected, not {polygon.geom_type}")
    polygon = polygon if polygon.is_valid else shapely.make_valid(polygon)
    area = session.scalars(sa.select(Area).where(Area.kind == kind, Area.code == code)).first()
    if area is None:
        area = Area(id=uuid.uuid4(), kind=kind, code=code)
        session.add(area)
    area.name, area.geometry = name, wkt.dumps(polygon, rounding_precision=7)
    if kind == "authority":
        authority = session.get_one(Authority, session.info["authority_id"])
        authority.bounds = [round(edge, 5) for edge in polygon.bounds]


def _new_version(session: Session) -> None:
    authority = session.get_one(Authority, session.info["authority_id"], with_for_update=True)
    authority.gazetteer_version += 1
