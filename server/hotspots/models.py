"""Runs of the clustering, and the hotspots whose identity outlasts them."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from server.store.database import Base, Decided, OfAuthority, by_revision

HOTSPOT_STATES = ("listed", "dormant")


class HotspotRun(OfAuthority, Base):
    """One run over an authority's cases: when, with what, and what changed since the run before."""

    __tablename__ = "hotspot_run"
    as_of: Mapped[datetime]
    finished_at: Mapped[datetime]
    window_days: Mapped[int]
    radius_m: Mapped[int]
    min_count: Mapped[int]
    half_life_days: Mapped[int | None]
    input_sha256: Mapped[str] = mapped_column(sa.String(64))
    cases: Mapped[int]
    # What `expected` is held against, in words; by kind of case what chance alone would give.
    background: Mapped[str | None]
    by_chance: Mapped[dict[str, Any] | None]
    changes: Mapped[list[dict[str, Any]]]


class HotspotPart(OfAuthority, Base):
    """A part of one round over a very large authority's cases: points that hang together, until the round's list is
    written. `run`: what holds for the whole round; `points` and `found` as `workers.clustering.packing` has them."""

    __tablename__ = "hotspot_part"
    round_id: Mapped[uuid.UUID]
    begun_at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(sa.String(20))
    run: Mapped[dict[str, Any]]
    points: Mapped[bytes]
    labels: Mapped[list[str]]
    found: Mapped[bytes | None]


class Hotspot(OfAuthority, Decided, Base):
    """A place that keeps being hit. Its id and label stay while its rank and figures change with each run."""

    __tablename__ = "hotspot"
    __table_args__ = (
        by_revision("hotspot"),
        sa.CheckConstraint(f"state IN {HOTSPOT_STATES}", name="state"),
        sa.Index("ix_hotspot_rank", "authority_id", "state", "rank"),
    )
    kind: Mapped[str] = mapped_column(sa.String(20))
    state: Mapped[str] = mapped_column(sa.String(20), default="listed")
    label: Mapped[str]
    rank: Mapped[int | None]
    # The order of rows inside a shared rank.
    position: Mapped[int | None]
    easting: Mapped[float]
    northing: Mapped[float]
    lat: Mapped[float]
    lon: Mapped[float]
    extent_m: Mapped[float]
    count: Mapped[int]
    score: Mapped[float]
    # The count its surroundings explain, the Poisson tail of the count, and that among all places of the list.
    expected: Mapped[float | None]
    p: Mapped[float | None]
    q: Mapped[float | None]
    # A person gave the label.
    named: Mapped[bool] = mapped_column(default=False)
    trend: Mapped[str] = mapped_column(sa.String(10))
    first: Mapped[date]
    last: Mapped[date]
    created_at: Mapped[datetime]
