"""`/api/v1/hotspots`: lists, one place, the patrol sheet, the runs."""

from __future__ import annotations

import re
import uuid
from typing import Any

import sqlalchemy as sa
from flask import Response, jsonify, request
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from server.access.rules import allow, principal
from server.errors import Problem
from server.hotspots.areas import areas_asked
from server.hotspots.effects import effect_since
from server.hotspots.models import Hotspot, HotspotRun
from server.hotspots.places import patrol_sheet, place_whole
from server.hotspots.schemas import (
    EffectArguments,
    EffectSchema,
    HotspotArguments,
    HotspotListSchema,
    HotspotWholeSchema,
    NameSchema,
    PatrolArguments,
    PatrolSchema,
    QueuedSchema,
    RunListSchema,
    WindowArguments,
)
from server.hotspots.service import give_name
from server.hotspots.view import WHOLE, area_rows, as_csv, as_geojson, run_whole
from server.hotspots.windows import Question, hotspot_list
from server.store.clock import now
from server.store.deferred import HOTSPOTS_ASKED, defer
from server.store.transaction import reading, stamp_revisions, transaction

blp = Blueprint("hotspots", __name__, url_prefix="/api/v1/hotspots", description="Places that keep being hit")

GEOJSON = "application/geo+json"
# Best first where a client takes anything.
FORMATS = {"application/json": "json", GEOJSON: "geojson", "text/csv": "csv"}
RUNS_SHOWN = 50
# What a file's name should not have.
_UNFIT = re.compile(r"[^\w-]", re.ASCII)
OFFICERS_ONLY = ("member_rows", "done", "measures", "effects")


@blp.get("")
@blp.arguments(HotspotArguments, location="query")
@blp.response(200, HotspotListSchema)
@allow("hotspot.read")
def list_hotspots(arguments: dict[str, Any]) -> Response:
    """A list, best first: the stored one, or of any window and moment.

    As GeoJSON or CSV by `Accept` or `?format=`, and then whole; as JSON in pages.
    """
    asked_for = request.accept_mimetypes.best_match(FORMATS) or "application/json"
    written = arguments["format"] or FORMATS[asked_for]
    start, limit = arguments["cursor"], arguments["limit"]
    part = slice(start, start + limit + 1) if written == "json" else WHOLE
    with reading(principal().authority_id) as session:
        question = _question(session, arguments)
        rows, run = hotspot_list(session, question, now(), part)
    if written == "json":
        following = str(start + limit) if len(rows) > limit else None
        return jsonify(items=rows[:limit], next=following, run=run, within=area_rows(question.within))
    if written == "geojson":
        response = jsonify(as_geojson(rows))
        response.content_type = GEOJSON
        return response
    about = [question.kind, *(area.code for area in question.within), run["as_of"][:10] if run else "none"]
    name = f"hotspots-{'-'.join(_UNFIT.sub('_', part) for part in about)}.csv"
    as_file = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(as_csv(rows, run), content_type="text/csv; charset=utf-8", headers=as_file)


def _question(session: Session, arguments: dict[str, Any]) -> Question:
    within = areas_asked(session, arguments)
    return Question(arguments["kind"], arguments["min"], arguments["window_days"], arguments["as_of"], within)


def _known(session: Session, hotspot_id: uuid.UUID) -> Hotspot:
    hotspot = session.get(Hotspot, (session.info["authority_id"], hotspot_id))
    if hotspot is None:
        raise Problem("not_found", "There is no such hotspot in your council")
    return hotspot


@blp.get("/<uuid:hotspot_id>")
@blp.arguments(WindowArguments, location="query")
@blp.response(200, HotspotWholeSchema)
@allow("hotspot.read")
def one_hotspot(arguments: dict[str, Any], hotspot_id: uuid.UUID) -> Response:
    """One place with its members and figures, also when it is off the list now."""
    who = principal()
    with reading(who.authority_id) as session:
        hotspot = _known(session, hotspot_id)
        whole = place_whole(session, hotspot, arguments["window_days"], arguments["as_of"], now())
    if not who.may("case.read"):
        whole = {name: value for name, value in whole.items() if name not in OFFICERS_ONLY}
    return jsonify(whole)


@blp.patch("/<uuid:hotspot_id>")
@blp.arguments(NameSchema)
@blp.response(200, HotspotWholeSchema)
@allow("case.decide")
def name_hotspot(body: dict[str, Any], hotspot_id: uuid.UUID) -> Response:
    """Give a hotspot the name that people use; no run changes it again. Needs If-Match with the `rev` of its page."""
    who = principal()
    if_match = request.headers.get("If-Match")
    if if_match is None:
        raise Problem("if_match_needed", "Send If-Match with the rev of the hotspot that you looked at")
    with transaction(who.authority_id) as session:
        hotspot = give_name(session, hotspot_id, body["label"], if_match, who.actor, now())
        stamp_revisions(session)
        return jsonify(place_whole(session, hotspot, None, None, now()))


@blp.get("/<uuid:hotspot_id>/effect")
@blp.arguments(EffectArguments, location="query")
@blp.response(200, EffectSchema)
@allow("case.read")
def effect_of(arguments: dict[str, Any], hotspot_id: uuid.UUID) -> Response:
    """Did it work? Before and after a camera, sign, gate or patrol that began on a day."""
    who = principal()
    with reading(who.authority_id) as session:
        hotspot = _known(session, hotspot_id)
        found = effect_since(session, hotspot, arguments["start"], now(), arguments["days"])
    return jsonify(kind=arguments["kind"], **found)


@blp.get("/patrol")
@blp.arguments(PatrolArguments, location="query")
@blp.response(200, PatrolSchema)
@allow("case.read")
def patrol(arguments: dict[str, Any]) -> Response:
    """The best places of a list, for paper: where, when they are hit and with what, what is open, what was done."""
    with reading(principal().authority_id) as session:
        return jsonify(patrol_sheet(session, _question(session, arguments), arguments["top"], now()))


@blp.post("/runs")
@blp.response(202, QueuedSchema)
@allow("case.decide")
def ask_for_run() -> tuple[Response, int]:
    """Have the list built anew now, by a worker; the run shows under `GET /api/v1/hotspots/runs` when it is done."""
    who = principal()
    with transaction(who.authority_id):
        defer(HOTSPOTS_ASKED, who.authority_id)
    return jsonify(queued=True), 202


@blp.get("/runs")
@blp.response(200, RunListSchema)
@allow("case.read")
def list_runs() -> Response:
    """The latest runs and what each changed."""
    with reading(principal().authority_id) as session:
        newest = sa.select(HotspotRun).order_by(HotspotRun.finished_at.desc()).limit(RUNS_SHOWN)
        return jsonify(items=[run_whole(run) for run in session.scalars(newest)], next=None)
