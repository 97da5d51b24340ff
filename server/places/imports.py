"""Reading a plain CSV of names, and areas, into an authority's own gazetteer.

A bad row is reported with its line and the reason, and the rest goes in; a wrong file is refused with what was
expected. Importing the same file again changes nothing: a source's names and an area's code are replaced.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path

import sqlalchemy as sa
from shapely import wkt
from shapely.errors import ShapelyError
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from server.access.models import Authority
from server.places.models import NAME_KINDS, Area, GazetteerName
from server.places.service import to_metres
from workers.geocoding.sources.areas import (
    BOUNDARY_LINE_EXPECTED,
    EXPECTED,
    AreaRead,
    read_areas,
    read_boundary_line,
)
from workers.geocoding.sources.files import Account, WrongFile, members_of, records

NAMES_EXPECTED = "kind, name, and lat and lon or geometry; source if you like"
AREA_FILES = (".geojson", ".json", ".gpkg")


def import_names(session: Session, path: Path, account: Account | None = None) -> Account:
    """Read `kind, name, source` and either `lat, lon` or `geometry` (WKT, longitude first) from CSV files.

    kind: road, locality, postcode or landmark. Names of the sources in the files replace the earlier ones of those
    sources. Raises WrongFile.
    """
    account = account or Account()
    rows = []
    members = members_of(path, (".csv",)) or members_of(path, ("",))
    for member in members:
        stem = Path(member.name).stem
        for line, share, record in records(member, ("kind", "name"), NAMES_EXPECTED, account):
            where = f"{member.name}, line {line}"
            try:
                rows.append(_name(record, stem))
            except (ValueError, ShapelyError) as error:
                account.bad(where, error)
            else:
                account.took(where, share)
    if not rows and account.left_out:
        raise WrongFile(f"{path.name}: no row could be read. {account.problems[0]}")
    sources = sorted({row.source for row in rows})
    session.execute(sa.delete(GazetteerName).where(GazetteerName.source.in_(sources)))
    session.add_all(rows)
    _new_version(session)
    return account


def import_areas(
    session: Session, path: Path, account: Account | None = None,
    *, kind: str | None = None, code: str | None = None, name: str | None = None,
) -> Account:  # fmt: skip
    """Read polygons from GeoJSON or GeoPackage files (see `read_areas` for kind, code and name).

    An area with the same kind and code is replaced. The first outline (`authority`) is the council's own and sets its
    bounds; others are its neighbours'. Raises WrongFile.
    """
    account = account or Account()
    for member in members_of(path, AREA_FILES) or members_of(path, ("",)):
        found = list(read_areas(member, account, kind=kind, code=code, name=name))
        _take_for_own(session, [area.code for area in found if area.kind == "authority"])
        _put_areas(session, found)
    if not account.rows:
        why = account.problems[0] if account.problems else f"It is empty; expected: {EXPECTED}"
        raise WrongFile(f"{path.name}: no area could be read. {why}")
    _new_version(session)
    return account


def import_boundary_line(
    session: Session, path: Path, code: str | None, account: Account | None = None
) -> Account:
    """Read the authority's outline, wards and parishes from Boundary-Line, and its neighbours' outlines.

    They replace all that were there. code: the authority's GSS code; may be left out once its outline is in.
    Raises WrongFile.
    """
    account = account or Account()
    authority = session.get_one(Authority, session.info["authority_id"])
    code = code or authority.area_code
    if code is None:
        raise WrongFile("Say which council this is: --code with its GSS code, such as E07000218")
    members = members_of(path, (".gpkg",))
    if not members:
        raise WrongFile(f"{path.name}: there is no .gpkg file; expected: {BOUNDARY_LINE_EXPECTED}")
    found = [area for member in members for area in read_boundary_line(member, code, account)]
    codes = {(area.kind, area.code) for area in found}
    for old in session.scalars(sa.select(Area).where(Area.kind.in_({kind for kind, _ in codes}))):
        if (old.kind, old.code) not in codes:
            session.delete(old)
    authority.area_code = code
    _put_areas(session, found)
    account.rows = len(found)
    _new_version(session)
    return account


def _name(record: Mapping[str, str], default_source: str) -> GazetteerName:
    kind, name = (record.get("kind") or "").strip(), (record.get("name") or "").strip()
    if kind not in NAME_KINDS:
        raise ValueError(f"kind must be one of {', '.join(NAME_KINDS)}, not {kind!r}")
    if not name:
        raise ValueError("the name is empty")
    geometry = (record.get("geometry") or "").strip()
    degrees = wkt.loads(geometry) if geometry else _point(record)
    if kind != "road" and degrees.geom_type != "Point":
        raise ValueError(f"a {kind} needs a point, not a {degrees.geom_type}")
    metres = to_metres(degrees)
    if not all(map(math.isfinite, metres.bounds)):
        raise ValueError("the position is outside Great Britain")
    source = (record.get("source") or "").strip() or default_source
    return GazetteerName(
        id=uuid.uuid4(), kind=kind, name=name, source=source, geometry=wkt.dumps(metres, rounding_precision=1)
    )


def _point(record: Mapping[str, str]) -> BaseGeometry:
    try:
        return Point(float(record.get("lon") or ""), float(record.get("lat") or ""))
    except ValueError as error:
        raise ValueError("lat and lon must be numbers in degrees") from error


def _take_for_own(session: Session, codes: list[str]) -> None:
    """The first outline a council gets is its own; with several at once nobody can know which."""
    authority = session.get_one(Authority, session.info["authority_id"])
    if authority.area_code is None and len(codes) == 1:
        authority.area_code = codes[0]


def _put_areas(session: Session, found: Iterable[AreaRead]) -> None:
    known = {(area.kind, area.code): area for area in session.scalars(sa.select(Area))}
    authority = session.get_one(Authority, session.info["authority_id"])
    for read in found:
        area = known.get((read.kind, read.code))
        if area is None:
            area = known[read.kind, read.code] = Area(id=uuid.uuid4(), kind=read.kind, code=read.code)
            session.add(area)
        area.name, area.geometry = read.name, wkt.dumps(read.polygon, rounding_precision=7)
        if read.kind == "authority" and authority.area_code in (None, read.code):
            authority.bounds = [round(edge, 5) for edge in read.polygon.bounds]
    session.flush()


def _new_version(session: Session) -> None:
    authority = session.get_one(Authority, session.info["authority_id"], with_for_update=True)
    authority.gazetteer_version += 1
