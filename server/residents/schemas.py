"""The shapes of the public's door."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from server.fields import FreeText
from server.intake.schemas import TEXT_LIMIT, ReportCreateSchema
from server.residents.quarantine import STATES


class ContactSchema(ma.Schema):
    """How to reach the reporter; all of it may be left out."""

    name = FreeText(load_default=None, allow_none=True, validate=validate.Length(max=200))
    email = ma.fields.Email(load_default=None, allow_none=True, validate=validate.Length(max=254))
    phone = FreeText(load_default=None, allow_none=True, validate=validate.Length(max=40))


class PublicReportSchema(ReportCreateSchema):
    """One report from a resident. `where` or `position` says where; `authority` which council, where several answer."""

    class Meta:
        unknown = ma.RAISE

    authority = FreeText(load_default=None, allow_none=True)
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
    verified_photos = ma.fields.List(ma.fields.String())
    missing_photos = ma.fields.List(ma.fields.String())
    server_time = ma.fields.String()


class QuarantineArguments(ma.Schema):
    """Which page of what is held: what still waits, or what was refused."""

    state = ma.fields.String(load_default="waiting", validate=validate.OneOf(STATES))
    limit = ma.fields.Integer(load_default=50, validate=validate.Range(1, 100))
    cursor = ma.fields.String(load_default=None)


class ReasonSchema(ma.Schema):
    """Why a report is held: a stable code, and words to show."""

    code = ma.fields.String()
    words = ma.fields.String()


class RefusalOfReportSchema(ma.Schema):
    """Who refused a report, when, and why in their words."""

    by = ma.fields.String()
    at = ma.fields.String()
    reason = ma.fields.String()


class HeldReportSchema(ma.Schema):
    """A report that waits for a person, or was refused by one. `has_contact`: the sender left a way to reach them."""

    report_id = ma.fields.String()
    receipt_code = ma.fields.String()
    kind = ma.fields.String()
    category = ma.fields.String()
    received_at = ma.fields.String()
    held_at = ma.fields.String()
    description = ma.fields.String()
    where = ma.fields.String()
    position = ma.fields.Dict(allow_none=True)
    photos = ma.fields.List(ma.fields.Dict())
    reasons = ma.fields.List(ma.fields.Nested(ReasonSchema))
    has_contact = ma.fields.Boolean()
    refused = ma.fields.Nested(RefusalOfReportSchema, allow_none=True)


class QuarantineListSchema(ma.Schema):
    """A page of held reports, and how many there are of each state."""

    items = ma.fields.List(ma.fields.Nested(HeldReportSchema))
    next = ma.fields.String(allow_none=True)
    counts = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())


class RefusalSchema(ma.Schema):
    """Why a held report gets no case."""

    reason = FreeText(load_default="", validate=validate.Length(max=TEXT_LIMIT))


class RefusedSchema(ma.Schema):
    """A report that gets no case."""

    report_id = ma.fields.String()
    refused_at = ma.fields.String()


class ReleasedSchema(ma.Schema):
    """A report that goes its way."""

    report_id = ma.fields.String()
    released_at = ma.fields.String()


class ContactOfReportSchema(ma.Schema):
    """A reporter's details; what was not given is null."""

    name = ma.fields.String(allow_none=True)
    email = ma.fields.String(allow_none=True)
    phone = ma.fields.String(allow_none=True)
    erase_after = ma.fields.String()
