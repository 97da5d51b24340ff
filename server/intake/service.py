"""A submission becomes a report: written once with its event, its expected photos and the task that places it."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.intake.models import Report, ReportPosition, ReportStanding
from server.intake.receipt import receipt_code
from server.photos.expected import Expected, expect_photos, photo_facts
from server.store import deferred
from server.store.clock import rfc3339
from server.store.events import Actor, Content, Entry, append_event, begin_streams, new_salt
from server.store.transaction import insert_new_rows, insert_rows, locked_row, touch
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
    return accept_reports(session, [submission])[0]


def accept_reports(session: Session, submissions: Sequence[Submission]) -> list[Outcome]:
    """As `accept_report`, for many at once, each with an id of its own: one statement for each table."""
    rows = [_report_row(submission) for submission in submissions]
    inserted = insert_new_rows(session, Report, rows)
    fresh = [
        (submission, row) for submission, row in zip(submissions, rows, strict=True) if row["id"] in inserted
    ]
    _write_around(session, [submission for submission, _ in fresh], [row for _, row in fresh])
    there = _digests(session, [row["id"] for row in rows if row["id"] not in inserted])
    return [
        "new"
        if row["id"] in inserted
        else "same"
        if there[row["id"]] == row["payload_sha256"]
        else "conflict"
        for row in rows
    ]


def _digests(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    if not ids:
        return {}
    query = sa.select(Report.id, Report.payload_sha256).where(Report.id.in_(ids))
    return {row.id: row.payload_sha256 for row in session.execute(query)}


def _report_row(submission: Submission) -> dict[str, Any]:
    data, origin = submission.data, submission.origin
    return {
        "id": data["id"], "receipt_code": receipt_code(data["id"]), "source": origin.source, "kind": data["kind"],
        "category": data["category"], "seen_at": data["seen_at"], "received_at": origin.received_at,
        "description": data["description"], "where": data["where"], "waste": data["waste"], "size": data["size"],
        "land": data["land"], "hazards": data["hazards"], "witnessed": data["witnessed"], "joins": data["joins"],
        "device_id": origin.device_id, "user_id": origin.user_id, "op_id": origin.op_id,
        "device_time": origin.device_time, "tz_offset_min": origin.tz_offset_min,
        "clock_offset_ms": origin.clock_offset_ms, "payload": submission.payload,
        "payload_sha256": submission.payload_sha256, "salt": new_salt(),
    }  # fmt: skip


def _write_around(
    session: Session, submissions: Sequence[Submission], reports: Sequence[dict[str, Any]]
) -> None:
    """What belongs to new reports: photos to come, first events, positions, standings, and their placing."""
    expected = [
        Expected(submission.data["photos"], report_id=report["id"], device_id=report["device_id"])
        for submission, report in zip(submissions, reports, strict=True)
    ]
    photos = expect_photos(session, *expected)
    begin_streams(session, list(map(_received, submissions, reports, photos)))
    positions = {
        report["id"]: _position_row(report["id"], submission.data["position"], report["received_at"])
        for submission, report in zip(submissions, reports, strict=True)
        if submission.data["position"] is not None
    }
    insert_rows(session, ReportPosition, list(positions.values()))
    standings = [
        {
            "id": report["id"], "position_id": positions[report["id"]]["id"] if report["id"] in positions else None,
            "flags": submission.flags,
        }
        for submission, report in zip(submissions, reports, strict=True)
    ]  # fmt: skip
    insert_rows(session, ReportStanding, standings)
    deferred.defer_each(deferred.PLACE_REPORT, [report["id"] for report in reports])


def _received(submission: Submission, report: dict[str, Any], photos: list[dict[str, Any]]) -> Entry:
    """The first event of a report's history."""
    facts = {
        "receipt_code": report["receipt_code"], "kind": report["kind"], "source": report["source"],
        "seen_at": rfc3339(report["seen_at"]), "device_id": report["device_id"], "op_id": report["op_id"],
        "device_time": report["device_time"] and rfc3339(report["device_time"]),
        "clock_offset_ms": report["clock_offset_ms"], "photos": photo_facts(photos), "flags": submission.flags,
    }  # fmt: skip
    payload = Content(report["salt"], report["payload"])
    return Entry(
        ("report", report["id"]), "report.received", facts, submission.origin.by, report["received_at"],
        {"payload": payload},
    )  # fmt: skip


def _position_row(report_id: uuid.UUID, position: dict[str, Any], at: datetime) -> dict[str, Any]:
    grid = to_grid(position["lat"], position["lon"])
    return {
        "id": uuid.uuid4(), "report_id": report_id, "lat": position["lat"], "lon": position["lon"],
        "easting": grid.easting if grid else None, "northing": grid.northing if grid else None,
        "accuracy_m": position["accuracy_m"], "source": position["source"], "fixed_at": position["fixed_at"],
        "received_at": at,
    }  # fmt: skip


def add_position(
    session: Session, standing: ReportStanding, position: dict[str, Any], at: datetime
) -> ReportPosition:
    """Put a position on record and let it count from now on; earlier ones stay on record."""
    row = ReportPosition(**_position_row(standing.id, position, at))
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
    standing = locked_row(session, ReportStanding, report_id)
    assert standing is not None, "every report has one"
    return standing


@vouched_contents()
def payloads_on_record(session: Session) -> Iterator[tuple[uuid.UUID, str, Content]]:
    """Every report's payload, as it was received."""
    reports = sa.select(Report.id, Report.salt, Report.payload).execution_options(yield_per=1000)
    for report_id, salt, payload in session.execute(reports):
        yield report_id, "the report's payload", Content(salt, payload)
