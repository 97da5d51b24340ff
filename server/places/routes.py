"""`GET /api/v1/places/reverse`, `search` and `map`."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from flask import Response, current_app, jsonify, request
from flask_smorest import Blueprint

from server.access.rules import allow, principal
from server.errors import Problem
from server.places.map import map_features, names_for_phone
from server.places.schemas import MatchListSchema, PlaceSchema, PositionArguments, SearchArguments
from server.places.search import search
from server.places.service import gazetteer_version, locate
from server.store.transaction import reading

blp = Blueprint("places", __name__, url_prefix="/api/v1/places", description="Where is this?")


@blp.get("/reverse")
@blp.arguments(PositionArguments, location="query")
@blp.response(200, PlaceSchema)
@allow("place.read")
def reverse(arguments: dict[str, Any]) -> dict[str, Any]:
    """The place of a position: road, locality, postcode, areas, grid reference."""
    who = principal()
    with reading(who.authority_id) as session:
        return locate(session, arguments["lat"], arguments["lon"]).as_json()


@blp.get("/search")
@blp.arguments(SearchArguments, location="query")
@blp.response(200, MatchListSchema)
@allow("place.read")
def find(arguments: dict[str, Any]) -> dict[str, Any]:
    """Places by what a person types: names with slips of the finger, postcodes, and figures of every kind."""
    who = principal()
    near = (arguments["lat"], arguments["lon"]) if "lat" in arguments and "lon" in arguments else None
    with reading(who.authority_id) as session:
        try:
            items = search(session, arguments["q"], arguments["limit"], near)
        except ValueError as error:
            raise Problem("invalid_request", str(error), errors={"q": [str(error)]}) from error
    return {"items": items, "next": None}


@blp.get("/map")
@blp.response(200)
@allow("place.read")
def drawn_map() -> Response:
    """What a phone keeps of the ground: outline, areas, roads and villages as GeoJSON, and the names it searches.

    `tiles` is the address of a tile server where one is set.
    """
    who = principal()
    tiles = current_app.config["SETTINGS"].tiles or None
    with reading(who.authority_id) as session:
        tag = sha256(f"{who.authority_id} {gazetteer_version(session)} {tiles}".encode()).hexdigest()
        known = request.if_none_match.contains_weak(tag)
        whole = (
            map_features(session) | {"tiles": tiles, "names": names_for_phone(session)} if not known else {}
        )
    response = Response(status=304) if known else jsonify(whole)
    response.set_etag(tag)
    response.headers["Cache-Control"] = "private, no-cache"
    return response
