"""The shapes of photos on the wire."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import validate

from server.fields import FreeText, UtcTime

PHOTO_LIMIT_BYTES = 25 * 1024 * 1024
PHOTOS_PER_REPORT = 12


class ManifestSchema(ma.Schema):
    """One photo as its report announces it. `sha256` is of the picked bytes, `bytes` their number."""

    class Meta:
        unknown = ma.EXCLUDE

    id = ma.fields.UUID(required=True)
    sha256 = ma.fields.String(
        required=True,
        validate=validate.Regexp(r"[0-9a-f]{64}\Z", error="Give the SHA-256 as 64 hexadecimal digits"),
    )
    bytes = ma.fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(
            1, PHOTO_LIMIT_BYTES, error="A photo has 1 byte to 25 MB; send a smaller one"
        ),
    )
    mime = FreeText(load_default="application/octet-stream", validate=validate.Length(1, 100))
    taken_at = UtcTime(load_default=None, allow_none=True)


def photo_list() -> ma.fields.List[Any]:
    """The `photos` field of a payload: at most twelve, none by default."""
    limit = validate.Length(
        max=PHOTOS_PER_REPORT, error=f"At most {PHOTOS_PER_REPORT} photos; put the rest in another report"
    )
    return ma.fields.List(ma.fields.Nested(ManifestSchema), load_default=list, validate=limit)


class PhotoSchema(ma.Schema):
    """A photo as officers see it."""

    id = ma.fields.UUID()
    state = ma.fields.String()
    sha256 = ma.fields.String()
    bytes = ma.fields.Integer()
    mime = ma.fields.String()
    taken_at = ma.fields.AwareDateTime(allow_none=True)
    showable = ma.fields.Boolean(allow_none=True)
    problem = ma.fields.String(allow_none=True)
    exif = ma.fields.Dict(allow_none=True)
