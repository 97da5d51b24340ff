"""The shapes of places."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate


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


class PostcodeNearSchema(ma.Schema):
    """A postcode and how far away its centre is, in metres."""

    code = ma.fields.String()
    distance_m = ma.fields.Float()


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
    postcode = ma.fields.Nested(PostcodeNearSchema, allow_none=True)
    areas = ma.fields.List(ma.fields.Nested(AreaNameSchema))
    grid_reference = ma.fields.String(allow_none=True)
    easting = ma.fields.Float(allow_none=True)
    northing = ma.fields.Float(allow_none=True)
    plus_code = ma.fields.String(allow_none=True)
    in_area_served = ma.fields.Boolean()
