"""The shapes of what people send: the push envelope, and one payload schema for each operation type.

The same schema serves phones and forms. What a phone has called saved is never refused for being odd: odd
values are settled and flagged (`tolerant`). Who can still be asked is told what to mend (`strict`).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import marshmallow as ma
from marshmallow import validate

from server.fields import FreeText, Tolerated, UtcTime
from server.intake.models import KINDS, POSITION_SOURCES
from server.intake.reference import OTHER, category_kind, codes
from server.photos.schemas import photo_list

TEXT_LIMIT = 4000
AHEAD_BY = timedelta(minutes=10)
LONG_AGO = timedelta(days=365)
# Whole numbers are exact up to here in JavaScript, and fit in the databases' integers.
LARGEST = 2**53
DAY_MIN = 24 * 60
# As much of an unknown code as a flag shows; all of it stays in the payload.
CODE_SHOWN = 60


class Tolerant(ma.Schema):
    """A payload that may hold members this server does not know yet: they stay in the kept text.

    A member that is null is as if it were left out.
    """

    class Meta:
        unknown = ma.EXCLUDE

    @ma.pre_load
    def leave_out_nulls(self, data: Any, **_options: Any) -> Any:
        """Members without a value are the same as no members."""
        if not isinstance(data, dict):
            return data
        return {name: value for name, value in data.items() if value is not None}


def text(**options: Any) -> FreeText:
    """Free text up to the limit, empty by default, kept exactly as sent."""
    limit = validate.Length(
        max=TEXT_LIMIT, error=f"At most {TEXT_LIMIT:,} characters; put the rest in a note"
    )
    return FreeText(validate=limit, **({"load_default": ""} | options))


class PositionSchema(Tolerant):
    """A position in WGS84 degrees, its accuracy in metres (null for a pin or typed place)."""

    lat = ma.fields.Float(
        required=True, validate=validate.Range(-90, 90, error="Latitude runs from -90 to 90")
    )
    lon = ma.fields.Float(
        required=True, validate=validate.Range(-180, 180, error="Longitude runs from -180 to 180")
    )
    accuracy_m = ma.fields.Float(load_default=None, allow_none=True, validate=validate.Range(min=0))
    source = ma.fields.String(required=True, validate=validate.OneOf(POSITION_SOURCES))
    fixed_at = UtcTime(load_default=None, allow_none=True)


_POSITION = PositionSchema()  # making one takes longer than what it is made for


class ReportCreateSchema(Tolerant):
    """`report.create`: one thing seen once."""

    id = ma.fields.UUID(required=True)
    kind = ma.fields.String(required=True, validate=validate.OneOf(KINDS))
    category = FreeText(required=True, validate=validate.Length(1))
    seen_at = UtcTime(required=True)
    position = ma.fields.Raw(load_default=None, allow_none=True)
    where = text()
    description = text()
    waste = ma.fields.List(FreeText(), load_default=list)
    size = FreeText(load_default=None, allow_none=True)
    land = FreeText(load_default=None, allow_none=True)
    hazards = ma.fields.List(FreeText(), load_default=list)
    witnessed = ma.fields.Boolean(load_default=False)
    joins = ma.fields.UUID(load_default=None, allow_none=True)
    photos = photo_list()
    extra = ma.fields.Raw(load_default=dict)


class ReportLocateSchema(Tolerant):
    """`report.locate`: gives a report its position, or a better one."""

    position = ma.fields.Nested(PositionSchema, required=True)


class ReportAddSchema(Tolerant):
    """`report.add`: more words or photos for a report."""

    description = text()
    photos = photo_list()


def _storable(payload: str) -> None:
    try:
        payload.encode()
    except UnicodeEncodeError as error:
        raise ma.ValidationError("The payload is not valid Unicode text") from error


class OpSchema(Tolerant):
    """One operation of a push. `payload` is the exact JSON text the phone stored."""

    op_id = ma.fields.UUID(required=True)
    seq = ma.fields.Integer(required=True, validate=validate.Range(0, LARGEST))
    type = ma.fields.String(required=True, validate=validate.Length(1, 40))
    entity_id = ma.fields.UUID(required=True)
    base_rev = ma.fields.Integer(load_default=None, allow_none=True)
    after = ma.fields.UUID(load_default=None, allow_none=True)
    schema = ma.fields.Integer(required=True)
    payload = ma.fields.String(required=True, validate=_storable)
    payload_sha256 = ma.fields.String(
        required=True,
        validate=validate.Regexp(r"[0-9a-f]{64}\Z", error="Give the SHA-256 as 64 hexadecimal digits"),
    )
    # A phone whose clock has gone wrong cannot mend it: its reports must come in all the same.
    device_time = Tolerated(UtcTime())
    tz_offset_min = Tolerated(ma.fields.Integer(validate=validate.Range(-DAY_MIN, DAY_MIN)))
    clock_offset_ms = Tolerated(ma.fields.Integer(validate=validate.Range(-LARGEST, LARGEST)))


def _whose() -> ma.fields.UUID:
    """The person who saved what is sent. Older apps name nobody."""
    return ma.fields.UUID(load_default=None, allow_none=True)


class PushSchema(Tolerant):
    """A push: each op is checked by itself, so that one odd op cannot stop the others."""

    device_id = ma.fields.UUID(required=True)
    user_id = _whose()
    # What the phone tells of itself (access/told.py); whatever it says, it stops no op.
    status = ma.fields.Raw(load_default=None, allow_none=True)
    ops = ma.fields.List(ma.fields.Raw(allow_none=True), required=True)


class ProblemInVerdict(ma.Schema):
    """Why an op was not applied."""

    type = ma.fields.String()
    title = ma.fields.String()
    status = ma.fields.Integer()
    code = ma.fields.String()
    detail = ma.fields.String()
    errors = ma.fields.Dict()


class VerdictSchema(ma.Schema):
    """The answer to one op."""

    op_id = ma.fields.String(allow_none=True)
    verdict = ma.fields.String(
        validate=validate.OneOf(
            ("applied", "duplicate", "conflict", "merged", "waiting_for", "retry", "rejected")
        )
    )
    rev = ma.fields.Integer()
    entity_id = ma.fields.String()
    case_id = ma.fields.String(allow_none=True)
    problem = ma.fields.Nested(ProblemInVerdict)
    waiting_for = ma.fields.String()
    after_s = ma.fields.Integer()


class PushAnswerSchema(ma.Schema):
    """One verdict for each op, in the order of the ops."""

    results = ma.fields.List(ma.fields.Nested(VerdictSchema))
    server_time = ma.fields.String()


class DeadLettersSchema(Tolerant):
    """What a phone hands over as it is: `{op_id, raw, problem, why}` each. Nothing in an item is checked."""

    device_id = ma.fields.UUID(required=True)
    user_id = _whose()
    items = ma.fields.List(ma.fields.Raw(allow_none=True), required=True)


class DeadLettersAnswerSchema(ma.Schema):
    """The op ids of what is kept now, in order; null for an item that named none."""

    kept = ma.fields.List(ma.fields.String(allow_none=True))
    server_time = ma.fields.String()


class EntrySchema(ma.Schema):
    """One choice of a list. `kind`: of a category; `defra`: its name in the national return; `severity`: 1 to 5."""

    code = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    kind = ma.fields.String()
    defra = ma.fields.String()
    severity = ma.fields.Integer()


class ReferenceSchema(ma.Schema):
    """The lists that reports choose from."""

    version = ma.fields.String()
    source = ma.fields.String()
    categories = ma.fields.List(ma.fields.Nested(EntrySchema))
    waste = ma.fields.List(ma.fields.Nested(EntrySchema))
    sizes = ma.fields.List(ma.fields.Nested(EntrySchema))
    land = ma.fields.List(ma.fields.Nested(EntrySchema))
    hazards = ma.fields.List(ma.fields.Nested(EntrySchema))


def settle(data: dict[str, Any], at: datetime) -> list[str]:
    """Make a loaded `report.create` usable whatever it says, in place; returns the flags a person should see."""
    return _settle_codes(data) + settle_position(data) + time_flags(data["seen_at"], at)


def refuse_odd(data: dict[str, Any], at: datetime) -> None:
    """Raise ValidationError naming each odd value, for senders who can still be asked. Loads the position."""
    errors: dict[str, Any] = {}
    for name, field, known in _coded(data):
        unknown = [code for code in known if code not in codes(name)]
        if unknown:
            errors[field] = [
                f"Not one of the known codes: {', '.join(map(_shown, unknown))}. The list is at /api/v1/reference"
            ]
    if "category" not in errors and category_kind(data["category"]) != data["kind"]:
        errors["category"] = [f"This category does not belong to the kind {data['kind']}"]
    if data["seen_at"] > at + AHEAD_BY:
        errors["seen_at"] = ["This time has not come yet; say when you saw it"]
    elif data["seen_at"] < at - LONG_AGO:
        errors["seen_at"] = ["This is more than a year ago; say when you saw it"]
    if data["position"] is not None:
        try:
            data["position"] = _POSITION.load(data["position"])
        except ma.ValidationError as error:
            errors["position"] = error.messages
    if errors:
        raise ma.ValidationError(errors)


def time_flags(seen_at: datetime, at: datetime) -> list[str]:
    """What is odd about the time a report says it was seen."""
    if seen_at > at + AHEAD_BY:
        return ["time_in_future"]
    return ["time_long_ago"] if seen_at < at - LONG_AGO else []


def _coded(data: dict[str, Any]) -> list[tuple[str, str, list[str]]]:
    """(reference list, field, the codes sent) for every coded field."""
    return [
        ("categories", "category", [data["category"]]),
        ("waste", "waste", data["waste"]),
        ("sizes", "size", [data["size"]] if data["size"] else []),
        ("land", "land", [data["land"]] if data["land"] else []),
        ("hazards", "hazards", data["hazards"]),
    ]


def _settle_codes(data: dict[str, Any]) -> list[str]:
    flags = []
    for name, field, sent in _coded(data):
        unknown = [code for code in sent if code not in codes(name)]
        flags += [f"unknown_{field}:{_shown(code)}" for code in unknown]
        if isinstance(data[field], list):
            known = [code for code in sent if code in codes(name)]
            other = [OTHER[name]] if unknown and name in OTHER else []
            data[field] = list(dict.fromkeys(known + other))
        elif unknown:
            data[field] = OTHER[name]
    if not flags and category_kind(data["category"]) != data["kind"]:
        flags.append(f"category_of_other_kind:{data['category']}")
    return flags


def _shown(code: str) -> str:
    return code[:CODE_SHOWN]


def settle_position(data: dict[str, Any]) -> list[str]:
    """Load `data`'s position in place, None when it is none; returns the flags a person should see."""
    if data["position"] is None:
        return []
    try:
        data["position"] = _POSITION.load(data["position"])
    except ma.ValidationError:
        data["position"] = None
        return ["odd_position"]
    if data["position"]["lat"] == 0 and data["position"]["lon"] == 0:
        return ["position_0_0"]
    return []
