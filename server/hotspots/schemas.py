"""The shapes of hotspots."""

from __future__ import annotations

from datetime import date

import marshmallow as ma
from marshmallow import validate

from server.fields import FreeText, UtcTime
from server.hotspots.effects import MEASURES
from server.hotspots.service import MIN_COUNT
from server.intake.models import KINDS
from server.places.schemas import AreaNameSchema

WINDOW_DAYS_MOST = 3660
PAGE = 200
LABEL_MOST = 200
AREA_MOST = 200


class WindowArguments(ma.Schema):
    """Which window: so many days up to a moment. Without either, the stored list's."""

    window_days = ma.fields.Integer(load_default=None, validate=validate.Range(1, WINDOW_DAYS_MOST))
    as_of = UtcTime(load_default=None)


class ListArguments(WindowArguments):
    """Which list: of which kind, from how many cases on, and of the places whose centre lies in which areas.

    `ward`, `parish`, `beat`: an area's code, or its name where only one is called so; of several a place lies in
    all. Ranks stay those of the council's whole list.
    """

    kind = ma.fields.String(load_default="fly_tip", validate=validate.OneOf(KINDS))
    min = ma.fields.Integer(load_default=MIN_COUNT, validate=validate.Range(MIN_COUNT, 1000))
    ward = FreeText(load_default=None, validate=validate.Length(1, AREA_MOST))
    parish = FreeText(load_default=None, validate=validate.Length(1, AREA_MOST))
    beat = FreeText(load_default=None, validate=validate.Length(1, AREA_MOST))


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

    Easting, northing and extent in metres, lat and lon in WGS84 degrees. `expected`: the count that its
    surroundings explain; `p`: the probability of at least its count at that one spot; `q`: the share of places as
    unlikely as this that chance would give, as places are sought everywhere, above 0.1 "usual for this area". Null
    where no list was made since they are kept, or for a window asked of one place. `areas`:
    the wards, parishes and beats that its centre lies in.
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
    areas = ma.fields.List(ma.fields.Nested(AreaNameSchema))


class HotspotWholeSchema(HotspotSchema):
    """A place with its figures, each about `window`.

    `hours`: 24 counts by local hour of sighting, `weekdays`: 7 from Monday. `counts`: members of the last 30, 90 and
    365 days. `usual`: the surroundings explain the count, by `background`; `by_chance`: the largest place that chance
    alone would give anywhere. `rev` goes into If-Match to rename it; `named`: a person gave the label. `measures`:
    cameras and signs put up by crews within 500 m, nearest first; `effects`: before and after for those inside the
    place. `member_rows`, `done`, `measures` and `effects` are the officers' only.
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
    rev = ma.fields.Integer()
    named = ma.fields.Boolean()
    usual = ma.fields.Boolean(allow_none=True)
    background = ma.fields.String(allow_none=True)
    by_chance = ma.fields.Dict(allow_none=True)
    counts = ma.fields.Dict()
    measures = ma.fields.List(ma.fields.Dict())
    effects = ma.fields.List(ma.fields.Dict())


class NameSchema(ma.Schema):
    """What people call a hotspot."""

    label = ma.fields.String(required=True, validate=validate.Length(1, LABEL_MOST))


def _can_be_counted_from(start: date) -> None:
    """Refuse a day around which no calendar has the days that are compared."""
    if not 2000 <= start.year < 2200:
        raise ma.ValidationError("Give a day of this century or the next")


class EffectArguments(ma.Schema):
    """What began when: a camera, sign, gate or patrol, at the place; days before and after to compare."""

    kind = ma.fields.String(load_default="patrol", validate=validate.OneOf(MEASURES))
    start = ma.fields.Date(required=True, validate=_can_be_counted_from)
    days = ma.fields.Integer(load_default=90, validate=validate.Range(28, 366))


class BeforeAfterSchema(ma.Schema):
    """Counts in equal times before and after; their ratio over that of control places, with its 95 % interval."""

    before = ma.fields.Integer()
    after = ma.fields.Integer()
    ratio = ma.fields.Float()
    low = ma.fields.Float()
    high = ma.fields.Float()


class EffectSchema(ma.Schema):
    """Did it work? `word`: "fell", "moved nearby" or "no clear change", and why; ring: from the place to 500 m."""

    kind = ma.fields.String()
    start = ma.fields.Date()
    days = ma.fields.Integer()
    word = ma.fields.String()
    because = ma.fields.String()
    place = ma.fields.Nested(BeforeAfterSchema)
    ring = ma.fields.Nested(BeforeAfterSchema)
    controls = ma.fields.Integer()
    controls_before = ma.fields.Integer()
    controls_after = ma.fields.Integer()
    displacement = ma.fields.Float(allow_none=True)


class QueuedSchema(ma.Schema):
    """A run was asked for and will be made by a worker."""

    queued = ma.fields.Boolean()


class PatrolSchema(ma.Schema):
    """What goes on a patrol sheet, best place first; `within`: the areas that it was asked for."""

    title = ma.fields.String()
    authority = ma.fields.String()
    as_at = ma.fields.String()
    window = ma.fields.Dict()
    within = ma.fields.List(ma.fields.Nested(AreaNameSchema))
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
    background = ma.fields.String(allow_none=True)
    by_chance = ma.fields.Dict(allow_none=True)
    changes = ma.fields.List(ma.fields.Dict())


class HotspotListSchema(ma.Schema):
    """The list, best first, with the run that made it (null before the first run); `within`: of which areas."""

    items = ma.fields.List(ma.fields.Nested(HotspotSchema))
    next = ma.fields.String(allow_none=True)
    within = ma.fields.List(ma.fields.Nested(AreaNameSchema))
    run = ma.fields.Nested(RunSchema, allow_none=True)


class RunListSchema(ma.Schema):
    """The latest runs, newest first."""

    items = ma.fields.List(ma.fields.Nested(RunSchema))
    next = ma.fields.String(allow_none=True)
