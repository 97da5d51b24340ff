"""The shapes of the public's door."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from server.fields import FreeText
from server.intake.schemas import ReportCreateSchema


class ContactSchema(ma.Schema):
    """How to reach the reporter; all of it may be left out."""

    name = FreeText(load_default=None, allow_none=True, validate=validate.Length(max=200))
    email = ma.fields.Email(load_default=None, allow_none=True, validate=validate.Length(max=254))
    phone = FreeText(load_default=None, allow_none=True, validate=validate.Length(max=40))


class PublicReportSchema(ReportCreateSchema):
    """One report from a resident. `where` or `position` says where; `authority` which council, where several answer."""

    class Meta:
        unknown = ma.RAISE

    authority = ma.fields.String(load_default=None, allow_none=True)
    contact = ma.fields.Nested(ContactSchema, load_default=dict)


class PublicReportAnswerSchema(ma.Schema):
    """What a resident gets: a code, a page to follow, a token for photos, and what happens next."""

    receipt_code = ma.fields.String()
    status_url = ma.fields.String()
    upload_token = ma.fields.String()
    next = ma.fields.String()


class StatusSchema(ma.Schema):
    """What became of a report, in plain words; nothing about enforcement or other people."""

    receipt_code = ma.fields.String()
    state = ma.fields.String()
    words = ma.fields.String()
    received_at = ma.fields.String()
    photos = ma.fields.Dict()
