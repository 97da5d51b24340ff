"""How much a case needs an officer, as one number that lists are ordered by, and the same in words.

A hazard outweighs a witness, a witness a place that keeps being hit, and that something odd to check. Each is a
digit of the number, so that the number also says which of them a case has.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from server.intake.reference import severity

CHECK, REPEAT, WITNESS, HAZARD = 1, 2, 4, 8
# What a new case may wait before the list says how long it has.
TARGET = timedelta(days=2)


def need_of(hazards: Sequence[str], witnessed: bool, repeat: bool, odd: bool) -> int:
    """0 (nothing special) to 47: the worst hazard's severity (1 to 5) counts most, then witness, repeat, odd."""
    worst = severity(list(hazards)) if hazards else 0
    return worst * HAZARD + witnessed * WITNESS + repeat * REPEAT + odd * CHECK


def hazard_codes_of(hazards: Sequence[str]) -> str:
    """Hazard codes as one text with a space on either side of each: `" asbestos sharps "`; empty for none."""
    return f" {' '.join(hazards)} " if hazards else ""


def waiting_words(opened_at: datetime, at: datetime) -> str | None:
    """Such as `waiting 3 days` once a new case has waited longer than the target; None before."""
    waited = at - opened_at
    return f"waiting {waited.days} days" if waited >= TARGET else None
