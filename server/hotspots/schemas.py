"""The shapes of hotspots."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from server.fields import UtcTime
from server.hotspots.service import MIN_COUNT
from server.intake.models import KINDS

WINDOW_DAYS_MOST = 3660
PAGE = 200


class WindowArguments(ma.Schema):
    """Which window: so many days up to a moment. Without either, the stored list's."""

    window_days = ma.fields.Integer(load_default=None, validate=validate.Range(1, WINDOW_DAYS_MOST))
    as_of = UtcTime(load_default=None)


class ListArguments(WindowArguments):
    """Which list: of which kind, and from how many cases on."""

    kind = ma.fields.String(load_default="fly_tip", validate=validate.OneOf(KINDS))
    min = ma.fields.Integer(load_default=MIN_COUNT, validate=validate.Range(MIN_COUNT, 1000))


class HotspotArguments(ListArguments):
    """Which list, written how, and of JSON which page: `cursor` is the `next` of the page before."""

    limit = ma.fields.Integer(load_default=PAGE, validate=validate.Range(1, 1000))
    cursor = ma.fields.Integer(load_default=0, validate=validate.Range(0, 10**9))
    format = ma.fields.String(load_default=None, validate=validate.OneOf(("json", "geojson", "csv")))


class PatrolArguments(ListArguments):
    """Of which list, and how many places."""

    top = ma.fields.Integer(load_default=10, validate=validate.Range(1, 50))


class HotspotSchema(ma.Schema):
    """A place that keeps being hit; without an id where it is on no stored list.

    Easting, northing and extent in metres, lat and lon in WGS84 degrees.
    """

    rank = ma.fields.Integer(allow_none=True)
    id = ma.fields.String(allow_none=True)
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


class HotspotWholeSchema(HotspotSchema):
    """A place with its figures, each about `window`.

    `hours`: 24 counts by local hour of sighting, `weekdays`: 7 from Monday. `member_rows` and `done` are the
    officers' only.
    """

    window = ma.fields.Dict()
    as_at = ma.fields.String()
    months = ma.fields.List(ma.fields.Dict())
    hours = ma.fields.List(ma.fields.Integer())
    weekdays = ma.fields.List(ma.fields.Integer())
    busiest = ma.fields.String(allow_none=True)
    waste = ma.fields.List(ma.fields.Dict())
    member_rows = ma.fields.List(ma.fields.Dict())
    done = ma.fields.List(ma.fields.Dict())


class PatrolSchema(ma.Schema):
    """What goes on a patrol sheet, best place first."""

    title = ma.fields.String()
    authority = ma.fields.String()
    as_at = ma.fields.String()
    window = ma.fields.Dict()
    items = ma.fields.List(ma.fields.Dict())
    next = ma.fields.String(allow_none=True)


class RunSchema(ma.Schema):
    """One run of the clustering. Not `stored` (and without an id): worked out for the question only."""

    id = ma.fields.String(allow_none=True)
    stored = ma.fields.Boolean()
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
