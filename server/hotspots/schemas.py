"""The shapes of hotspots."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from server.hotspots.service import MIN_COUNT
from server.intake.models import KINDS


class HotspotArguments(ma.Schema):
    """Which list: of which kind, and from how many cases on."""

    kind = ma.fields.String(load_default="fly_tip", validate=validate.OneOf(KINDS))
    min = ma.fields.Integer(load_default=MIN_COUNT, validate=validate.Range(MIN_COUNT, 1000))
    format = ma.fields.String(load_default=None, validate=validate.OneOf(("json", "geojson")))


class HotspotSchema(ma.Schema):
    """A place that keeps being hit. Easting, northing and extent in metres, lat and lon in WGS84 degrees."""

    rank = ma.fields.Integer(allow_none=True)
    id = ma.fields.String()
    kind = ma.fields.String()
    label = ma.fields.String()
    easting = ma.fields.Float()
    northing = ma.fields.Float()
    lat = ma.fields.Float()
    lon = ma.fields.Float()
    extent_m = ma.fields.Float()
    count = ma.fields.Integer()
    score = ma.fields.Float()
    expected = ma.fields.Float(allow_none=True)
    p = ma.fields.Float(allow_none=True)
    q = ma.fields.Float(allow_none=True)
    trend = ma.fields.String()
    first = ma.fields.String()
    last = ma.fields.String()
    members = ma.fields.List(ma.fields.String())


class RunSchema(ma.Schema):
    """One run of the clustering."""

    id = ma.fields.String()
    as_of = ma.fields.String()
    window_days = ma.fields.Integer()
    radius_m = ma.fields.Integer()
    min = ma.fields.Integer()
    half_life_days = ma.fields.Integer(allow_none=True)
    cases = ma.fields.Integer()
    changes = ma.fields.List(ma.fields.Dict())


class HotspotListSchema(ma.Schema):
    """The list, best first, with the run that made it (null before the first run)."""

    items = ma.fields.List(ma.fields.Nested(HotspotSchema))
    next = ma.fields.String(allow_none=True)
    run = ma.fields.Nested(RunSchema, allow_none=True)


class RunListSchema(ma.Schema):
    """The latest runs, newest first."""

    items = ma.fields.List(ma.fields.Nested(RunSchema))
    next = ma.fields.String(allow_none=True)
