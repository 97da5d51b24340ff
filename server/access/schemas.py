"""The shapes of signing in and of phones."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from server.fields import FreeText


class SignInSchema(ma.Schema):
    """What a person types to sign in."""

    email = FreeText(required=True, validate=validate.Length(1, 254))
    password = FreeText(required=True, validate=validate.Length(1, 1000), load_only=True)


class UserSchema(ma.Schema):
    """A user as others see them."""

    id = ma.fields.UUID()
    name = ma.fields.String()
    email = ma.fields.String()
    role = ma.fields.String()


class AuthoritySchema(ma.Schema):
    """A council as its own people see it. `bounds`: [west, south, east, north] in degrees, or null."""

    id = ma.fields.UUID()
    slug = ma.fields.String()
    name = ma.fields.String()
    demo = ma.fields.Boolean()
    bounds = ma.fields.List(ma.fields.Float(), allow_none=True)


class SessionSchema(ma.Schema):
    """Who is signed in, where, on which phone."""

    user = ma.fields.Nested(UserSchema)
    authority = ma.fields.Nested(AuthoritySchema)
    device_id = ma.fields.UUID(allow_none=True)


class EnrolSchema(ma.Schema):
    """A phone asking to be enrolled: within a session, or with a one-time code."""

    class Meta:
        unknown = ma.EXCLUDE

    id = ma.fields.UUID(required=True)
    label = FreeText(required=True, validate=validate.Length(1, 100))
    enrolment_code = FreeText(load_default=None, allow_none=True)


class DeviceSchema(ma.Schema):
    """An enrolled phone."""

    id = ma.fields.UUID()
    label = ma.fields.String()
    user = ma.fields.Nested(UserSchema)
    authority = ma.fields.Nested(AuthoritySchema)
