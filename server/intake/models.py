"""Reports as they were received, where they stand now, and every operation a phone has sent."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from server.store.database import Base, OfAuthority, Revised, by_revision, within_authority

KINDS = ("fly_tip", "incident")
SOURCES = ("crew", "officer", "resident", "open311")
KEPT_BECAUSE = ("conflict", "rejected", "dead_letter")
POSITION_SOURCES = ("gps", "pin", "typed", "photo")


class Report(OfAuthority, Base):
    """What one person sent about one thing seen once. The database refuses to alter or delete it.

    `payload` is the exact text that was sent; the other columns are what was read from it.
    """

    __tablename__ = "report"
    __table_args__ = (
        within_authority("device_id", "device"),
        within_authority("user_id", "user"),
        sa.CheckConstraint(f"kind IN {KINDS}", name="kind"),
        sa.CheckConstraint(f"source IN {SOURCES}", name="source"),
        sa.Index("ix_report_receipt", "authority_id", "receipt_code"),
    )
    receipt_code: Mapped[str] = mapped_column(sa.String(11))
    source: Mapped[str] = mapped_column(sa.String(20))
    kind: Mapped[str] = mapped_column(sa.String(20))
    category: Mapped[str] = mapped_column(sa.String(40))
    seen_at: Mapped[datetime]
    received_at: Mapped[datetime]
    description: Mapped[str]
    where: Mapped[str]
    waste: Mapped[list[str]]
    size: Mapped[str | None] = mapped_column(sa.String(40))
    land: Mapped[str | None] = mapped_column(sa.String(40))
    hazards: Mapped[list[str]]
    witnessed: Mapped[bool]
    # The case the sender said it belongs to. No foreign key: the phone may name one that never was.
    joins: Mapped[uuid.UUID | None]
    device_id: Mapped[uuid.UUID | None]
    user_id: Mapped[uuid.UUID | None]
    op_id: Mapped[uuid.UUID | None]
    device_time: Mapped[datetime | None]
    tz_offset_min: Mapped[int | None]
    clock_offset_ms: Mapped[int | None] = mapped_column(sa.BigInteger)
    payload: Mapped[str]
    payload_sha256: Mapped[str] = mapped_column(sa.String(64))
    salt: Mapped[str] = mapped_column(sa.String(32))


class ReportPosition(OfAuthority, Base):
    """One position given for a report. All of them stay on record; the newest counts."""

    __tablename__ = "report_position"
    __table_args__ = (
        within_authority("report_id", "report"),
        sa.CheckConstraint("lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name="degrees"),
        sa.CheckConstraint("accuracy_m IS NULL OR accuracy_m >= 0", name="accuracy"),
        sa.CheckConstraint(f"source IN {POSITION_SOURCES}", name="source"),
        sa.Index("ix_report_position_report", "authority_id", "report_id"),
    )
    report_id: Mapped[uuid.UUID]
    lat: Mapped[float]
    lon: Mapped[float]
    # OSGB36 metres; null outside Great Britain.
    easting: Mapped[float | None]
    northing: Mapped[float | None]
    accuracy_m: Mapped[float | None]
    source: Mapped[str] = mapped_column(sa.String(10))
    fixed_at: Mapped[datetime | None]
    received_at: Mapped[datetime]


class ReportStanding(OfAuthority, Revised, Base):
    """Where a report stands now: its case, its counting position, its place, and what a person should look at.

    `flags` are words such as `outside_area`, `time_in_future`, `unknown_waste:sofa`.
    """

    __tablename__ = "report_standing"
    __table_args__ = (
        by_revision("report_standing"),
        within_authority("id", "report", name="fk_report_standing_report"),
        within_authority("case_id", "case"),
        within_authority("position_id", "report_position"),
        sa.Index("ix_report_standing_case", "authority_id", "case_id"),
        sa.Index("ix_report_standing_placed", "authority_id", "placed_at"),
    )
    case_id: Mapped[uuid.UUID | None]
    position_id: Mapped[uuid.UUID | None]
    placed_position_id: Mapped[uuid.UUID | None]
    placed_at: Mapped[datetime | None]
    place: Mapped[dict[str, Any] | None]
    suggested_cases: Mapped[list[str]] = mapped_column(default=list)
    flags: Mapped[list[str]] = mapped_column(default=list)


class AppliedOp(OfAuthority, Revised, Base):
    """An operation that took effect, with the result that every resend is answered with."""

    __tablename__ = "applied_op"
    __table_args__ = (within_authority("device_id", "device"), by_revision("applied_op"))
    stamped_first: ClassVar[bool] = True
    device_id: Mapped[uuid.UUID]
    user_id: Mapped[uuid.UUID]
    seq: Mapped[int] = mapped_column(sa.BigInteger)
    type: Mapped[str] = mapped_column(sa.String(40))
    entity_id: Mapped[uuid.UUID]
    payload_sha256: Mapped[str] = mapped_column(sa.String(64))
    received_at: Mapped[datetime]
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)


class HeldOp(OfAuthority, Base):
    """An operation whose predecessor has not arrived. `waits_for` is that op, or the entity it is about."""

    __tablename__ = "held_op"
    __table_args__ = (
        within_authority("device_id", "device"),
        sa.Index("ix_held_op_waits_for", "authority_id", "waits_for"),
    )
    device_id: Mapped[uuid.UUID]
    user_id: Mapped[uuid.UUID]
    waits_for: Mapped[uuid.UUID]
    payload_sha256: Mapped[str] = mapped_column(sa.String(64))
    raw: Mapped[str]
    received_at: Mapped[datetime]


class KeptOp(OfAuthority, Base):
    """An operation that could not take effect, kept whole for an officer, also once one has settled it.

    conflict: its id was here with other content · rejected: a person had to mend it · dead_letter: the phone handed
    it over as it was, or it waited in vain for what it builds on.
    """

    __tablename__ = "kept_op"
    __table_args__ = (
        within_authority("device_id", "device"),
        within_authority("settled_by", "user"),
        sa.CheckConstraint(f"why IN {KEPT_BECAUSE}", name="why"),
        sa.UniqueConstraint("authority_id", "raw_sha256"),
        sa.Index("ix_kept_op_op", "authority_id", "op_id"),
        sa.Index("ix_kept_op_received", "authority_id", "received_at"),
    )
    op_id: Mapped[str | None] = mapped_column(sa.String(100))
    why: Mapped[str] = mapped_column(sa.String(20))
    device_id: Mapped[uuid.UUID | None]
    user_id: Mapped[uuid.UUID | None]
    raw: Mapped[str]
    raw_sha256: Mapped[str] = mapped_column(sa.String(64))
    problem: Mapped[dict[str, Any]]
    received_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[uuid.UUID | None]
