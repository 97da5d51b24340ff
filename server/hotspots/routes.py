"""`/api/v1/hotspots`: lists, one place, the patrol sheet, the runs."""

from __future__ import annotations

import uuid
from typing import Any

import sqlalchemy as sa
from flask import Response, jsonify, request
from flask_smorest import Blueprint

from server.access.rules import allow, principal
from server.errors import Problem
from server.hotspots.models import Hotspot, HotspotRun
from server.hotspots.places import patrol_sheet, place_whole
from server.hotspots.schemas import (
    HotspotArguments,
    HotspotListSchema,
    HotspotWholeSchema,
    PatrolArguments,
    PatrolSchema,
    RunListSchema,
    WindowArguments,
)
from server.hotspots.view import WHOLE, as_csv, as_geojson, run_whole
from server.hotspots.windows import Question, hotspot_list
from server.store.clock import now
from server.store.transaction import reading

blp = Blueprint("hotspots", __name__, url_prefix="/api/v1/hotspots", description="Places that keep being hit")

GEOJSON = "application/geo+json"
# Best first where a client takes anything.
FORMATS = {"application/json": "json", GEOJSON: "geojson", "text/csv": "csv"}
RUNS_SHOWN = 50


@blp.get("")
@blp.arguments(HotspotArguments, location="query")
@blp.response(200, HotspotListSchema)
@allow("hotspot.read")
def list_hotspots(arguments: dict[str, Any]) -> Response:
    """A list, best first: the stored one, or of any window and moment.

    As GeoJSON or CSV by `Accept` or `?format=`, and then whole; as JSON in pages.
    """
    asked_for = request.accept_mimetypes.best_match(FORMATS) or "application/json"
    written, question = arguments["format"] or FORMATS[asked_for], _question(arguments)
    start, limit = arguments["cursor"], arguments["limit"]
    part = slice(start, start + limit + 1) if written == "json" else WHOLE
    with reading(principal().authority_id) as session:
        rows, run = hotspot_list(session, question, now(), part)
    if written == "json":
        return jsonify(items=rows[:limit], next=str(start + limit) if len(rows) > limit else None, run=run)
    if written == "geojson":
        response = jsonify(as_geojson(rows))
        response.content_type = GEOJSON
        return response
    name = f"hotspots-{question.kind}-{run['as_of'][:10] if run else 'none'}.csv"
    as_file = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(as_csv(rows, run), content_type="text/csv; charset=utf-8", headers=as_file)


def _question(arguments: dict[str, Any]) -> Question:
    return Question(arguments["kind"], arguments["min"], arguments["window_days"], arguments["as_of"])


@blp.get("/<uuid:hotspot_id>")
@blp.arguments(WindowArguments, location="query")
@blp.response(200, HotspotWholeSchema)
@allow("hotspot.read")
def one_hotspot(arguments: dict[str, Any], hotspot_id: uuid.UUID) -> Response:
    """One place with its members and figures, also when it is off the list now."""
    who = principal()
    with reading(who.authority_id) as session:
        hotspot = session.get(Hotspot, (who.authority_id, hotspot_id))
        if hotspot is None:
            raise Problem("not_found", "There is no such hotspot in your council")
        whole = place_whole(session, hotspot, arguments["window_days"], arguments["as_of"], now())
    if not who.may("case.read"):
        whole = {name: value for name, value in whole.items() if name not in ("member_rows", "done")}
    return jsonify(whole)


@blp.get("/patrol")
@blp.arguments(PatrolArguments, location="query")
@blp.response(200, PatrolSchema)
@allow("case.read")
def patrol(arguments: dict[str, Any]) -> Response:
    """The best places of a list, for paper: where, when they are hit and with what, what is open, what was done."""
    with reading(principal().authority_id) as session:
        return jsonify(patrol_sheet(session, _question(arguments), arguments["top"], now()))


@blp.get("/runs")
@blp.response(200, RunListSchema)
@allow("case.read")
def list_runs() -> Response:
    """The latest runs and what each changed."""
    with reading(principal().authority_id) as session:
        newest = sa.select(HotspotRun).order_by(HotspotRun.finished_at.desc()).limit(RUNS_SHOWN)
        return jsonify(items=[run_whole(run) for run in session.scalars(newest)], next=None)
