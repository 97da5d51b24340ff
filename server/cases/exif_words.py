"""What a photo's own details say about its report, in words. A cross-check only: clocks are wrong, phones strip it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from server.cases.opening import LOCAL

# A report is filled in within minutes of its photo; cameras write no seconds of their own accord.
SAME_TIME = timedelta(minutes=30)
# A phone's fix and its photo's are seldom the same one.
SAME_PLACE_M = 100.0
_EARTH_M = 6_371_008.8


def exif_says(
    exif: Mapping[str, Any] | None, seen_at: datetime, position: tuple[float, float, float | None] | None
) -> list[dict[str, Any]]:
    """`{about, agrees, text}` for each thing the photo says; empty while it has not been looked at.

    `about` is time or position; `agrees` None where it says nothing. `position`: the report's latitude, longitude
    (degrees) and accuracy (metres or None). A camera's time without an offset is taken as the local clock's.
    """
    if exif is None:
        return []
    taken_at = _taken_at(exif)
    told = [_about_time(taken_at - seen_at)] if taken_at is not None else []
    if exif.get("lat") is not None and exif.get("lon") is not None and position is not None:
        lat, lon, accuracy_m = position
        away_m = distance_m(exif["lat"], exif["lon"], lat, lon)
        told.append(_about_position(away_m, SAME_PLACE_M + (accuracy_m or 0.0)))
    if not told:
        told.append(
            {"about": "time", "agrees": None, "text": "The photo does not say when or where it was taken"}
        )
    return told


def _taken_at(exif: Mapping[str, Any]) -> datetime | None:
    if not exif.get("taken_at"):
        return None
    offset = exif.get("taken_offset") or ""
    taken_at = datetime.fromisoformat(exif["taken_at"] + offset)
    return taken_at if taken_at.tzinfo else taken_at.replace(tzinfo=LOCAL)


def _about_time(after: timedelta) -> dict[str, Any]:
    if abs(after) <= SAME_TIME:
        return {"about": "time", "agrees": True, "text": "Photo time agrees with the report"}
    when = "after" if after > timedelta(0) else "before"
    text = f"Photo was taken {_span(abs(after))} {when} the time in the report"
    return {"about": "time", "agrees": False, "text": text}


def _span(span: timedelta) -> str:
    for number, unit in (
        (span.days // 365, "year"), (span.days // 31, "month"), (span.days, "day"), (span.seconds // 3600, "hour"),
        (span.seconds // 60, "minute"),
    ):  # fmt: skip
        if number:
            return f"{number} {unit}" + ("s" if number > 1 else "")
    return "a moment"


def _about_position(away_m: float, within_m: float) -> dict[str, Any]:
    if away_m <= within_m:
        return {"about": "position", "agrees": True, "text": "Photo position agrees with the report"}
    away = f"{away_m / 1000:.1f} km" if away_m >= 1000 else f"{away_m:.0f} m"
    return {"about": "position", "agrees": False, "text": f"Photo position is {away} away from the report's"}


def distance_m(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Great-circle distance in metres by the haversine formula, on a sphere of the Earth's mean radius."""
    north, east = math.radians(other_lat - lat), math.radians(other_lon - lon)
    chord = (
        math.sin(north / 2) ** 2
        + math.cos(math.radians(lat)) * math.cos(math.radians(other_lat)) * math.sin(east / 2) ** 2
    )
    return 2 * _EARTH_M * math.asin(math.sqrt(min(1.0, chord)))
