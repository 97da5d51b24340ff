"""Rebuilding an authority's list of hotspots: at once, or, where it is very large, part by part."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy.orm import Session

from server.hotspots import rounds
from server.hotspots.service import Built, CasesRead, describe, find_all, read_cases, rest, write
from server.store.clock import now
from server.store.deferred import (
    FIND_PART,
    HOTSPOTS_ASKED,
    HOTSPOTS_CHANGED,
    JOIN_PARTS,
    REBUILD_HOTSPOTS,
    defer,
)
from workers.tasks import handles


def work_out(session: Session, _authority_id: uuid.UUID) -> Built | CasesRead:
    """Cluster the cases as of now; where there are very many only read them."""
    cases = read_cases(session, now())
    in_parts = cases.number >= current_app.config["SETTINGS"].hotspot_parts_from
    return cases if in_parts else describe(session, cases, find_all(cases))


def _write_or_begin(session: Session, found: Built | CasesRead, at: datetime, again: str) -> None:
    """Write the list down, or give the cases to other workers in parts; while others have some, try `again` later."""
    if isinstance(found, CasesRead):
        rounds.begin_round(session, found, at, again)
    else:
        write(session, found, at)


@handles(REBUILD_HOTSPOTS, prepare=work_out)
def rebuild(session: Session, _authority_id: uuid.UUID, found: Built | CasesRead, at: datetime) -> None:
    """The list of every night."""
    _write_or_begin(session, found, at, again=REBUILD_HOTSPOTS)


@handles(HOTSPOTS_ASKED, prepare=work_out)
def rebuild_asked(session: Session, _authority_id: uuid.UUID, found: Built | CasesRead, at: datetime) -> None:
    """The list that an officer waits for, also when it has to be tried again."""
    _write_or_begin(session, found, at, again=HOTSPOTS_ASKED)


def work_out_when_rested(session: Session, authority_id: uuid.UUID) -> Built | CasesRead | timedelta:
    """The same after a change, or, when that is too soon after the last time, how long to wait."""
    return rest(session, now()) or work_out(session, authority_id)


@handles(HOTSPOTS_CHANGED, prepare=work_out_when_rested)
def rebuild_changed(
    session: Session, authority_id: uuid.UUID, found: Built | CasesRead | timedelta, at: datetime
) -> None:
    """Write the list down, or come back later: by then it has all that changed meanwhile."""
    if isinstance(found, timedelta):
        defer(HOTSPOTS_CHANGED, authority_id, after=found, once=True)
    else:
        _write_or_begin(session, found, at, again=REBUILD_HOTSPOTS)


def find_part(session: Session, part_id: uuid.UUID) -> bytes | None:
    """Find the places of one part."""
    return rounds.find_part(session, part_id)


@handles(FIND_PART, prepare=find_part)
def keep_part(session: Session, part_id: uuid.UUID, found: bytes | None, _at: datetime) -> None:
    """Write them down."""
    rounds.keep_part(session, part_id, found)


def join_parts(session: Session, round_id: uuid.UUID) -> Built | None:
    """Put the list together from its parts."""
    return rounds.join_parts(session, round_id)


@handles(JOIN_PARTS, prepare=join_parts)
def write_joined(session: Session, round_id: uuid.UUID, built: Built | None, at: datetime) -> None:
    """Write the list down, and let its parts go."""
    if built is not None:
        write(session, built, at)
        rounds.end_round(session, round_id)
