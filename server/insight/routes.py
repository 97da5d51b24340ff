"""`/api/v1/insight/overview`."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import Response, jsonify
from flask_smorest import Blueprint
from marshmallow import validate

from server.access.rules import allow, principal
from server.fields import UtcTime
from server.insight.overview import GROUPINGS, overview
from server.store.clock import now
from server.store.transaction import reading

blp = Blueprint("insight", __name__, url_prefix="/api/v1/insight", description="Figures of a council")


class OverviewArguments(ma.Schema):
    """Of the cases opened from `from` (counts) to `to` (does not); the last twelve months by default."""

    from_ = UtcTime(load_default=None, data_key="from")
    to = UtcTime(load_default=None)
    by = ma.fields.String(load_default="month", validate=validate.OneOf(GROUPINGS))


class FiguresSchema(ma.Schema):
    """Counts of cases; days between opening and closing as cleared; for each count the query of `/cases` behind it."""

    received = ma.fields.Integer()
    open = ma.fields.Integer()
    cleared = ma.fields.Integer()
    median_days_to_clear = ma.fields.Float(allow_none=True)
    rows = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String())


class GroupSchema(FiguresSchema):
    """The figures of one month, ward, kind, waste or source; `key` is `none` where it is not known."""

    key = ma.fields.String()
    label = ma.fields.String()
    window = ma.fields.Dict()


class OverviewSchema(ma.Schema):
    """The figures of a window as they are `as_at`, whole and by group."""

    window = ma.fields.Dict()
    as_at = ma.fields.String()
    by = ma.fields.String()
    totals = ma.fields.Nested(FiguresSchema)
    groups = ma.fields.List(ma.fields.Nested(GroupSchema))
    definitions = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String())


@blp.get("/overview")
@blp.arguments(OverviewArguments, location="query")
@blp.response(200, OverviewSchema)
@allow("case.read")
def overview_of(arguments: dict[str, Any]) -> Response:
    """Received, still open, cleared and the median time that took, by month, ward, kind, waste or source."""
    with reading(principal().authority_id) as session:
        return jsonify(overview(session, arguments["by"], arguments["from_"], arguments["to"], now()))
