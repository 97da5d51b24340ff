"""Hotspots as the wire shows them: rows, GeoJSON, CSV."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.hotspots.areas import LIST_AREAS, all_in, areas_at
from server.hotspots.models import Hotspot, HotspotRun
from server.hotspots.service import members_by_hotspot
from server.store.clock import rfc3339
from workers.clustering.background import FALSE_DISCOVERIES
from workers.geocoding.place import AreaName

WHOLE = slice(None)


def listed(
    session: Session, kind: str, min_count: int, within: Sequence[AreaName] = (), part: slice = WHOLE
) -> list[Hotspot]:
    """A part of the newest list, best first, of places with at least `min_count` cases in all of these areas."""
    query = sa.select(Hotspot).where(
        Hotspot.state == "listed", Hotspot.kind == kind, Hotspot.count >= min_count
    )
    if within:
        query = query.where(Hotspot.id.in_(_in_areas(session, query, within)))
    query = query.order_by(Hotspot.position).offset(part.start)
    if part.stop is not None:
        query = query.limit(part.stop - (part.start or 0))
    return list(session.scalars(query))


def _in_areas(session: Session, listed: sa.Select[Any], within: Sequence[AreaName]) -> list[uuid.UUID]:
    rows = session.execute(listed.with_only_columns(Hotspot.id, Hotspot.easting, Hotspot.northing)).all()
    areas = areas_at(session, [(row.easting, row.northing) for row in rows])
    return [row.id for row, around in zip(rows, areas, strict=True) if all_in(around, within)]


def hotspot_rows(session: Session, hotspots: Sequence[Hotspot]) -> list[dict[str, Any]]:
    """Hotspots as rows of contract/hotspots.list.json; those of older lists have no expected, p and q."""
    members = members_by_hotspot(session, [hotspot.id for hotspot in hotspots])
    around = areas_at(session, [(hotspot.easting, hotspot.northing) for hotspot in hotspots])
    return [
        {
            "rank": hotspot.rank, "id": str(hotspot.id), "kind": hotspot.kind, "label": hotspot.label,
            "easting": hotspot.easting, "northing": hotspot.northing, "lat": hotspot.lat, "lon": hotspot.lon,
            "extent_m": hotspot.extent_m, "count": hotspot.count, "score": hotspot.score,
            "expected": hotspot.expected, "p": hotspot.p, "q": hotspot.q, "trend": hotspot.trend,
            "first": hotspot.first.isoformat(), "last": hotspot.last.isoformat(),
            "members": members.get(hotspot.id, []), "areas": area_rows(areas),
        }
        for hotspot, areas in zip(hotspots, around, strict=True)
    ]  # fmt: skip


def area_rows(areas: Sequence[AreaName]) -> list[dict[str, str]]:
    """Areas as the wire shows them."""
    return [asdict(area) for area in areas]


def usual(q: float | None) -> bool | None:
    """Whether a place is usual for its area; None where that was not worked out."""
    return None if q is None else q > FALSE_DISCOVERIES


def run_row(run: HotspotRun) -> dict[str, Any]:
    """A run's parameters: what every figure of its list goes with."""
    return {
        "id": str(run.id), "stored": True, "as_of": rfc3339(run.as_of), "window_days": run.window_days,
        "radius_m": run.radius_m, "min": run.min_count, "half_life_days": run.half_life_days, "cases": run.cases,
        "background": run.background, "by_chance": run.by_chance,
    }  # fmt: skip


def run_whole(run: HotspotRun) -> dict[str, Any]:
    """A run's parameters, and what it changed."""
    return run_row(run) | {"changes": run.changes}


def as_geojson(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Rows as a GeoJSON FeatureCollection of points."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": row["id"],
                "geometry": {"type": "Point", "coordinates": [row["lon"], row["lat"]]},
                "properties": {key: value for key, value in row.items() if key not in ("lat", "lon")},
            }
            for row in rows
        ],
    }


CSV_COLUMNS = (
    "rank", "id", "kind", "label", "easting", "northing", "lat", "lon", "extent_m", "count", "score",
    "expected", "p", "q", "trend", "first", "last", "members", "window_days", "as_of", *LIST_AREAS,
)  # fmt: skip
# What a spreadsheet would take for a formula at the start of a cell.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(rows: Sequence[dict[str, Any]], run: dict[str, Any] | None) -> str:
    """Rows as CSV (RFC 4180), each with the window and moment its figures go with; members apart by a space,
    areas by "; "."""
    written = io.StringIO()
    lines = csv.DictWriter(written, CSV_COLUMNS, extrasaction="ignore", lineterminator="\r\n")
    lines.writeheader()
    about = {name: run[name] for name in ("window_days", "as_of")} if run else {}
    for row in rows:
        lines.writerow(
            row | about | _area_cells(row["areas"])
            | {"label": _as_text(row["label"]), "members": " ".join(row["members"])}
        )  # fmt: skip
    return written.getvalue()


def _area_cells(areas: Sequence[dict[str, str]]) -> dict[str, str]:
    names = {kind: "; ".join(area["name"] for area in areas if area["kind"] == kind) for kind in LIST_AREAS}
    return {kind: _as_text(name) for kind, name in names.items()}


def _as_text(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
