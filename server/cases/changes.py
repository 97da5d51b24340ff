"""What a step changed on a case, written into its event, so that the step can be turned back exactly."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from server.cases.models import Case

# All that an officer's step can change. What is derived from these follows by itself.
_TIMES = ("closed_at", "first_seen_at", "last_seen_at")
_PLACE = (
    "label",
    "labelled",
    "lat",
    "lon",
    "easting",
    "northing",
    "accuracy_m",
    "cell",
    "place",
    "ward_code",
)
_FIELDS = (
    "state", "closed_because", "duplicate_of", "category", "hazards", "severity", "witnessed", "flags",
    "report_count", "source", "waste", *_TIMES, *_PLACE,
)  # fmt: skip

Changes = dict[str, list[Any]]


def as_it_is(case: Case) -> dict[str, Any]:
    """The case's columns as JSON keeps them."""
    return {name: _written(getattr(case, name)) for name in _FIELDS}


def changes_since(case: Case, before: dict[str, Any]) -> Changes:
    """Column -> [value before, value now], for those that differ from an earlier `as_it_is`."""
    now = as_it_is(case)
    return {name: [before[name], now[name]] for name in _FIELDS if before[name] != now[name]}


def moved_on(case: Case, changes: Changes) -> list[str]:
    """The columns that are no longer as the step left them."""
    return [name for name, (_, after) in changes.items() if _written(getattr(case, name)) != after]


def turn_back(case: Case, changes: Changes) -> None:
    """Give the case back what it had before the step."""
    for name, (before, _) in changes.items():
        setattr(case, name, _read(name, before))


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, uuid.UUID) else value


def _read(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _TIMES:
        return datetime.fromisoformat(value)
    return uuid.UUID(value) if name == "duplicate_of" else value
