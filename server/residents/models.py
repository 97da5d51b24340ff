"""What residents give beside the report itself, kept apart from it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from server.store.database import Base, OfAuthority, within_authority

# The column named `bytes` hides the type of that name from the class that has both.
Picture = bytes


class Contact(OfAuthority, Base):
    """How to reach a reporter. Lives apart from the report, may be erased, and is erased when `erase_after` passes."""

    __tablename__ = "contact"
    __table_args__ = (
        within_authority("report_id", "report"),
        sa.UniqueConstraint("authority_id", "report_id"),
    )
    report_id: Mapped[uuid.UUID]
    name: Mapped[str | None] = mapped_column(sa.String(200))
    email: Mapped[str | None] = mapped_column(sa.String(254))
    phone: Mapped[str | None] = mapped_column(sa.String(40))
    salt: Mapped[str] = mapped_column(sa.String(32))
    erase_after: Mapped[datetime]


class PublicAccess(OfAuthority, Base):
    """The two secrets a resident holds: one to follow the report, one to send its photos. Only hashes are kept.

    The id is the report's.
    """

    __tablename__ = "public_access"
    __table_args__ = (within_authority("id", "report", name="fk_public_access_report"),)
    status_token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    upload_token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    upload_until: Mapped[datetime]


class Draft(OfAuthority, Base):
    """A form being filled in, found by its browser's cookie and swept after a day. Its id becomes the report's.

    `answers` holds each question's answer under the question's name. Once sent they are gone from here, and the row
    stays a while only so that a second press of the button finds the same report.
    """

    __tablename__ = "draft"
    __table_args__ = (sa.Index("ix_draft_touched", "touched_at"),)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    begun_at: Mapped[datetime]
    touched_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    # Somebody, or something, filled in the field that people do not see.
    trap_filled: Mapped[bool] = mapped_column(default=False)


class DraftPhoto(OfAuthority, Base):
    """A photo of a draft. Its bytes lie among the uploads under this id, which becomes the photo's.

    `thumb` is a small JPEG for the form's own pages; None when the photo cannot be shown.
    """

    __tablename__ = "draft_photo"
    __table_args__ = (
        within_authority("draft_id", "draft"),
        sa.Index("ix_draft_photo_draft", "authority_id", "draft_id"),
    )
    draft_id: Mapped[uuid.UUID]
    name: Mapped[str] = mapped_column(sa.String(200))
    mime: Mapped[str] = mapped_column(sa.String(100))
    size_bytes: Mapped[int] = mapped_column(sa.BigInteger)
    sha256: Mapped[str] = mapped_column(sa.String(64))
    thumb: Mapped[Picture | None] = mapped_column(sa.LargeBinary)
    added_at: Mapped[datetime]


class Sending(OfAuthority, Base):
    """That a report was sent, from where and about where, so that a flood can be told. The id is the report's.

    `address_hash` cannot be turned back into the address without the installation's key. Rows go after a day.
    """

    __tablename__ = "sending"
    __table_args__ = (
        within_authority("id", "report", name="fk_sending_report"),
        sa.Index("ix_sending_sent", "authority_id", "sent_at"),
    )
    sent_at: Mapped[datetime]
    address_hash: Mapped[str] = mapped_column(sa.String(64))
    # OSGB36 metres; null when the report has no position.
    easting: Mapped[float | None]
    northing: Mapped[float | None]


class Quarantined(OfAuthority, Base):
    """A report held back until a person has looked: it has no case meanwhile. The id is the report's.

    It waits until it is released or refused; one that was refused can still be released.
    """

    __tablename__ = "quarantined"
    __table_args__ = (
        within_authority("id", "report", name="fk_quarantined_report"),
        within_authority("released_by", "user"),
        within_authority("refused_by", "user"),
        sa.Index("ix_quarantined_held", "authority_id", "released_at", "held_at"),
    )
    reasons: Mapped[list[str]]
    held_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
    released_by: Mapped[uuid.UUID | None]
    refused_at: Mapped[datetime | None]
    refused_by: Mapped[uuid.UUID | None]
