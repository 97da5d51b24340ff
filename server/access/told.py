"""What phones tell of themselves beside what they send, so that the office sees one that needs help."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import marshmallow as ma
import sqlalchemy as sa
from marshmallow import validate
from sqlalchemy.orm import Session

from server.access.models import Device
from server.fields import FreeText, UtcTime
from server.store.transaction import ACROSS_AUTHORITIES, reading

# What has not changed is written again only so often: a pull should not wait for the others' writes.
TELL_EVERY = timedelta(minutes=10)
# Nor is that it was in touch: pushes one after the other are one contact.
IN_TOUCH_FOR = timedelta(seconds=30)
# What was saved on a phone this long ago and has not come should be looked after.
STUCK_AFTER = timedelta(days=1)


class StatusSchema(ma.Schema):
    """How many items wait on a phone, since when, and which app it runs."""

    class Meta:
        unknown = ma.EXCLUDE

    unsent = ma.fields.Integer(validate=validate.Range(0, 1_000_000))
    oldest_unsent_at = UtcTime(allow_none=True)
    app_version = FreeText(validate=validate.Length(1, 40))
    clock_offset_ms = ma.fields.Integer(validate=validate.Range(-(2**53), 2**53))


_STATUS = StatusSchema()


def readable(status: Any, ops: Any = None) -> dict[str, Any]:
    """The members of what a phone told that can be read, and how far its clock was out by the last op it sent.

    Odd ones are left out: they stop nothing else.
    """
    told = (dict(status) if isinstance(status, Mapping) else {}) | _offset_of(ops)
    try:
        known: dict[str, Any] = _STATUS.load(told)
    except ma.ValidationError as odd:
        known = _STATUS.load({name: told[name] for name in told if name not in odd.messages_dict})
    return known


def _offset_of(ops: Any) -> dict[str, Any]:
    last = ops[-1] if isinstance(ops, list) and ops else None
    offset = last.get("clock_offset_ms") if isinstance(last, Mapping) else None
    return {} if offset is None else {"clock_offset_ms": offset}


def is_news(device: Any, told: dict[str, Any], at: datetime) -> bool:
    """Whether what a phone told should be written down, given its row."""
    if not told:
        return False
    changed = any(getattr(device, name) != value for name, value in told.items())
    return changed or device.told_at is None or at - device.told_at >= TELL_EVERY


def note_told(session: Session, device_id: uuid.UUID, told: dict[str, Any], at: datetime) -> None:
    """Write down what a phone told, as `readable` read it."""
    device = session.get_one(Device, (session.info["authority_id"], device_id))
    for name, value in told.items():
        setattr(device, name, value)
    device.told_at = device.last_seen_at = at


def note_contact(session: Session, device: Any, told: dict[str, Any], at: datetime) -> None:
    """Write down that the phone of this row was in touch, and what it told."""
    if is_news(device, told, at):
        note_told(session, device.id, told, at)
    elif device.last_seen_at is None or at - device.last_seen_at >= IN_TOUCH_FOR:
        session.get_one(Device, (session.info["authority_id"], device.id)).last_seen_at = at


def phones_stuck(at: datetime) -> int:
    """How many phones in use, of all councils, hold something for over a day: by what each last told, and its clock."""
    stuck = sa.select(sa.func.count(Device.id)).where(
        Device.revoked_at.is_(None), Device.unsent > 0, Device.oldest_unsent_at < at - STUCK_AFTER
    )
    with reading(None) as session:
        return session.scalars(stuck, execution_options=ACROSS_AUTHORITIES).one()
