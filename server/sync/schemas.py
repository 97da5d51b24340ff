"""The shapes of pull, reconcile and ping."""

from __future__ import annotations

from typing import Any, ClassVar

import marshmallow as ma
from marshmallow import validate

from server.fields import FreeText

PULL_LIMIT = 500
RECONCILE_LIMIT = 1000


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
    reference = ma.fields.Dict(
        metadata={"description": "The lists that reports choose from, when they are others"}
    )
    update_needed = ma.fields.Boolean(
        metadata={"description": "The app is too old to read these changes. It can still send everything."}
    )


def _ids() -> ma.fields.List[Any]:
    limit = validate.Length(
        max=RECONCILE_LIMIT, error=f"At most {RECONCILE_LIMIT:,} at a time; ask again for the rest"
    )
    return ma.fields.List(FreeText(validate=validate.Length(1, 100)), load_default=list, validate=limit)


class ReconcileSchema(ma.Schema):
    """The operations and photos that a phone wants to be sure of."""

    class Meta:
        unknown = ma.EXCLUDE

    device_id = ma.fields.UUID(required=True)
    op_ids = _ids()
    photo_ids = _ids()


class KnownOpsSchema(ma.Schema):
    """known: took effect, or held or kept in any form."""

    class Meta:
        # A schema has an `unknown` of its own, so the field is declared here.
        include: ClassVar = {"unknown": ma.fields.List(ma.fields.String())}

    known = ma.fields.List(ma.fields.String())


class KnownPhotosSchema(ma.Schema):
    """received: whole, not verified yet · expected: named, its bytes not all here · unknown: nothing here names it."""

    class Meta:
        include: ClassVar = {"unknown": ma.fields.List(ma.fields.String())}

    verified = ma.fields.List(ma.fields.String())
    received = ma.fields.List(ma.fields.String())
    expected = ma.fields.List(ma.fields.String())


class ReconciledSchema(ma.Schema):
    """What is here of what was asked for, each list in the order asked."""

    ops = ma.fields.Nested(KnownOpsSchema)
    photos = ma.fields.Nested(KnownPhotosSchema)
    server_time = ma.fields.String()


class PingArguments(ma.Schema):
    """Something only this request knows, to tell us from a captive portal."""

    nonce = ma.fields.String(load_default="", validate=validate.Length(max=100))


class PingSchema(ma.Schema):
    """The nonce again, and the time."""

    nonce = ma.fields.String()
    server_time = ma.fields.String()
