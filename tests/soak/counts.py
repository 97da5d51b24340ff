"""What the soak found: everything the phones called saved, held against the rows, the record and the files."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.cases.models import JobResult
from server.intake.models import AppliedOp, Report, ReportPosition
from server.photos.models import Photo
from server.photos.service import file_store
from server.store.checkpoints import verify
from server.store.events import SYSTEM, Event
from server.store.notes import Note
from server.store.transaction import reading
from tests.faults.conftest import Town
from tests.soak.phone import SoakPhone

# An op takes effect as one event of this kind.
EFFECTS = {
    "report.create": "report.received", "report.locate": "report.located", "report.add": "report.added",
    "case.note": "case.noted", "job.note": "case.job_noted", "job.result": "case.job_result",
}  # fmt: skip


# What an event or a row is, and which: the id of what it is about, or a note's words, which no two have alike.
Effect = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """How many ops the phones called saved, how many are on the server, lost and doubled; likewise their photos.

    `without_effect`: on the server by their id, but with no event or no row that says what they did.
    """

    saved: int
    on_server: int
    lost: int
    doubled: int
    without_effect: int
    visible: int
    photos: int
    photos_verified: int
    photos_lost: int
    not_converged: list[str]
    record: list[str]

    @property
    def whole(self) -> bool:
        """Whether the promise was kept; all that the phones save can be taken in, so none may be left for a person."""
        wrong = (
            self.lost,
            self.doubled,
            self.without_effect,
            self.visible,
            self.photos_lost,
            self.not_converged,
        )
        return not (any(wrong) or self.record)


def count(town: Town, phones: Sequence[SoakPhone]) -> Found:
    """Count, once everything was sent and no task is left."""
    saved = {op_id: op for phone in phones for op_id, op in phone.saved.items()}
    photos = {photo_id: content for phone in phones for photo_id, content in phone.photos.items()}
    visible = {op_id for phone in phones for op_id in phone.needs_you}
    with town.stack.app(), reading(town.council.id) as session:
        hashes = {
            str(op_id): sha256
            for op_id, sha256 in session.execute(sa.select(AppliedOp.id, AppliedOp.payload_sha256))
        }
        there = {op_id for op_id, op in saved.items() if hashes.get(op_id) == op["payload_sha256"]}
        verified = _verified(session, photos)
        beyond, short = _effects(session, [saved[op_id] for op_id in there])
        return Found(
            saved=len(saved),
            on_server=len(there),
            lost=len(saved.keys() - there - visible),
            doubled=beyond,
            without_effect=short,
            visible=len(visible),
            photos=len(photos),
            photos_verified=verified,
            photos_lost=len(photos) - verified,
            not_converged=_not_converged(phones),
            record=[f"{finding.stream_id}: {finding.what}" for finding in verify(session)],
        )


def _effects(session: Session, ops: Iterable[dict[str, Any]]) -> tuple[int, int]:
    """How many effects there are beyond one for each op, and how many are missing: in the record, or in the rows."""
    recorded: Counter[Effect] = Counter()
    written: Counter[Effect] = Counter()
    for op in ops:
        recorded[_in_record(EFFECTS[op["type"]], op["entity_id"])] += 1
        written.update(_rows_of(op))
    found = [(recorded, _events(session)), (written, _rows(session))]
    beyond = max((there - due).total() for due, there in found)
    short = max((due - there).total() for due, there in found)
    return beyond, short


def _in_record(kind: str, about: str) -> Effect:
    """An event, of the report it is about; what is said of a case goes with it where cases are merged."""
    return kind, about if kind.startswith("report.") else ""


def _events(session: Session) -> Counter[Effect]:
    query = sa.select(Event.kind, Event.stream_id).where(Event.kind.in_(EFFECTS.values()))
    return Counter(_in_record(kind, str(about)) for kind, about in session.execute(query))


def _rows_of(op: dict[str, Any]) -> list[Effect]:
    said, about = json.loads(op["payload"]), op["entity_id"]
    match op["type"]:
        case "report.create":
            return [("report", about), ("position", about)]
        case "report.locate":
            return [("position", about)]
        case "job.result":
            return [("job_result", about)]
        case "report.add":
            return [("note", said["description"])]
        case _:
            return [("note", said["text"])]


def _rows(session: Session) -> Counter[Effect]:
    # Why Tipwatch itself merged two cases, once a report was located, is a note too, and of no op.
    notes = sa.select(Note.text).where(Note.by != SYSTEM.name)
    queries = {
        "report": sa.select(Report.id), "position": sa.select(ReportPosition.report_id),
        "job_result": sa.select(JobResult.job_id), "note": notes,
    }  # fmt: skip
    return Counter((what, str(about)) for what, query in queries.items() for about in session.scalars(query))


def _verified(session: Session, photos: dict[str, bytes]) -> int:
    """How many photos the server calls verified, whose stored originals are the very bytes the phone had."""
    files = file_store()
    rows = {str(photo.id): photo for photo in session.scalars(sa.select(Photo))}
    good = 0
    for photo_id, content in photos.items():
        row = rows.get(photo_id)
        if row is None or row.state != "verified":
            continue
        good += files.original(row.authority_id, row.sha256).read_bytes() == content
    return good


def _not_converged(phones: Sequence[SoakPhone]) -> list[str]:
    """What differs in rows of cases, jobs and hotspots between the phones, which all have the same scope."""
    shared = ("case", "job", "hotspot")
    first = {key: row for key, row in phones[0].copy.items() if key[0] in shared}
    different = []
    for phone in phones[1:]:
        theirs = {key: row for key, row in phone.copy.items() if key[0] in shared}
        for key in sorted(key for key in first.keys() | theirs.keys() if first.get(key) != theirs.get(key)):
            ours, their = first.get(key) or {}, theirs.get(key) or {}
            names = sorted(name for name in ours.keys() | their.keys() if ours.get(name) != their.get(name))
            parts = [f"{name} {ours.get(name)!r} and {their.get(name)!r}" for name in names]
            different.append(f"{' '.join(key)}: {', '.join(parts)}")
    return different
