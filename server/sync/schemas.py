"""The shapes of pull and ping."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

PULL_LIMIT = 500


class PullArguments(ma.Schema):
    """Where to go on from, how much to take, and the phone that asks (default: the session's).

    The phone may also tell `unsent`, `oldest_unsent_at` and `app_version` of itself (access/told.py).
    """

    cursor = ma.fields.String(load_default=None)
    limit = ma.fields.Integer(load_default=PULL_LIMIT, validate=validate.Range(1, PULL_LIMIT))
    device_id = ma.fields.UUID(load_default=None)


class ChangeSchema(ma.Schema):
    """One entity's newest state (`put`), or that it left the scope (`del`)."""

    type = ma.fields.String()
    id = ma.fields.String()
    rev = ma.fields.Integer()
    put = ma.fields.Dict()
    del_ = ma.fields.Boolean(data_key="del")


class PullSchema(ma.Schema):
    """One page of changes."""

    changes = ma.fields.List(ma.fields.Nested(ChangeSchema))
    cursor = ma.fields.String()
    more = ma.fields.Boolean()
    reset = ma.fields.Boolean()
    acked_ops = ma.fields.List(ma.fields.String())
    verified_photos = ma.fields.List(ma.fields.String())
    server_time = ma.fields.String()


class PingArguments(ma.Schema):
    """Something only this request knows, to tell us from a captive portal."""

    nonce = ma.fields.String(load_default="", validate=validate.Length(max=100))


class PingSchema(ma.Schema):
    """The nonce again, and the time."""

    nonce = ma.fields.String()
    server_time = ma.fields.String()
