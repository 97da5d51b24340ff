"""The shapes of places."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from server.fields import FreeText


class PositionArguments(ma.Schema):
    """A position in WGS84 degrees."""

    lat = ma.fields.Float(
        required=True, validate=validate.Range(-90, 90, error="Latitude runs from -90 to 90")
    )
    lon = ma.fields.Float(
        required=True, validate=validate.Range(-180, 180, error="Longitude runs from -180 to 180")
    )


class NearSchema(ma.Schema):
    """A name on the ground and how far away it is, in metres."""

    name = ma.fields.String()
    distance_m = ma.fields.Float()
    source = ma.fields.String()


class CodeNearSchema(ma.Schema):
    """A postcode (its centre), or the number of a property (UPRN) or street (USRN), and how far away it is, metres."""

    code = ma.fields.String()
    distance_m = ma.fields.Float()
    source = ma.fields.String()


class AreaNameSchema(ma.Schema):
    """An area the position lies in."""

    kind = ma.fields.String()
    code = ma.fields.String()
    name = ma.fields.String()


class PlaceSchema(ma.Schema):
    """The answer to "where is this?". Easting and northing in OSGB36 metres, null outside Great Britain."""

    label = ma.fields.String()
    road = ma.fields.Nested(NearSchema, allow_none=True)
    locality = ma.fields.Nested(NearSchema, allow_none=True)
    between = ma.fields.List(
        ma.fields.String(),
        allow_none=True,
        metadata={"description": "On a long lane, the roads that meet it."},
    )
    landmark = ma.fields.Nested(NearSchema, allow_none=True)
    postcode = ma.fields.Nested(CodeNearSchema, allow_none=True)
    uprn = ma.fields.Nested(CodeNearSchema, allow_none=True)
    usrn = ma.fields.Nested(CodeNearSchema, allow_none=True)
    areas = ma.fields.List(ma.fields.Nested(AreaNameSchema))
    grid_reference = ma.fields.String(allow_none=True)
    easting = ma.fields.Float(allow_none=True)
    northing = ma.fields.Float(allow_none=True)
    plus_code = ma.fields.String(allow_none=True)
    in_area_served = ma.fields.Boolean()
    note = ma.fields.String(
        allow_none=True,
        metadata={"description": "What a person should know: outside the area, outside Great Britain."},
    )


class OpinionSchema(ma.Schema):
    """What a service outside calls a place; distance_m to the address it means, null where that says nothing."""

    service = ma.fields.String()
    label = ma.fields.String()
    distance_m = ma.fields.Float(allow_none=True)
    answered_at = ma.fields.String()


class SearchArguments(ma.Schema):
    """What was typed, and where the person is, in WGS84 degrees, to put what is near first."""

    q = FreeText(required=True, validate=validate.Length(1, 200, error="Type 1 to 200 characters"))
    lat = ma.fields.Float(validate=validate.Range(-90, 90, error="Latitude runs from -90 to 90"))
    lon = ma.fields.Float(validate=validate.Range(-180, 180, error="Longitude runs from -180 to 180"))
    limit = ma.fields.Integer(load_default=10, validate=validate.Range(1, 50, error="Ask for 1 to 50"))


class MatchSchema(ma.Schema):
    """A place that was found; lat and lon are null for three words, which are only kept."""

    kind = ma.fields.String()
    label = ma.fields.String()
    name = ma.fields.String()
    locality = ma.fields.String(allow_none=True)
    lat = ma.fields.Float(allow_none=True)
    lon = ma.fields.Float(allow_none=True)
    grid_reference = ma.fields.String(allow_none=True)
    accuracy_m = ma.fields.Float(allow_none=True)
    distance_m = ma.fields.Float(allow_none=True)
    note = ma.fields.String(allow_none=True)


class MatchListSchema(ma.Schema):
    """Matches, best first; there is never another page."""

    items = ma.fields.List(ma.fields.Nested(MatchSchema))
    next = ma.fields.String(allow_none=True)
