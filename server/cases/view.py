"""Cases as the wire shows them: rows of a list, one case whole, and the compact rows that phones carry."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.cases.exif_words import exif_says
from server.cases.models import Case, Job, JobResult
from server.cases.need import waiting_words
from server.cases.service import next_steps
from server.cases.timeline import names_of, timeline, words_for
from server.cases.undo import UNDO_WITHIN, undoable
from server.intake.models import Report, ReportPosition, ReportStanding
from server.photos.counts import photo_counts
from server.photos.models import Photo
from server.places.outside.service import opinions_of
from server.store.clock import now, rfc3339
from server.store.events import Event, events_of
from server.store.notes import notes_of

NO_AREA_PLACE: dict[str, Any] = {
    "label": "Place not known yet", "road": None, "locality": None, "postcode": None, "areas": [],
    "grid_reference": None, "easting": None, "northing": None, "plus_code": None, "in_area_served": False,
}  # fmt: skip


def case_rows(session: Session, cases: Sequence[Case]) -> list[dict[str, Any]]:
    """Cases as rows of contract/cases.list.json."""
    ids = [case.id for case in cases]
    photos, pictures, at = photo_counts(session, Photo.case_id, ids), thumbs(session, ids), now()
    return [
        {
            "id": str(case.id), "reference": case.reference, "kind": case.kind, "category": case.category,
            "state": case.state, "label": case.label, "lat": case.lat, "lon": case.lon,
            "opened_at": rfc3339(case.opened_at), "reports": case.report_count,
            "photos": photos[case.id], "thumb_photo_id": pictures.get(case.id), "hazards": case.hazards,
            "flags": case.flags, "witnessed": case.witnessed, "ward_code": case.ward_code, "waste": case.waste,
            "source": case.source, "hotspot_id": _text(case.hotspot_id), "need": case.need,
            "why_here": why_here(case, at), "rev": case.rev,
            "closed_because": case.closed_because, "duplicate_of": _text(case.duplicate_of),
        }
        for case in cases
    ]  # fmt: skip


def why_here(case: Case, at: datetime) -> list[str]:
    """Why an officer should look at this case, in words, most urgent first: what its need is made of, and its age."""
    reasons = [f"hazard: {hazard.replace('_', ' ')}" for hazard in case.hazards]
    reasons += ["witness"] if case.witnessed else []
    reasons += ["repeat place"] if case.hotspot_id is not None else []
    reasons += ["something to check"] if case.flags else []
    waiting = waiting_words(case.opened_at, at) if case.state == "new" else None
    return [*reasons, waiting] if waiting else reasons


def case_whole(session: Session, case: Case) -> dict[str, Any]:
    """A case as contract/case.json: place, reports, what may come next, and its history."""
    jobs = list(session.scalars(sa.select(Job).where(Job.case_id == case.id).order_by(Job.given_at, Job.id)))
    reports, events = _reports_of(session, case.id), events_of(session, case.id)
    notes = notes_of(session, [case.id, *(job.id for job in jobs), *(report.id for report, _, _ in reports)])
    names = names_of(session, {note.by for note in notes} | {event.by for event in events})
    return case_rows(session, [case])[0] | {
        "labelled": case.labelled,
        "place": case.place or NO_AREA_PLACE,
        "second_opinions": opinions_of(session, case.lat, case.lon),
        "reports_detail": _reports(session, reports),
        "jobs": _jobs(session, case, jobs),
        "notes": [
            {"id": str(note.id), "at": rfc3339(note.at), "by": note.by, "by_name": names[note.by], "text": note.text}
            for note in notes
        ],
        "next_steps": next_steps(case),
        "timeline": timeline(session, events, [report for report, _, _ in reports], notes),
        "undoable": [
            {"seq": event.seq, "what": words_for(event), "by": names[event.by],
             "until": rfc3339(event.at + UNDO_WITHIN)}
            for event in undoable(events, now())
        ],
        "events": [
            {"seq": event.seq, "at": rfc3339(event.at), "kind": event.kind, "by": event.by, "hash": event.hash,
             "facts": event.facts}
            for event in events
        ],
    }  # fmt: skip


_Received = tuple[Report, ReportStanding, ReportPosition | None]


def _reports_of(session: Session, case_id: uuid.UUID) -> list[_Received]:
    query = (
        sa.select(Report, ReportStanding, ReportPosition)
        .join(
            ReportStanding,
            sa.and_(ReportStanding.authority_id == Report.authority_id, ReportStanding.id == Report.id),
        )
        .outerjoin(
            ReportPosition,
            sa.and_(
                ReportPosition.authority_id == ReportStanding.authority_id,
                ReportPosition.id == ReportStanding.position_id,
            ),
        )
        .where(ReportStanding.case_id == case_id)
        .order_by(Report.received_at, Report.id)
    )
    return [(report, standing, position) for report, standing, position in session.execute(query)]


def _reports(session: Session, rows: Sequence[_Received]) -> list[dict[str, Any]]:
    photos = _photos_by_report(session, [report.id for report, _, _ in rows])
    senders = {report.id: f"user:{report.user_id}" if report.user_id else "public" for report, _, _ in rows}
    names, reachable = names_of(session, senders.values()), _reachable(session, list(senders))
    return [
        {
            "id": str(report.id), "receipt_code": report.receipt_code, "source": report.source,
            "seen_at": rfc3339(report.seen_at), "received_at": rfc3339(report.received_at),
            "position": _position(position), "where": report.where, "description": report.description,
            "waste": report.waste, "size": report.size, "land": report.land, "hazards": report.hazards,
            "witnessed": report.witnessed, "flags": standing.flags, "suggested_cases": standing.suggested_cases,
            "clock_offset_ms": report.clock_offset_ms, "by": names[senders[report.id]],
            "has_contact": report.id in reachable,
            "photos": [
                photo_row(photo) | {"exif_says": exif_says(photo.exif, report.seen_at, _where(position))}
                for photo in photos.get(report.id, [])
            ],
        }
        for report, standing, position in rows
    ]  # fmt: skip


def _reachable(session: Session, report_ids: list[uuid.UUID]) -> set[uuid.UUID]:
    """The reports whose history says that their sender left a way to reach them, and not that it was erased."""
    kinds = ("report.contact_given", "report.contact_erased")
    told = sa.select(Event.stream_id, Event.kind).where(
        Event.stream_id.in_(report_ids), Event.kind.in_(kinds)
    )
    given: dict[str, set[uuid.UUID]] = {kind: set() for kind in kinds}
    for report_id, kind in session.execute(told):
        given[kind].add(report_id)
    return given[kinds[0]] - given[kinds[1]]


def _where(position: ReportPosition | None) -> tuple[float, float, float | None] | None:
    return (position.lat, position.lon, position.accuracy_m) if position is not None else None


def _position(position: ReportPosition | None) -> dict[str, Any] | None:
    if position is None:
        return None
    return {
        "lat": position.lat, "lon": position.lon, "accuracy_m": position.accuracy_m, "source": position.source,
        "fixed_at": position.fixed_at and rfc3339(position.fixed_at),
    }  # fmt: skip


def _photos_by_report(session: Session, report_ids: list[uuid.UUID]) -> dict[uuid.UUID, list[Photo]]:
    grouped: dict[uuid.UUID, list[Photo]] = {}
    photos = session.scalars(
        sa.select(Photo).where(Photo.report_id.in_(report_ids)).order_by(Photo.taken_at, Photo.id)
    )
    for photo in photos:
        assert photo.report_id is not None
        grouped.setdefault(photo.report_id, []).append(photo)
    return grouped


def photo_row(photo: Photo) -> dict[str, Any]:
    """A photo as officers see it."""
    return {
        "id": str(photo.id), "state": photo.state, "sha256": photo.sha256, "bytes": photo.bytes, "mime": photo.mime,
        "taken_at": photo.taken_at and rfc3339(photo.taken_at), "showable": photo.showable,
        "problem": photo.problem, "exif": photo.exif,
    }  # fmt: skip


def _jobs(session: Session, case: Case, jobs: Sequence[Job]) -> list[dict[str, Any]]:
    ids = [job.id for job in jobs]
    if not ids:
        return []
    crews = names_of(session, {f"user:{job.crew_id}" for job in jobs if job.crew_id})
    visits = list(
        session.scalars(sa.select(JobResult).where(JobResult.job_id.in_(ids)).order_by(JobResult.received_at))
    )
    of_jobs = sa.select(Photo).where(Photo.case_id == case.id, Photo.job_id.in_(ids))
    # Put in order here: asked to, SQLite goes through all photos by their id instead of the case's.
    photos = sorted(session.scalars(of_jobs), key=lambda photo: photo.id)
    return [
        {
            "id": str(job.id), "kind": job.kind, "state": job.state, "text": job.text, "crew_id": _text(job.crew_id),
            "crew_name": crews.get(f"user:{job.crew_id}"),
            "given_at": rfc3339(job.given_at), "due_at": job.due_at and rfc3339(job.due_at),
            "results": [
                {"result": visit.result, "reason": visit.reason, "flags": visit.flags,
                 "received_at": rfc3339(visit.received_at)}
                for visit in visits if visit.job_id == job.id
            ],
            "photos": [photo_row(photo) for photo in photos if photo.job_id == job.id],
        }
        for job in jobs
    ]  # fmt: skip


def thumbs(session: Session, case_ids: list[uuid.UUID]) -> dict[uuid.UUID, str]:
    """For each case the photo that stands for it: the first that can be shown."""
    query = sa.select(Photo.case_id, Photo.id).where(Photo.case_id.in_(case_ids), Photo.showable.is_(True))
    found: dict[uuid.UUID, str] = {}
    for case_id, photo_id in session.execute(query.order_by(Photo.case_id, Photo.verified_at, Photo.id)):
        if case_id is not None:
            found.setdefault(case_id, str(photo_id))
    return found


def _text(value: uuid.UUID | None) -> str | None:
    return str(value) if value else None
