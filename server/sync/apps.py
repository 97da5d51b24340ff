"""Which apps can read what comes down. Sending is never refused to an older app."""

from __future__ import annotations

import re

# The oldest app whose copy the feed's rows fit. It grows together with feed.VERSION.
OLDEST_READER = (0, 1, 0)
_VERSION = re.compile(r"(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?")


def is_too_old(app_version: str | None) -> bool:
    """Whether an app that calls itself this has to be updated before it can read; not when it does not say."""
    found = _VERSION.match(app_version or "")
    return found is not None and tuple(int(part or 0) for part in found.groups()) < OLDEST_READER
