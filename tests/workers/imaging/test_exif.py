from __future__ import annotations

import io
import json
import random
from pathlib import Path
from typing import Any

import pytest

from tests.workers.imaging.photos import ATHERSTONE, a_phones_exif, corners, encoded, exif
from workers.imaging.exif import ExifFacts, read_exif


def facts(**tags: Any) -> ExifFacts:
    return read_exif(io.BytesIO(encoded(corners(), "JPEG", exif=exif(**tags))))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF", "TIFF"])
def test_reads_every_format_phones_use(kind: str) -> None:
    found = read_exif(io.BytesIO(encoded(corners(), kind, exif=a_phones_exif())))
    assert (found.make, found.model, found.software) == ("Apple", "iPhone 15", "17.1")
    if kind != "TIFF":  # Pillow writes no sub-directories into a TIFF
        assert (found.taken_at, found.taken_offset) == ("2026-11-20T14:03:12", "+00:00")
        assert (found.lat, found.lon) == pytest.approx(ATHERSTONE, abs=1e-6)
    assert found.problem is None


def test_reads_from_a_path_and_leaves_json(tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(encoded(corners(), "JPEG", exif=a_phones_exif()))
    found = read_exif(photo)
    assert found == read_exif(str(photo))
    assert json.loads(json.dumps(found.as_json(), allow_nan=False))["orientation"] == 1


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "GIF"])
def test_a_photo_without_exif_is_no_problem(kind: str) -> None:
    assert read_exif(io.BytesIO(encoded(corners(), kind))) == ExifFacts()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_as_stored(orientation: int) -> None:
    assert facts(orientation=orientation).orientation == orientation


@pytest.mark.parametrize("orientation", [0, 9, 600])
def test_orientations_there_are_none_of(orientation: int) -> None:
    assert facts(orientation=orientation).orientation is None


@pytest.mark.parametrize(
    ("lat_ref", "lon_ref", "expected"), [("N", "E", (52.5, 1.5)), ("S", "W", (-52.5, -1.5))]
)
def test_hemispheres(lat_ref: str, lon_ref: str, expected: tuple[float, float]) -> None:
    found = facts(lat=(52.0, 30.0, 0.0), lon=(1.0, 30.0, 0.0), lat_ref=lat_ref, lon_ref=lon_ref)
    assert (found.lat, found.lon) == expected


@pytest.mark.parametrize(
    "gps",
    [
        {"lat": (0.0, 0.0, 0.0), "lon": (0.0, 0.0, 0.0)},
        {"lat": (91.0, 0.0, 0.0), "lon": (1.0, 0.0, 0.0)},
        {"lat": (52.0, 0.0, 0.0), "lon": (181.0, 0.0, 0.0)},
        {"lat": (52.0, 0.0, 0.0)},
        {"lat": (52.0, 0.0, 0.0), "lon": (1.0, 0.0, 0.0), "lat_ref": "X"},
        {"lat": (52.0, 0.0, 0.0), "lon": (1.0, 0.0, 0.0), "lat_ref": ""},
    ],
)
def test_senseless_positions_are_none_and_said(gps: dict[str, Any]) -> None:
    found = facts(make="Apple", **gps)
    assert (found.lat, found.lon, found.make) == (None, None, "Apple")
    assert found.problem == "The photo's position could not be read."


@pytest.mark.parametrize("taken", ["0000:00:00 00:00:00", "    :  :     :  :  ", "yesterday", ""])
def test_cameras_without_a_clock(taken: str) -> None:
    assert facts(taken=taken, offset="+00:00").taken_at is None


def test_the_time_of_the_last_change_is_better_than_none() -> None:
    found = facts(taken="0000:00:00 00:00:00", changed="2026:11:20 15:00:00", offset="+01:00")
    assert (found.taken_at, found.taken_offset) == ("2026-11-20T15:00:00", None)


@pytest.mark.parametrize(
    ("offset", "expected"), [("+01:00", "+01:00"), ("-09:30", "-09:30"), ("+99:00", None), ("Z", None)]
)
def test_offsets(offset: str, expected: str | None) -> None:
    assert facts(taken="2026:11:20 14:03:12", offset=offset).taken_offset == expected


def test_text_is_made_safe() -> None:
    found = facts(make="Ap\x00ple\n", model="M" * 5000, software="   ")
    assert found.make is not None and "\x00" not in found.make and "\n" not in found.make
    assert found.model == "M" * 200
    assert found.software is None


@pytest.mark.parametrize("content", [b"", b"not a photo", b"PK\x03\x04" + b"\x00" * 100])
def test_what_is_no_photo_is_said(content: bytes) -> None:
    assert read_exif(io.BytesIO(content)).problem == "This is not a photo in a format we know."


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "TIFF"])
def test_damaged_photos_never_raise(kind: str) -> None:
    good = encoded(corners(), kind, exif=a_phones_exif())
    chance = random.Random(kind)
    for _ in range(150):
        bad = bytearray(good[: chance.randrange(len(good))])
        for _ in range(chance.randrange(8)):
            if bad:
                bad[chance.randrange(len(bad))] = chance.randrange(256)
        json.dumps(read_exif(io.BytesIO(bytes(bad))).as_json(), allow_nan=False)
