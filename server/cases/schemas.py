"""The shapes of cases, decisions, notes and jobs."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from server.cases.models import CASE_STATES, CLOSED_BECAUSE, JOB_KINDS
from server.cases.pages import ORDERS
from server.cases.search import NOT_KNOWN
from server.cases.service import STEPS
from server.fields import FreeText, UtcTime
from server.intake.models import KINDS, SOURCES
from server.intake.schemas import TEXT_LIMIT
from server.photos.schemas import PhotoSchema
from server.places.schemas import OpinionSchema, PlaceSchema

LIMIT = 100
DECISIONS_AT_ONCE = 100
MERGED_AT_ONCE = 20


class CaseListArguments(ma.Schema):
    """Which cases, and in which order.

    `q`: beginnings of words of references, receipt codes, places and notes, all of which must be there.
    `state=open`: new or accepted. `ward`, `waste` and `source` may be `none`: not known. `opened_from` counts,
    `opened_to` does not. `sort`: need (the default for new cases), newest (the default otherwise) or oldest.
    """

    q = FreeText(load_default="", validate=validate.Length(max=200))
    state = ma.fields.String(load_default=None, validate=validate.OneOf((*CASE_STATES, "open")))
    kind = ma.fields.String(load_default=None, validate=validate.OneOf(KINDS))
    hazard = FreeText(load_default=None, validate=validate.Length(1, 40))
    ward = FreeText(load_default=None, validate=validate.Length(1, 60))
    waste = FreeText(load_default=None, validate=validate.Length(1, 40))
    source = ma.fields.String(load_default=None, validate=validate.OneOf((*SOURCES, NOT_KNOWN)))
    closed_because = ma.fields.String(load_default=None, validate=validate.OneOf(CLOSED_BECAUSE))
    witness = ma.fields.Boolean(load_default=False)
    repeat = ma.fields.Boolean(load_default=False)
    older_than_days = ma.fields.Integer(load_default=None, validate=validate.Range(0, 3650))
    opened_from = UtcTime(load_default=None)
    opened_to = UtcTime(load_default=None)
    sort = ma.fields.String(load_default=None, validate=validate.OneOf(tuple(ORDERS)))
    limit = ma.fields.Integer(load_default=50, validate=validate.Range(1, LIMIT))
    cursor = ma.fields.String(load_default=None)


class CountSchema(ma.Schema):
    """Photos verified, of those expected."""

    verified = ma.fields.Integer()
    expected = ma.fields.Integer()


class CaseRowSchema(ma.Schema):
    """A case in a list."""

    id = ma.fields.UUID()
    reference = ma.fields.String()
    kind = ma.fields.String()
    category = ma.fields.String()
    state = ma.fields.String()
    label = ma.fields.String()
    lat = ma.fields.Float(allow_none=True)
    lon = ma.fields.Float(allow_none=True)
    opened_at = ma.fields.String()
    reports = ma.fields.Integer()
    photos = ma.fields.Nested(CountSchema)
    thumb_photo_id = ma.fields.String(allow_none=True)
    hazards = ma.fields.List(ma.fields.String())
    flags = ma.fields.List(ma.fields.String())
    witnessed = ma.fields.Boolean()
    ward_code = ma.fields.String(allow_none=True)
    waste = ma.fields.String(allow_none=True)
    source = ma.fields.String(allow_none=True)
    hotspot_id = ma.fields.String(allow_none=True)
    need = ma.fields.Integer()
    why_here = ma.fields.List(ma.fields.String())
    rev = ma.fields.Integer()
    closed_because = ma.fields.String(allow_none=True)
    duplicate_of = ma.fields.String(allow_none=True)


class CaseListSchema(ma.Schema):
    """A page of cases, the cursor of the next, and how many there are by state under the other filters.

    `counts_at_least`: states of which there may be more than was counted, because the words are very common.
    """

    items = ma.fields.List(ma.fields.Nested(CaseRowSchema))
    next = ma.fields.String(allow_none=True)
    counts = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())
    counts_at_least = ma.fields.List(ma.fields.String())


class PhotoInCaseSchema(PhotoSchema):
    """A photo in its case, with what its own details say about the report, in words."""

    exif_says = ma.fields.List(ma.fields.Dict())


class ReportDetailSchema(ma.Schema):
    """A report inside its case."""

    id = ma.fields.String()
    receipt_code = ma.fields.String()
    source = ma.fields.String()
    seen_at = ma.fields.String()
    received_at = ma.fields.String()
    position = ma.fields.Dict(allow_none=True)
    description = ma.fields.String()
    waste = ma.fields.List(ma.fields.String())
    size = ma.fields.String(allow_none=True)
    land = ma.fields.String(allow_none=True)
    where = ma.fields.String()
    hazards = ma.fields.List(ma.fields.String())
    witnessed = ma.fields.Boolean()
    flags = ma.fields.List(ma.fields.String())
    suggested_cases = ma.fields.List(ma.fields.String())
    clock_offset_ms = ma.fields.Integer(allow_none=True)
    by = ma.fields.String()
    has_contact = ma.fields.Boolean()
    photos = ma.fields.List(ma.fields.Nested(PhotoInCaseSchema))


class CaseSchema(CaseRowSchema):
    """A case whole.

    `timeline`: everything that happened, in words, oldest first. `undoable`: the step that can be turned back now.
    """

    labelled = ma.fields.Boolean()
    timeline = ma.fields.List(ma.fields.Dict())
    undoable = ma.fields.List(ma.fields.Dict())

    place = ma.fields.Nested(PlaceSchema)
    second_opinions = ma.fields.List(ma.fields.Nested(OpinionSchema))
    reports_detail = ma.fields.List(ma.fields.Nested(ReportDetailSchema))
    jobs = ma.fields.List(ma.fields.Dict())
    notes = ma.fields.List(ma.fields.Dict())
    next_steps = ma.fields.List(ma.fields.Dict())
    events = ma.fields.List(ma.fields.Dict())


class DecisionSchema(ma.Schema):
    """A decision on a case; `duplicate_of` goes with `duplicate`."""

    decision = ma.fields.String(required=True, validate=validate.OneOf(tuple(STEPS)))
    reason = FreeText(load_default="", validate=validate.Length(max=TEXT_LIMIT))
    duplicate_of = ma.fields.UUID(load_default=None, allow_none=True)


class SeenSchema(ma.Schema):
    """A case, and the revision of it that the officer saw."""

    id = ma.fields.UUID(required=True)
    rev = ma.fields.Integer(required=True)


class DecisionsSchema(DecisionSchema):
    """One decision on many cases."""

    cases = ma.fields.List(
        ma.fields.Nested(SeenSchema), required=True, validate=validate.Length(1, DECISIONS_AT_ONCE)
    )


class OutcomeSchema(ma.Schema):
    """What became of one of them: done, changed_meanwhile, not_a_next_step or not_found; `seq` can be undone."""

    id = ma.fields.String()
    outcome = ma.fields.String()
    rev = ma.fields.Integer(allow_none=True)
    seq = ma.fields.Integer(allow_none=True)
    detail = ma.fields.String()


class OutcomesSchema(ma.Schema):
    """What became of each, in the order they were asked for."""

    results = ma.fields.List(ma.fields.Nested(OutcomeSchema))


class AmendSchema(ma.Schema):
    """What to put right. A label of null: the place's own again."""

    category = ma.fields.String(validate=validate.Length(1, 40))
    hazards = ma.fields.List(
        ma.fields.String(validate=validate.Length(1, 40)), validate=validate.Length(max=20)
    )
    label = FreeText(allow_none=True, validate=validate.Length(1, 200))


class MergeSchema(ma.Schema):
    """The cases that become part of this one; `revs`: the revisions the officer saw of them, by id."""

    other_ids = ma.fields.List(ma.fields.UUID(), required=True, validate=validate.Length(1, MERGED_AT_ONCE))
    revs = ma.fields.Dict(keys=ma.fields.UUID(), values=ma.fields.Integer(), load_default=dict)
    reason = FreeText(load_default="", validate=validate.Length(max=TEXT_LIMIT))


class SplitSchema(ma.Schema):
    """The report that gets a case of its own."""

    report_id = ma.fields.UUID(required=True)
    reason = FreeText(load_default="", validate=validate.Length(max=TEXT_LIMIT))


class PutOnMapSchema(ma.Schema):
    """Where a case is that no report gave a position for, in WGS84 degrees; `source`: by a pin, or typed."""

    lat = ma.fields.Float(required=True, validate=validate.Range(-90, 90))
    lon = ma.fields.Float(required=True, validate=validate.Range(-180, 180))
    source = ma.fields.String(load_default="pin", validate=validate.OneOf(("pin", "typed")))


class UndoSchema(ma.Schema):
    """The step to turn back: the number of its event in the case's history."""

    seq = ma.fields.Integer(required=True)


class NoteSchema(ma.Schema):
    """A note on a case."""

    text = FreeText(required=True, validate=validate.Length(1, TEXT_LIMIT))


class JobSchema(ma.Schema):
    """A job for a crew; without `crew_id` any crew may do it."""

    kind = ma.fields.String(required=True, validate=validate.OneOf(JOB_KINDS))
    text = FreeText(load_default="", validate=validate.Length(max=TEXT_LIMIT))
    crew_id = ma.fields.UUID(load_default=None, allow_none=True)
    due_at = UtcTime(load_default=None, allow_none=True)
