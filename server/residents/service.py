"""A resident's report: the same intake as a phone's, with details apart and two secrets to hold."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import marshmallow as ma
import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.access.models import Authority
from server.access.service import token_hash
from server.cases.models import Case
from server.cases.placing import HELD
from server.errors import Problem, invalid
from server.intake.models import Report, ReportStanding
from server.intake.receipt import receipt_code
from server.intake.schemas import refuse_odd
from server.intake.service import Origin, Submission, accept_report
from server.photos.models import Photo
from server.places.service import locate
from server.residents.abuse import Sender, note_sending, reasons_to_hold
from server.residents.models import Contact, PublicAccess
from server.residents.quarantine import hold, was_refused
from server.store.clock import rfc3339
from server.store.events import PUBLIC, SYSTEM, Actor, Content, append_event, new_salt
from server.store.transaction import ACROSS_AUTHORITIES, lock
from server.store.vouched import vouched_contents

KEEP_CONTACT = timedelta(days=365)
UPLOADS_OPEN = timedelta(days=7)
NEXT = "We look at new reports every working day."
STATUS_WORDS = {
    "received": "We have your report and will look at it on the next working day.",
    "new": "We have your report and will look at it on the next working day.",
    "accepted": "We have looked at your report and are dealing with it.",
    "closed": "We have finished with this report. Thank you for telling us.",
}


@dataclass(frozen=True, slots=True)
class Secrets:
    """The two tokens of a report. Made from the report's id, so that a repeated request is answered the same."""

    status: str
    upload: str

    @classmethod
    def of(cls, secret_key: str, authority_id: uuid.UUID, report_id: uuid.UUID) -> Secrets:
        """HMAC-SHA256 of the purpose and the ids under the installation's secret key."""

        def token(purpose: str) -> str:
            message = f"{purpose}:{authority_id}:{report_id}".encode()
            return hmac.new(secret_key.encode(), message, hashlib.sha256).hexdigest()

        return cls(token("status"), token("upload"))


def take_public_report(
    session: Session, data: dict[str, Any], payload: str, secrets: Secrets, sender: Sender, at: datetime
) -> dict[str, str]:
    """Take a loaded PublicReportSchema; one that looks odd is held for a person, and answered like any other.

    Raises Problem naming every field to mend, or same_id_other_content.
    """
    try:
        refuse_odd(data, at)
    except ma.ValidationError as error:
        raise invalid("invalid_payload", error) from error
    _refuse_unplaced(session, data)
    lock(session, "sendings")  # so that a flood sent all at once is counted too
    reasons = reasons_to_hold(session, sender, data["position"], at)
    submission = Submission(data, payload, Origin("resident", PUBLIC, at), [HELD] if reasons else [])
    outcome = accept_report(session, submission)
    if outcome == "conflict":
        raise Problem(
            "same_id_other_content", "This report was sent before with other content. Start a new one."
        )
    if outcome == "new":
        _keep_apart(session, data, secrets, at)
        note_sending(session, data["id"], sender, data["position"], at)
        if reasons:
            hold(session, data["id"], reasons, at)
    else:
        _open_again(session, data["id"], secrets, at)
    return _answer(data["id"], secrets)


def taken_in_by(session: Session, report_id: uuid.UUID, payload: Callable[[], str]) -> uuid.UUID | None:
    """The authority that has this very report of a resident's, over all of them."""
    # By the councils, because the reports' key begins with theirs.
    everywhere = sa.select(Authority.id).scalar_subquery()
    query = sa.select(Report.authority_id, Report.payload_sha256).where(
        Report.authority_id.in_(everywhere), Report.id == report_id, Report.source == "resident"
    )
    for row in session.execute(query.execution_options(**ACROSS_AUTHORITIES)):
        if row.payload_sha256 == hashlib.sha256(payload().encode()).hexdigest():
            found: uuid.UUID = row.authority_id
            return found
    return None


def answer_again(session: Session, report_id: uuid.UUID, secrets: Secrets, at: datetime) -> dict[str, str]:
    """The answer to a report that was taken in before, whatever would be odd about it today."""
    _open_again(session, report_id, secrets, at)
    return _answer(report_id, secrets)


def _open_again(session: Session, report_id: uuid.UUID, secrets: Secrets, at: datetime) -> None:
    # A phone that comes back after the uploads had closed sends the same report again to open them.
    access = session.get_one(PublicAccess, (session.info["authority_id"], report_id))
    access.upload_until = at + UPLOADS_OPEN
    # The same as before, unless a restored installation goes on with another secret key: what is answered opens.
    access.status_token_hash = token_hash(secrets.status)
    access.upload_token_hash = token_hash(secrets.upload)


def _answer(report_id: uuid.UUID, secrets: Secrets) -> dict[str, str]:
    return {
        "receipt_code": receipt_code(report_id),
        "status_url": f"/status/{secrets.status}",
        "upload_token": secrets.upload,
        "next": NEXT,
    }


def _refuse_unplaced(session: Session, data: dict[str, Any]) -> None:
    position = data["position"]
    if position is None:
        if not data["where"].strip():
            message = "Say where it is: a position, or a few words"
            raise invalid("invalid_payload", ma.ValidationError({"where": [message]}))
        return
    place = locate(session, position["lat"], position["lon"])
    if not place.in_area_served:
        message = (
            "This is outside the area we serve. If not, leave the position out and say in words where it is"
        )
        raise Problem("outside_area", message, {"position": [message]})


def _keep_apart(session: Session, data: dict[str, Any], secrets: Secrets, at: datetime) -> None:
    report_id = data["id"]
    session.add(
        PublicAccess(
            id=report_id, status_token_hash=token_hash(secrets.status), upload_token_hash=token_hash(secrets.upload),
            upload_until=at + UPLOADS_OPEN,
        )
    )  # fmt: skip
    details = {key: value for key, value in data["contact"].items() if value}
    if not details:
        return
    contact = Contact(
        id=uuid.uuid4(), report_id=report_id, salt=new_salt(), erase_after=at + KEEP_CONTACT, **details
    )
    session.add(contact)
    vouched = _vouched(contact)
    facts = {"contact_id": contact.id}
    append_event(
        session,
        ("report", report_id),
        "report.contact_given",
        facts,
        by=PUBLIC,
        at=at,
        contents={"contact": vouched},
    )


def _vouched(contact: Contact) -> Content:
    details = {key: getattr(contact, key) for key in ("email", "name", "phone")}
    return Content(contact.salt, "\n".join(f"{key}={value}" for key, value in details.items() if value))


@vouched_contents(erased_by={"contact": "report.contact_erased"})
def contacts_on_record(session: Session) -> Iterator[tuple[uuid.UUID, str, Content]]:
    """The details of reporters that were not erased yet."""
    for contact in session.scalars(sa.select(Contact)):
        yield contact.report_id, "the reporter's details", _vouched(contact)


def contact_for(session: Session, report_id: uuid.UUID, by: Actor, at: datetime) -> dict[str, str | None]:
    """A reporter's details, for an officer; that they were looked at enters the history. Raises Problem not_found."""
    contact = session.scalars(sa.select(Contact).where(Contact.report_id == report_id)).first()
    if contact is None:
        raise Problem("not_found", "Whoever sent this report left no way to reach them")
    append_event(
        session, ("report", report_id), "report.contact_viewed", {"contact_id": contact.id}, by=by, at=at
    )
    return {"name": contact.name, "email": contact.email, "phone": contact.phone,
            "erase_after": rfc3339(contact.erase_after)}  # fmt: skip


def erase_contacts(session: Session, at: datetime) -> int:
    """Erase the open authority's reporters' details whose time has passed; returns how many."""
    due = list(session.scalars(sa.select(Contact).where(Contact.erase_after <= at)))
    for contact in due:
        facts = {"contact_id": contact.id}
        append_event(session, ("report", contact.report_id), "report.contact_erased", facts, by=SYSTEM, at=at)
        session.delete(contact)
    return len(due)


def find_access(
    session: Session, column: sa.orm.InstrumentedAttribute[str], token: str
) -> PublicAccess | None:
    """The access whose status or upload token this is, over all authorities."""
    query = sa.select(PublicAccess).where(column == token_hash(token))
    return session.scalars(query.execution_options(**ACROSS_AUTHORITIES)).first()


def status(session: Session, report_id: uuid.UUID, at: datetime) -> dict[str, Any]:
    """What became of a report, for the person who sent it."""
    authority_id = session.info["authority_id"]
    report = session.get_one(Report, (authority_id, report_id))
    standing = session.get_one(ReportStanding, (authority_id, report_id))
    case = session.get(Case, (authority_id, standing.case_id)) if standing.case_id else None
    photos = session.execute(sa.select(Photo.id, Photo.state).where(Photo.report_id == report_id)).all()
    verified, missing = (
        sorted(str(photo_id) for photo_id, its in photos if its == wanted)
        for wanted in ("verified", "expected")
    )
    state = case.state if case else "closed" if was_refused(session, report_id) else "received"
    return {
        "receipt_code": report.receipt_code, "state": state, "words": STATUS_WORDS[state],
        "received_at": rfc3339(report.received_at),
        "photos": {"verified": len(verified), "expected": len(photos)}, "verified_photos": verified,
        "missing_photos": missing, "server_time": rfc3339(at),
    }  # fmt: skip
