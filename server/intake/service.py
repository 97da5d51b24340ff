"""A submission becomes a report: written once with its event, its expected photos and the task that places it."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.intake.models import Report, ReportPosition, ReportStanding
from server.intake.receipt import receipt_code
from server.photos.expected import expect_photos, photo_facts
from server.store import deferred
from server.store.clock import rfc3339
from server.store.events import Actor, Content, append_event, new_salt
from server.store.transaction import touch
from server.store.vouched import vouched_contents
from workers.geocoding.grid import to_grid

Outcome = Literal["new", "same", "conflict"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a submission came from. The device's own clock is kept beside the server's, never in its place."""

    source: str
    by: Actor
    received_at: datetime
    user_id: uuid.UUID | None = None
    device_id: uuid.UUID | None = None
    op_id: uuid.UUID | None = None
    device_time: datetime | None = None
    tz_offset_min: int | None = None
    clock_offset_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """What one person sent about one thing: `data` as loaded by ReportCreateSchema, `payload` the exact text."""

    data: dict[str, Any]
    payload: str
    origin: Origin
    flags: list[str] = field(default_factory=list)

    @property
    def payload_sha256(self) -> str:
        """SHA-256 of the payload's UTF-8 bytes."""
        return hashlib.sha256(self.payload.encode()).hexdigest()


ReportWatcher = Callable[[Session, ReportStanding], None]
_watchers: list[ReportWatcher] = []


def report_watcher(watch: ReportWatcher) -> ReportWatcher:
    """Register what else is shown anew when something was added to a report; same transaction."""
    _watchers.append(watch)
    return watch


def accept_report(session: Session, submission: Submission) -> Outcome:
    """Write a report the first time its id is seen.

    new: written · same: the id and the content were here before · conflict: the id was here with other content.
    Raises marshmallow.ValidationError when its photos' ids are taken.
    """
    data = submission.data
    existing = session.get(Report, (session.info["authority_id"], data["id"]))
    if existing is not None:
        return "same" if existing.payload_sha256 == submission.payload_sha256 else "conflict"
    report = _write_report(session, submission)
    photos = expect_photos(
        session, data["photos"], report_id=report.id, device_id=submission.origin.device_id
    )
    facts = {
        "receipt_code": report.receipt_code, "kind": report.kind, "source": report.source,
        "seen_at": rfc3339(report.seen_at), "device_id": report.device_id, "op_id": report.op_id,
        "device_time": report.device_time and rfc3339(report.device_time),
        "clock_offset_ms": report.clock_offset_ms, "photos": photo_facts(photos), "flags": submission.flags,
    }  # fmt: skip
    append_event(
        session, ("report", report.id), "report.received", facts,
        by=submission.origin.by, at=report.received_at, contents={"payload": Content(report.salt, report.payload)},
    )  # fmt: skip
    standing = ReportStanding(id=report.id, flags=submission.flags)
    session.add(standing)
    if data["position"] is not None:
        add_position(session, standing, data["position"], report.received_at)
    deferred.defer(deferred.PLACE_REPORT, report.id)
    return "new"


def _write_report(session: Session, submission: Submission) -> Report:
    data, origin = submission.data, submission.origin
    report = Report(
        id=data["id"], receipt_code=receipt_code(data["id"]), source=origin.source, kind=data["kind"],
        category=data["category"], seen_at=data["seen_at"], received_at=origin.received_at,
        description=data["description"], where=data["where"], waste=data["waste"], size=data["size"],
        land=data["land"], hazards=data["hazards"], witnessed=data["witnessed"], joins=data["joins"],
        device_id=origin.device_id, user_id=origin.user_id, op_id=origin.op_id, device_time=origin.device_time,
        tz_offset_min=origin.tz_offset_min, clock_offset_ms=origin.clock_offset_ms,
        payload=submission.payload, payload_sha256=submission.payload_sha256, salt=new_salt(),
    )  # fmt: skip
    session.add(report)
    session.flush()
    return report


def add_position(
    session: Session, standing: ReportStanding, position: dict[str, Any], at: datetime
) -> ReportPosition:
    """Put a position on record and let it count from now on; earlier ones stay on record."""
    grid = to_grid(position["lat"], position["lon"])
    row = ReportPosition(
        id=uuid.uuid4(), report_id=standing.id, lat=position["lat"], lon=position["lon"],
        easting=grid.easting if grid else None, northing=grid.northing if grid else None,
        accuracy_m=position["accuracy_m"], source=position["source"], fixed_at=position["fixed_at"], received_at=at,
    )  # fmt: skip
    session.add(row)
    session.flush()
    standing.position_id = row.id
    return row


def locate_report(
    session: Session, report: Report, position: dict[str, Any], by: Actor, at: datetime
) -> None:
    """Give a report a position, or a better one, and have it placed again."""
    standing = standing_of(session, report.id)
    row = add_position(session, standing, position, at)
    facts = {
        "position_id": row.id, "lat": row.lat, "lon": row.lon, "accuracy_m": row.accuracy_m, "source": row.source,
        "fixed_at": row.fixed_at and rfc3339(row.fixed_at),
    }  # fmt: skip
    append_event(session, ("report", report.id), "report.located", facts, by=by, at=at)
    deferred.defer(deferred.PLACE_REPORT, report.id)


def add_to_standing(session: Session, report_id: uuid.UUID) -> ReportStanding:
    """The standing of a report that something was added to; whoever shows it shows it anew."""
    standing = standing_of(session, report_id)
    touch(session, standing)
    for watch in _watchers:
        watch(session, standing)
    return standing


def standing_of(session: Session, report_id: uuid.UUID) -> ReportStanding:
    """Where a report stands, locked until the end of the transaction."""
    return session.scalars(
        sa.select(ReportStanding).where(ReportStanding.id == report_id).with_for_update()
    ).one()


@vouched_contents()
def payloads_on_record(session: Session) -> Iterator[tuple[uuid.UUID, str, Content]]:
    """Every report's payload, as it was received."""
    reports = sa.select(Report.id, Report.salt, Report.payload).execution_options(yield_per=1000)
    for report_id, salt, payload in session.execute(reports):
        yield report_id, "the report's payload", Content(salt, payload)
