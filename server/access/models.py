"""Councils, their users, the users' phones, and the credentials of each."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from server.store.database import Base, OfAuthority, within_authority

ROLES = ("crew", "officer", "manager", "admin")
LINK_PURPOSES = ("invite", "reset", "enrol")


class Authority(Base):
    """A council. `bounds` is [west, south, east, north] in degrees once its boundary is known.

    `area_code`: which of the outlines loaded is its own; with none all of them are served.
    """

    __tablename__ = "authority"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    slug: Mapped[str] = mapped_column(sa.String(40), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    reference_prefix: Mapped[str] = mapped_column(sa.String(4))
    demo: Mapped[bool] = mapped_column(default=False)
    bounds: Mapped[list[Any] | None] = mapped_column(sa.JSON)
    area_code: Mapped[str | None] = mapped_column(sa.String(60))
    gazetteer_version: Mapped[int] = mapped_column(default=0)
    # When names or areas last changed: reports placed before then are placed anew.
    gazetteer_changed_at: Mapped[datetime | None]


class User(OfAuthority, Base):
    """A person who signs in. The email is stored in lower case and is unique over all councils."""

    __tablename__ = "user"
    __table_args__ = (sa.CheckConstraint(f"role IN {ROLES}", name="role"),)
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    role: Mapped[str] = mapped_column(sa.String(20))
    password_hash: Mapped[str | None]
    # The seam for single sign-on: an identity provider's issuer and subject, once one is connected.
    external_identity: Mapped[str | None] = mapped_column(sa.String(300), unique=True)
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    failed_tries: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]


class Device(OfAuthority, Base):
    """An enrolled phone. It makes its own id."""

    __tablename__ = "device"
    __table_args__ = (within_authority("user_id", "user"),)
    user_id: Mapped[uuid.UUID]
    label: Mapped[str] = mapped_column(sa.String(100))
    enrolled_at: Mapped[datetime]
    last_seen_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    # What it last told of itself, and when: items not sent yet, the oldest of them, how far its clock is out.
    unsent: Mapped[int | None]
    oldest_unsent_at: Mapped[datetime | None]
    app_version: Mapped[str | None] = mapped_column(sa.String(40))
    clock_offset_ms: Mapped[int | None] = mapped_column(sa.BigInteger)
    told_at: Mapped[datetime | None]


class SignIn(OfAuthority, Base):
    """One long-lived, revocable session of a user. Only the hash of its token is kept."""

    __tablename__ = "sign_in"
    __table_args__ = (within_authority("user_id", "user"), within_authority("device_id", "device"))
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    user_id: Mapped[uuid.UUID]
    device_id: Mapped[uuid.UUID | None]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ApiKey(OfAuthority, Base):
    """A key with which another system acts as a user. Only its hash is kept."""

    __tablename__ = "api_key"
    __table_args__ = (within_authority("user_id", "user"),)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    label: Mapped[str] = mapped_column(sa.String(100))
    user_id: Mapped[uuid.UUID]
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class OneTimeLink(OfAuthority, Base):
    """A link that works once: to choose a password, or to enrol a phone. Only its hash is kept."""

    __tablename__ = "one_time_link"
    __table_args__ = (
        within_authority("user_id", "user"),
        sa.CheckConstraint(f"purpose IN {LINK_PURPOSES}", name="purpose"),
    )
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    purpose: Mapped[str] = mapped_column(sa.String(20))
    user_id: Mapped[uuid.UUID]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
