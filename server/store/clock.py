"""Where the server takes the time from, so that tests can pass in their own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from flask import current_app

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The time now, aware and UTC."""
    return datetime.now(UTC)


def now() -> datetime:
    """The time by the running application's clock, aware and UTC."""
    clock: Clock = current_app.config["CLOCK"]
    return clock()


def rfc3339(moment: datetime) -> str:
    """An aware time as RFC 3339 UTC to the second, as the wire writes it."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
