"""`/api/v1/hotspots`: the list, one place, the runs."""

from __future__ import annotations

import uuid
from typing import Any

import sqlalchemy as sa
from flask import Response, jsonify, request
from flask_smorest import Blueprint

from server.access.rules import allow, principal
from server.errors import Problem
from server.hotspots.models import Hotspot, HotspotRun
from server.hotspots.schemas import HotspotArguments, HotspotListSchema, HotspotSchema, RunListSchema
from server.hotspots.service import newest_run
from server.hotspots.view import as_geojson, hotspot_rows, listed, run_row
from server.store.transaction import reading

blp = Blueprint("hotspots", __name__, url_prefix="/api/v1/hotspots", description="Places that keep being hit")

GEOJSON = "application/geo+json"
RUNS_SHOWN = 50


@blp.get("")
@blp.arguments(HotspotArguments, location="query")
@blp.response(200, HotspotListSchema)
@allow("hotspot.read")
def list_hotspots(arguments: dict[str, Any]) -> Response:
    """The newest list, best first; as GeoJSON by `Accept` or `?format=geojson`."""
    with reading(principal().authority_id) as session:
        rows = hotspot_rows(session, listed(session, arguments["kind"], arguments["min"]))
        run = newest_run(session)
        answer = {"items": rows, "next": None, "run": run_row(run) if run else None}
    if arguments["format"] == "geojson" or (arguments["format"] is None and _prefers_geojson()):
        response = jsonify(as_geojson(rows))
        response.content_type = GEOJSON
        return response
    return jsonify(answer)


def _prefers_geojson() -> bool:
    return request.accept_mimetypes.best_match(["application/json", GEOJSON]) == GEOJSON


@blp.get("/<uuid:hotspot_id>")
@blp.response(200, HotspotSchema)
@allow("hotspot.read")
def one_hotspot(hotspot_id: uuid.UUID) -> dict[str, Any]:
    """One place with its members, also when it is off the list now."""
    who = principal()
    with reading(who.authority_id) as session:
        hotspot = session.get(Hotspot, (who.authority_id, hotspot_id))
        if hotspot is None:
            raise Problem("not_found", "There is no such hotspot in your council")
        return hotspot_rows(session, [hotspot])[0]


@blp.get("/runs")
@blp.response(200, RunListSchema)
@allow("case.read")
def list_runs() -> Response:
    """The latest runs and what each changed."""
    with reading(principal().authority_id) as session:
        newest = sa.select(HotspotRun).order_by(HotspotRun.finished_at.desc()).limit(RUNS_SHOWN)
        return jsonify(items=[run_row(run) for run in session.scalars(newest)], next=None)
