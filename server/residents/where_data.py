"""What script asks for on "where is it?": the name of a position, and the council's map to point on."""

from __future__ import annotations

from hashlib import sha256

from flask import Response, jsonify, request

from server.access.limits import PUBLIC_READ_LIMIT, limiter
from server.access.rules import ANYONE, allow
from server.places.map import map_features
from server.places.service import gazetteer_version, locate
from server.residents.questions import kind_of
from server.residents.visits import resident_pages, visit
from server.residents.whereabouts import open_nearby
from server.store.clock import now
from server.store.transaction import reading

pages = resident_pages("where_data", __name__)

MAP_LIMIT = "20 per minute"
SHOWN = ("authority", "road", "locality")


@pages.get("/report/place.json")
@limiter.limit(PUBLIC_READ_LIMIT)
@allow(ANYONE)
def place() -> Response:
    """What a position is called, whether the council serves it, and what was reported near it already.

    Degrees WGS84 in `lat` and `lon`.
    """
    who = visit()
    lat, lon = request.args.get("lat", type=float), request.args.get("lon", type=float)
    if lat is None or lon is None or not (-90 <= lat <= 90 and -180 <= lon <= 180):
        return jsonify(label=None, served=False)
    with reading(who.authority_id) as session:
        found = locate(session, lat, lon)
        position = {"lat": lat, "lon": lon}
        near = open_nearby(session, kind_of(who.given), position) if "what" in who.given else []
    today = now().date()
    return jsonify(
        label=found.label, served=found.in_area_served, grid_reference=found.grid_reference,
        near=[{"id": case.id, "words": case.words(today)} for case in near],
    )  # fmt: skip


@pages.get("/report/map.json")
@limiter.limit(MAP_LIMIT)
@allow(ANYONE)
def drawn_map() -> Response:
    """The council's outline, roads and villages as GeoJSON: what any map of the area shows."""
    who = visit()
    with reading(who.authority_id) as session:
        tag = sha256(f"{who.authority_id} {gazetteer_version(session)} residents".encode()).hexdigest()
        if request.if_none_match.contains_weak(tag):
            response = Response(status=304)
        else:
            drawn = map_features(session)
            kept = [feature for feature in drawn["features"] if feature["properties"]["kind"] in SHOWN]
            response = jsonify(drawn | {"features": kept})
    response.set_etag(tag)
    response.headers["Cache-Control"] = "private, no-cache"
    return response
