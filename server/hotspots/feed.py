"""What phones carry of hotspots."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from server.hotspots.models import Hotspot
from server.sync.feed import Scope, feed_source


@feed_source("hotspot", Hotspot, within=lambda _scope: Hotspot.state == "listed")
def show_hotspots(_session: Session, _scope: Scope, rows: Sequence[Hotspot]) -> list[dict[str, Any] | None]:
    """The places on the newest list."""
    return [
        None if row.state != "listed" else {
            "rank": row.rank, "position": row.position, "kind": row.kind, "label": row.label, "lat": row.lat,
            "lon": row.lon, "count": row.count, "trend": row.trend,
            "extent_m": row.extent_m, "first": row.first.isoformat(), "last": row.last.isoformat(),
        }
        for row in rows
    ]  # fmt: skip
