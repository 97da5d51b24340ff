"""What a photo says about its report, in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from server.cases.exif_words import distance_m, exif_says

SEEN = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
HERE = (52.5755, -1.5445, 8.0)


def words(
    exif: dict[str, Any] | None, position: tuple[float, float, float | None] | None = HERE
) -> list[str]:
    """What a photo of a report seen at SEEN says."""
    return [said["text"] for said in exif_says(exif, SEEN, position)]


def taken(after: timedelta) -> dict[str, Any]:
    """The details of a photo taken so long after SEEN."""
    return {"taken_at": (SEEN + after).replace(tzinfo=None).isoformat(), "taken_offset": "+00:00"}


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (timedelta(minutes=-30), "Photo time agrees with the report"),
        (timedelta(minutes=31), "Photo was taken 31 minutes after the time in the report"),
        (timedelta(hours=-2), "Photo was taken 2 hours before the time in the report"),
        (timedelta(days=-3, hours=-4), "Photo was taken 3 days before the time in the report"),
        (timedelta(days=-1), "Photo was taken 1 day before the time in the report"),
        (timedelta(days=-800), "Photo was taken 2 years before the time in the report"),
    ],
)
def test_time(after: timedelta, said: str) -> None:
    assert words(taken(after)) == [said]


def test_a_camera_without_an_offset_shows_local_time() -> None:
    assert words({"taken_at": "2026-07-01T13:00:00", "taken_offset": None}) == [
        "Photo time agrees with the report"
    ]


def test_position() -> None:
    assert words({"lat": 52.5760, "lon": -1.5445}) == ["Photo position agrees with the report"]
    assert words({"lat": 52.5785, "lon": -1.5445}) == ["Photo position is 334 m away from the report's"]
    unsure = (*HERE[:2], 300.0)
    assert words({"lat": 52.5785, "lon": -1.5445}, unsure) == ["Photo position agrees with the report"]
    assert words({"lat": 52.5944, "lon": -1.5445}) == ["Photo position is 2.1 km away from the report's"]
    assert distance_m(0, 0, 0, 180) == pytest.approx(20_015_114, abs=1)


def test_a_photo_may_say_nothing_or_not_have_been_looked_at() -> None:
    nothing = ["The photo does not say when or where it was taken"]
    assert words(None) == []
    assert words({"taken_at": None, "lat": None, "lon": None}) == nothing
    assert words({"lat": 52.0, "lon": -1.0}, None) == nothing
