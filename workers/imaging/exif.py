"""What a photo's EXIF says. A cross-check only: phones strip it, people edit it, clocks are wrong."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from os import PathLike
from typing import Any, BinaryIO

import exifread
from PIL import Image

from workers.imaging.formats import HEAD_BYTES, sniff

# ExifRead reads these itself; from the others Pillow takes the EXIF block out of its container.
_READ_DIRECTLY = {"image/jpeg", "image/tiff", "image/png"}

# In order of trust, with the tag of the offset that belongs to each.
_TIMES = (
    ("EXIF DateTimeOriginal", "EXIF OffsetTimeOriginal"),
    ("EXIF DateTimeDigitized", "EXIF OffsetTimeDigitized"),
    ("Image DateTime", "EXIF OffsetTime"),
)
_LONGEST_TEXT = 200

Tags = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ExifFacts:
    """What could be read; None for what the photo does not say.

    taken_at: the camera's own wall clock, "2026-11-20T14:03:12"; taken_offset: its offset from UTC, "+01:00";
    lat, lon: WGS84 degrees, both or neither; orientation: 1 to 8, what a viewer has to undo (a HEIC is
    turned by its container, so 1); problem: why something could not be read, in words, or None.
    """

    taken_at: str | None = None
    taken_offset: str | None = None
    lat: float | None = None
    lon: float | None = None
    make: str | None = None
    model: str | None = None
    orientation: int | None = None
    software: str | None = None
    problem: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Ready for JSON: texts, numbers and None only."""
        return asdict(self)


def read_exif(source: str | PathLike[str] | BinaryIO) -> ExifFacts:
    """The facts in a photo's EXIF. Odd content never raises: what could be read comes with the `problem`.

    OSError when a path cannot be opened.
    """
    if isinstance(source, str | PathLike):
        with open(source, "rb") as file:
            return read_exif(file)
    try:
        tags = _tags(source)
    except Exception as error:
        # Whatever a stranger's bytes do to the parsers, the photo itself is still evidence.
        return ExifFacts(problem=f"The camera's details could not be read ({type(error).__name__}).")
    if tags is None:
        return ExifFacts(problem="This is not a photo in a format we know.")
    return _facts(tags)


def _tags(file: BinaryIO) -> Tags | None:
    """ExifRead's tags, empty where the photo has none; None for a file that is no photo."""
    file.seek(0)
    mime = sniff(file.read(HEAD_BYTES))
    file.seek(0)
    if mime is None:
        return None
    if mime not in _READ_DIRECTLY:
        with Image.open(file) as image:
            block = image.info.get("exif", b"")
        if not block:
            return {}
        file = io.BytesIO(block.removeprefix(b"Exif\x00\x00"))
    tags: Tags = exifread.process_file(file, details=False, extract_thumbnail=False)
    return tags


def _facts(tags: Tags) -> ExifFacts:
    taken_at, taken_offset = _taken(tags)
    position = _position(tags)
    problem = None
    if position is None and "GPS GPSLatitude" in tags:
        problem = "The photo's position could not be read."
    return ExifFacts(
        taken_at=taken_at,
        taken_offset=taken_offset,
        lat=position[0] if position else None,
        lon=position[1] if position else None,
        make=_text(tags, "Image Make"),
        model=_text(tags, "Image Model"),
        orientation=_orientation(tags),
        software=_text(tags, "Image Software"),
        problem=problem,
    )


def _text(tags: Tags, name: str) -> str | None:
    if name not in tags or not isinstance(tags[name].values, str):
        return None
    printable = "".join(letter for letter in tags[name].values if letter.isprintable())
    return printable.strip()[:_LONGEST_TEXT] or None


def _taken(tags: Tags) -> tuple[str | None, str | None]:
    """Wall clock and offset of the most trusted time; cameras without a clock write zeros or blanks."""
    for time_tag, offset_tag in _TIMES:
        try:
            # A camera's clock has no zone; pretending one would be inventing evidence.
            moment = datetime.strptime(_text(tags, time_tag) or "", "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007
        except ValueError:
            continue
        offset = _text(tags, offset_tag) or ""
        known = re.fullmatch(r"[+-](0\d|1[0-4]):[0-5]\d", offset)
        return moment.isoformat(), offset if known else None
    return None, None


def _position(tags: Tags) -> tuple[float, float] | None:
    """Latitude and longitude; None when missing, senseless, or the 0, 0 that means "no fix"."""
    lat = _degrees(tags, "GPS GPSLatitude", "GPS GPSLatitudeRef", "NS", 90.0)
    lon = _degrees(tags, "GPS GPSLongitude", "GPS GPSLongitudeRef", "EW", 180.0)
    if lat is None or lon is None or (lat, lon) == (0.0, 0.0):
        return None
    return lat, lon


def _degrees(tags: Tags, name: str, reference: str, signs: str, limit: float) -> float | None:
    side = _text(tags, reference)
    if name not in tags or side is None or side not in signs:
        return None
    parts = _numbers(tags[name].values)
    if not 1 <= len(parts) <= 3:
        return None
    degrees = math.fsum(part / 60.0**power for power, part in enumerate(parts))
    if not (math.isfinite(degrees) and 0 <= degrees <= limit):
        return None
    return round(degrees if side == signs[0] else -degrees, 8)


def _numbers(values: Sequence[Any]) -> list[float]:
    try:
        return [float(value) for value in values]
    except (TypeError, ValueError, ZeroDivisionError):
        return []


def _orientation(tags: Tags) -> int | None:
    values = tags["Image Orientation"].values if "Image Orientation" in tags else None
    if isinstance(values, list) and values and values[0] in range(1, 9):
        return int(values[0])
    return None
