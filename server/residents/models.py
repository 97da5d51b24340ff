"""What residents give beside the report itself, kept apart from it."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from server.store.database import Base, OfAuthority, within_authority


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
