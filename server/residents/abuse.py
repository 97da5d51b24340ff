"""Telling a flood from people, without a riddle to solve. Nothing is refused here: what looks odd is held for a person.

Addresses are counted by a keyed hash that goes with its row after a day.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.residents.models import Sending
from workers.geocoding.grid import to_grid

# Nobody reads five pages, types and presses the buttons in less.
TOO_FAST = timedelta(seconds=6)
WITHIN = timedelta(hours=1)
MOST_OF_ONE_ADDRESS = 6
MOST_ABOUT_ONE_PLACE = 6
ONE_PLACE_M = 100
KEEP_SENDINGS = timedelta(days=1)

REASON_WORDS = {
    "trap_filled": "a field was filled in that people do not see",
    "too_fast": f"it was filled in within {TOO_FAST.seconds} seconds",
    "same_address": f"more than {MOST_OF_ONE_ADDRESS} reports came from one address within an hour",
    "same_place": f"more than {MOST_ABOUT_ONE_PLACE} reports came about one place within an hour",
}


@dataclass(frozen=True, slots=True)
class Sender:
    """What is known of whoever sends: a keyed hash of the address, and how the form was filled in.

    `begun_at` is None where there was no form, as with the API.
    """

    address_hash: str
    begun_at: datetime | None = None
    trap_filled: bool = False


def address_hash(secret_key: str, address: str | None) -> str:
    """HMAC-SHA256 of an address under the installation's key, in hexadecimal."""
    return hmac.new(secret_key.encode(), f"address:{address or ''}".encode(), hashlib.sha256).hexdigest()


def reasons_to_hold(
    session: Session, sender: Sender, position: dict[str, Any] | None, at: datetime
) -> list[str]:
    """Why a person should look at this report before it becomes a case; empty for nearly everybody."""
    lately = session.scalars(sa.select(Sending).where(Sending.sent_at > at - WITHIN)).all()
    reasons = {
        "trap_filled": sender.trap_filled,
        "too_fast": sender.begun_at is not None and at - sender.begun_at < TOO_FAST,
        "same_address": sum(row.address_hash == sender.address_hash for row in lately) >= MOST_OF_ONE_ADDRESS,
        "same_place": _about_one_place(lately, position) >= MOST_ABOUT_ONE_PLACE,
    }
    return [reason for reason, applies in reasons.items() if applies]


def note_sending(
    session: Session, report_id: uuid.UUID, sender: Sender, position: dict[str, Any] | None, at: datetime
) -> None:
    """Let this report count for those that come after it."""
    point = to_grid(position["lat"], position["lon"]) if position else None
    session.add(
        Sending(
            id=report_id, sent_at=at, address_hash=sender.address_hash,
            easting=point.easting if point else None, northing=point.northing if point else None,
        )
    )  # fmt: skip


def forget_sendings(session: Session, at: datetime) -> int:
    """Delete the open authority's rows that no longer count; returns how many."""
    old = sa.delete(Sending).where(Sending.sent_at <= at - KEEP_SENDINGS)
    return int(session.execute(old, execution_options={"synchronize_session": False}).rowcount)  # type: ignore[attr-defined]


def _about_one_place(lately: Sequence[Sending], position: dict[str, Any] | None) -> int:
    point = to_grid(position["lat"], position["lon"]) if position else None
    if point is None:
        return 0
    return sum(
        row.easting is not None
        and row.northing is not None
        and math.dist((row.easting, row.northing), (point.easting, point.northing)) <= ONE_PLACE_M
        for row in lately
    )
