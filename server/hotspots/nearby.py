"""`/api/v1/cases/{id}/nearby`: what else happened around a case, and the hotspots it lies by."""

from __future__ import annotations

import math
import uuid
from datetime import datetime, timedelta
from typing import Any

import marshmallow as ma
import sqlalchemy as sa
from flask import Response, jsonify
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from server.access.rules import allow, principal
from server.cases.models import Case
from server.cases.opening import cells_around
from server.errors import Problem
from server.hotspots.models import Hotspot
from server.store.clock import now, rfc3339
from server.store.transaction import reading

blp = Blueprint("nearby", __name__, url_prefix="/api/v1/cases", description="Around a case")

CASES_WITHIN_M = 250
HOTSPOTS_WITHIN_M = 500
LOOK_BACK = timedelta(days=365)
AT_MOST = 100


class NearbySchema(ma.Schema):
    """Cases of any state opened in the last twelve months, and listed hotspots, nearest first; distances in metres."""

    items = ma.fields.List(ma.fields.Dict())
    next = ma.fields.String(allow_none=True)
    hotspots = ma.fields.List(ma.fields.Dict())
    cases_within_m = ma.fields.Integer()
    hotspots_within_m = ma.fields.Integer()


@blp.get("/<uuid:case_id>/nearby")
@blp.response(200, NearbySchema)
@allow("case.read")
def nearby(case_id: uuid.UUID) -> Response:
    """Cases within 250 m and hotspots within 500 m; nothing for a case without a position in Great Britain."""
    who = principal()
    with reading(who.authority_id) as session:
        case = session.get(Case, (who.authority_id, case_id))
        if case is None:
            raise Problem("not_found", "There is no such case in your council")
        return jsonify(
            items=_cases(session, case, now()), next=None, hotspots=_hotspots(session, case),
            cases_within_m=CASES_WITHIN_M, hotspots_within_m=HOTSPOTS_WITHIN_M,
        )  # fmt: skip


def _cases(session: Session, case: Case, at: datetime) -> list[dict[str, Any]]:
    if case.easting is None or case.northing is None:
        return []
    reach = CASES_WITHIN_M
    around = sa.select(Case).where(
        Case.cell.in_(cells_around(case.easting, case.northing)),
        Case.easting.between(case.easting - reach, case.easting + reach),
        Case.northing.between(case.northing - reach, case.northing + reach),
        Case.opened_at >= at - LOOK_BACK,
        Case.id != case.id,
    )
    near = [(_apart_m(case, other), other.reference, other) for other in session.scalars(around)]
    return [
        {
            "id": str(other.id), "reference": other.reference, "kind": other.kind, "category": other.category,
            "state": other.state, "closed_because": other.closed_because, "label": other.label, "lat": other.lat,
            "lon": other.lon, "opened_at": rfc3339(other.opened_at), "hazards": other.hazards, "distance_m": away_m,
        }
        for away_m, _, other in sorted(near, key=lambda found: found[:2])[:AT_MOST]
        if away_m <= reach
    ]  # fmt: skip


def _hotspots(session: Session, case: Case) -> list[dict[str, Any]]:
    if case.easting is None or case.northing is None:
        return []
    reach = HOTSPOTS_WITHIN_M
    around = sa.select(Hotspot).where(
        Hotspot.state == "listed",
        Hotspot.easting.between(case.easting - reach, case.easting + reach),
        Hotspot.northing.between(case.northing - reach, case.northing + reach),
    )
    near = [(_apart_m(case, hotspot), hotspot.position or 0, hotspot) for hotspot in session.scalars(around)]
    return [
        {
            "id": str(hotspot.id), "rank": hotspot.rank, "kind": hotspot.kind, "label": hotspot.label,
            "lat": hotspot.lat, "lon": hotspot.lon, "count": hotspot.count, "trend": hotspot.trend,
            "extent_m": hotspot.extent_m, "distance_m": away_m,
        }
        for away_m, _, hotspot in sorted(near, key=lambda found: found[:2])
        if away_m <= reach
    ]  # fmt: skip


def _apart_m(case: Case, other: Case | Hotspot) -> float:
    assert case.easting is not None and case.northing is not None
    assert other.easting is not None and other.northing is not None
    return round(math.hypot(case.easting - other.easting, case.northing - other.northing), 1)
