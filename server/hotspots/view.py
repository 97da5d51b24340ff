"""Hotspots as the wire shows them: rows, GeoJSON, CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.hotspots.models import Hotspot, HotspotRun
from server.hotspots.service import members_by_hotspot
from server.store.clock import rfc3339
from workers.clustering.background import FALSE_DISCOVERIES

WHOLE = slice(None)


def listed(session: Session, kind: str, min_count: int, part: slice = WHOLE) -> list[Hotspot]:
    """A part of the newest list, best first, of places with at least `min_count` cases."""
    query = sa.select(Hotspot).where(
        Hotspot.state == "listed", Hotspot.kind == kind, Hotspot.count >= min_count
    )
    query = query.order_by(Hotspot.position).offset(part.start)
    if part.stop is not None:
        query = query.limit(part.stop - (part.start or 0))
    return list(session.scalars(query))


def hotspot_rows(session: Session, hotspots: Sequence[Hotspot]) -> list[dict[str, Any]]:
    """Hotspots as rows of contract/hotspots.list.json; those of older lists have no expected, p and q."""
    members = members_by_hotspot(session, [hotspot.id for hotspot in hotspots])
    return [
        {
            "rank": hotspot.rank, "id": str(hotspot.id), "kind": hotspot.kind, "label": hotspot.label,
            "easting": hotspot.easting, "northing": hotspot.northing, "lat": hotspot.lat, "lon": hotspot.lon,
            "extent_m": hotspot.extent_m, "count": hotspot.count, "score": hotspot.score,
            "expected": hotspot.expected, "p": hotspot.p, "q": hotspot.q, "trend": hotspot.trend,
            "first": hotspot.first.isoformat(), "last": hotspot.last.isoformat(),
            "members": members.get(hotspot.id, []),
        }
        for hotspot in hotspots
    ]  # fmt: skip


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
    "expected", "p", "q", "trend", "first", "last", "members", "window_days", "as_of",
)  # fmt: skip
# What a spreadsheet would take for a formula at the start of a cell.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(rows: Sequence[dict[str, Any]], run: dict[str, Any] | None) -> str:
    """Rows as CSV (RFC 4180), each with the window and moment its figures go with; members apart by a space."""
    written = io.StringIO()
    lines = csv.DictWriter(written, CSV_COLUMNS, extrasaction="ignore", lineterminator="\r\n")
    lines.writeheader()
    about = {name: run[name] for name in ("window_days", "as_of")} if run else {}
    for row in rows:
        label = f"'{row['label']}" if row["label"].startswith(_FORMULA) else row["label"]
        lines.writerow(row | about | {"label": label, "members": " ".join(row["members"])})
    return written.getvalue()
