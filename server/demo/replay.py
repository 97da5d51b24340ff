"""One planned case lived through: sent, placed, its photo received, decided, given to a crew. By the services
that do the same for real reports, at the times of the plan."""

from __future__ import annotations

import hashlib
import io
import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy.orm import Session

from server.cases.models import Case
from server.cases.opening import LOCAL
from server.cases.placing import find_place, place_report
from server.cases.service import decide, give_job
from server.demo.people import CREW, OFFICER, SECOND_CREW, Member, Person
from server.demo.pictures import draw_photo
from server.demo.seed import PlannedCase
from server.intake.schemas import ReportCreateSchema, settle
from server.intake.service import Origin, Submission, accept_report, standing_of
from server.photos.models import Photo
from server.photos.service import file_store, look_at_photo, mark_received, record_findings
from server.photos.uploads import Body, Promise, begin, receive
from server.store.clock import rfc3339
from server.store.events import PUBLIC

_SECOND, _MINUTE = timedelta(seconds=1), timedelta(minutes=1)
_WITHIN = timedelta(hours=20)


@dataclass(frozen=True, slots=True)
class JobToGive:
    """Field work to give once the case is accepted. `crew` None: any crew; `due` is aware."""

    kind: str
    text: str
    crew: Person | None
    due: datetime


@dataclass(frozen=True, slots=True)
class Extras:
    """What only some cases of the demo have."""

    photo: bool = False
    job: JobToGive | None = None
    own_crew: bool = False


def replay(
    session: Session, planned: PlannedCase, extras: Extras, people: dict[Person, Member], now: datetime
) -> None:
    """Write the case as it went, every step before `now`."""
    arrived_at = received_at(planned)
    picture = draw_photo(Random(planned.report_id.int), planned.waste[0]) if extras.photo else None
    sender = None if planned.source == "resident" else people[CREW if extras.own_crew else SECOND_CREW]
    accept_report(session, _submission(planned, picture, sender, arrived_at))
    place_report(session, planned.report_id, find_place(session, planned.report_id), arrived_at + 5 * _SECOND)
    if picture is not None and sender is not None:
        _send_photo(session, photo_id(planned), picture, sender, arrived_at + 8 * _SECOND)
    case_id = standing_of(session, planned.report_id).case_id
    case = session.get_one(Case, (session.info["authority_id"], case_id))
    decide_as_planned(session, case, planned, extras.job, people, now)


def received_at(planned: PlannedCase) -> datetime:
    """When the report reached the council: between one and fifteen minutes after it was seen."""
    return planned.seen_at + timedelta(seconds=Random(planned.report_id.int).randrange(60, 900))


def _submission(
    planned: PlannedCase, picture: bytes | None, sender: Member | None, at: datetime
) -> Submission:
    payload = json.dumps(_payload(planned, picture), ensure_ascii=False)
    data: dict[str, Any] = ReportCreateSchema().load(json.loads(payload))
    if sender is None:
        origin = Origin("resident", PUBLIC, at)
    else:
        origin = Origin(
            "crew", sender.actor, at, user_id=sender.user_id, device_id=sender.device_id,
            device_time=at,
        )  # fmt: skip
    return Submission(data, payload, origin, settle(data, at))


def _payload(planned: PlannedCase, picture: bytes | None) -> dict[str, Any]:
    """The report as its sender's phone or browser would have stored it."""
    seen_at = rfc3339(planned.seen_at)
    return {
        "id": str(planned.report_id), "kind": planned.kind, "category": planned.category, "seen_at": seen_at,
        "position": {
            "lat": planned.lat, "lon": planned.lon, "accuracy_m": planned.accuracy_m,
            "source": "pin" if planned.accuracy_m is None else "gps", "fixed_at": seen_at,
        },
        "description": planned.description, "waste": list(planned.waste), "size": planned.size,
        "land": planned.land, "hazards": list(planned.hazards), "witnessed": planned.witnessed, "joins": None,
        "photos": [] if picture is None else [
            {
                "id": str(photo_id(planned)), "sha256": hashlib.sha256(picture).hexdigest(),
                "bytes": len(picture), "mime": "image/jpeg", "taken_at": seen_at,
            }
        ],
        "extra": {"demo": True},
    }  # fmt: skip


def photo_id(planned: PlannedCase) -> uuid.UUID:
    """The id of the case's photo, if it has one."""
    return uuid.uuid5(planned.report_id, "photo")


def _send_photo(session: Session, photo_id: uuid.UUID, picture: bytes, sender: Member, at: datetime) -> None:
    """Upload, receive and verify a photo. Goes on where a seeding that was killed left its file."""
    files = file_store()
    promise = Promise.of(session.get_one(Photo, (session.info["authority_id"], photo_id)))
    offset, _ = begin(files, promise)
    if offset < len(picture):
        rest = picture[offset:]
        receive(files, promise, offset, Body(io.BytesIO(rest), len(rest)))
    mark_received(session, photo_id, sender.actor, at)
    record_findings(session, photo_id, look_at_photo(session, photo_id, files), at + 3 * _SECOND)


def decide_as_planned(
    session: Session, case: Case, planned: PlannedCase, job: JobToGive | None, people: dict[Person, Member],
    now: datetime,
) -> None:  # fmt: skip
    """Accept the case, give the job, close the case: as far as the plan says it has come."""
    if planned.state == "new":
        return
    rng = Random(planned.report_id.int)
    officer = people[OFFICER].actor
    soonest, latest = case.opened_at + _MINUTE, now
    if planned.days_to_clear is not None:
        latest = max(planned.seen_at + timedelta(days=planned.days_to_clear), soonest + _MINUTE)
    accepted_at = _in_office_hours(
        rng, soonest + min((latest - soonest) / 3, _WITHIN), soonest, latest - _MINUTE
    )
    decide(session, case, "accept", "", None, officer, accepted_at)
    if job is not None:
        crew_id = people[job.crew].user_id if job.crew is not None else None
        give_job(session, case, job.kind, job.text, crew_id, job.due, officer, accepted_at + 30 * _SECOND)
    if planned.state == "closed":
        closed_at = _in_office_hours(rng, latest, accepted_at, latest)
        decide(session, case, "close", "", None, officer, closed_at)


def _in_office_hours(rng: Random, moment: datetime, soonest: datetime, latest: datetime) -> datetime:
    """A time in office hours on the day of `moment`, the day before or the next, if one lies in the bounds."""
    clock = time(rng.randrange(9, 17), rng.randrange(60), rng.randrange(60))
    for days in (0, -1, 1):
        day = moment.astimezone(LOCAL).date() + timedelta(days=days)
        if soonest <= (likely := datetime.combine(day, clock, tzinfo=LOCAL).astimezone(UTC)) <= latest:
            return likely
    return moment.replace(microsecond=0)
