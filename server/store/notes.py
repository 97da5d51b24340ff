"""Words added after the fact to a report, a case, a job or a kept op, apart from the events that vouch for them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.store.database import Base, OfAuthority
from server.store.events import Actor, Content, new_salt
from server.store.vouched import vouched_contents

SUBJECT_KINDS = ("report", "case", "job", "kept")


class Note(OfAuthority, Base):
    """Free text about one subject."""

    __tablename__ = "note"
    __table_args__ = (
        sa.CheckConstraint(f"subject_kind IN {SUBJECT_KINDS}", name="subject_kind"),
        sa.Index("ix_note_subject", "authority_id", "subject_id"),
    )
    subject_kind: Mapped[str] = mapped_column(sa.String(10))
    subject_id: Mapped[uuid.UUID]
    text: Mapped[str]
    salt: Mapped[str] = mapped_column(sa.String(32))
    by: Mapped[str] = mapped_column(sa.String(80))
    at: Mapped[datetime]


def add_note(session: Session, subject: tuple[str, uuid.UUID], text: str, by: Actor, at: datetime) -> Note:
    """Keep `text` about `subject` (its kind and id). The caller writes the event that vouches for it."""
    note = Note(
        id=uuid.uuid4(),
        subject_kind=subject[0],
        subject_id=subject[1],
        text=text,
        salt=new_salt(),
        by=by.name,
        at=at,
    )
    session.add(note)
    session.flush()
    return note


def notes_of(session: Session, subject_ids: list[uuid.UUID]) -> list[Note]:
    """The notes about any of these subjects, oldest first."""
    return list(
        session.scalars(sa.select(Note).where(Note.subject_id.in_(subject_ids)).order_by(Note.at, Note.id))
    )


@vouched_contents()
def words_on_record(session: Session) -> Iterator[tuple[uuid.UUID, str, Content]]:
    """Every note's text."""
    for note in session.scalars(sa.select(Note).execution_options(yield_per=1000)):
        yield note.subject_id, f"a note on this {note.subject_kind}", Content(note.salt, note.text)
