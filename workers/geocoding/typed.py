"""A place that somebody typed as figures: grid reference, plus code, latitude and longitude, in every usual spelling.

What is none of these is a name to look for, and three words after `///` are kept as words: their meaning is not ours
to look up.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal, NamedTuple

from workers.geocoding.country import in_great_britain
from workers.geocoding.grid import from_grid, parse_grid_reference
from workers.geocoding.plus_code import METRES_PER_DEGREE, middle_of, short_code

Kind = Literal["grid_reference", "plus_code", "lat_lon", "three_words"]

_LETTERED = re.compile(r"([A-HJ-Z]{2})[\s/,.:-]*(\d[\d\s/,.:-]*)", re.IGNORECASE)
_NUMBERS = re.compile(
    r"E?(?:ASTING)?[\s:=]*(\d{5,6})(?:\.\d+)?\s*M?[\s,/:;]+N?(?:ORTHING)?[\s:=]*(\d{5,7})(?:\.\d+)?\s*M?",
    re.IGNORECASE,
)
_THREE_WORDS = re.compile(r"/{2,3}\s*(\w+)\.(\w+)\.(\w+)")
_PLUS = re.compile(
    r"([23456789CFGHJMPQRVWX]{2,8}\+[23456789CFGHJMPQRVWX]{2,7})(?:[\s,]+(.*))?", re.IGNORECASE
)
# What a tail of figures may be followed by: degrees, minutes, seconds and their signs.
_PART = (
    r"(\d{1,3}(?:\.\d+)?)\s*(?:[°º*]|deg(?:rees)?|d)?\s*"
    r"(?:(\d{1,2}(?:\.\d+)?)\s*(?:['′’m]|min)?\s*(?:(\d{1,2}(?:\.\d+)?)\s*(?:[\"″”s]|''|sec)?)?)?"
)
_ANGLE = re.compile(rf"([NSEW])?\s*([+\-\u2212])?\s*{_PART}\s*([NSEW])?", re.IGNORECASE)
_WORDS = re.compile(r"\b(?:lat(?:itude)?|lon(?:g(?:itude)?)?|geo)\b\s*[:=]?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Typed:
    """A place in figures. lat, lon: WGS84 degrees of its middle, None for words that are only kept.

    accuracy_m: how far the place may be from its middle; `text`: as it is usually written.
    """

    kind: Kind
    text: str
    lat: float | None
    lon: float | None
    accuracy_m: float | None


@dataclass(frozen=True, slots=True)
class ShortCode:
    """A shortened plus code and the place beside which it stands ("" for where the person is)."""

    code: str
    place: str


class _Angle(NamedTuple):
    """An angle in degrees, the axis it names ("" where it does not), and the step it was written in."""

    degrees: float
    axis: str
    step: float


def read_typed(text: str) -> Typed | ShortCode | None:
    """What figures say, or None for text that is a name. ValueError tells a person what is wrong with the figures."""
    text = text.strip()
    return _three_words(text) or _plus_code(text) or _grid(text) or _lat_lon(text)


def _three_words(text: str) -> Typed | None:
    match = _THREE_WORDS.fullmatch(text)
    return (
        None
        if match is None
        else Typed("three_words", "///" + ".".join(match.groups()).lower(), None, None, None)
    )


def _plus_code(text: str) -> Typed | ShortCode | None:
    match = _PLUS.fullmatch(text)
    if match is None:
        return None
    code, place = match[1].upper(), (match[2] or "").strip()
    if short_code(code):
        return ShortCode(code, place)
    return Typed("plus_code", code, *middle_of(code))


def short_to_typed(short: ShortCode, lat: float, lon: float) -> Typed:
    """The place of a shortened code near a position in degrees."""
    return Typed("plus_code", short.code, *middle_of(short.code, near=(lat, lon)))


def _grid(text: str) -> Typed | None:
    match = _LETTERED.fullmatch(text)
    if match is not None:
        groups = re.findall(r"\d+", match[2])
        if len(groups) == 2 and len(groups[0]) != len(groups[1]):
            raise ValueError(
                f"Give the same number of figures each way, not {len(groups[0])} and {len(groups[1])}."
            )
        square = parse_grid_reference(match[1] + "".join(groups))
        digits = len("".join(groups)) // 2
        if digits < 2:
            raise ValueError("Give at least four figures, such as SP 30 97.")
        figures = "".join(groups)
        written = f"{match[1].upper()} {figures[:digits]} {figures[digits:]}"
        return _on_grid(written, *square.centre, square.square_m)
    numbers = _NUMBERS.fullmatch(text)
    if numbers is None:
        return None
    return _on_grid(f"{numbers[1]} {numbers[2]}", float(numbers[1]) + 0.5, float(numbers[2]) + 0.5, 1)


def _on_grid(written: str, easting: float, northing: float, side_m: int) -> Typed:
    lat, lon = from_grid(easting, northing)
    if not in_great_britain([lat], [lon])[0]:
        raise ValueError("That place is not in Great Britain. Check the letters and figures.")
    return Typed("grid_reference", written, lat, lon, math.ceil(side_m * math.sqrt(0.5)))


def _lat_lon(text: str) -> Typed | None:
    plain = _WORDS.sub(" ", text).strip(" ()[]").replace(";", ",")
    angles = _angles(plain)
    if angles is None:
        return None
    first, second = angles
    swapped = first.axis == "lon" or second.axis == "lat"
    lat, lon = (second.degrees, first.degrees) if swapped else (first.degrees, second.degrees)
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise ValueError(
            "Latitude runs from -90 to 90 and longitude from -180 to 180, such as 52.5755, -1.5445."
        )
    accuracy_m = math.ceil(max(first.step, second.step) * METRES_PER_DEGREE)
    return Typed("lat_lon", f"{lat:.6f}, {lon:.6f}", lat, lon, accuracy_m)


def _angles(text: str) -> tuple[_Angle, _Angle] | None:
    """Two angles, when the text is just these."""
    halves = text.split(",") if text.count(",") == 1 else _split(text)
    if halves is None:
        return None
    first, second = (_angle(half.strip()) for half in halves)
    if first is None or second is None or (first.axis and first.axis == second.axis):
        return None
    return first, second


def _split(text: str) -> list[str] | None:
    """Without a comma: after the first letter of the compass, before the second, or at the only space."""
    match = re.fullmatch(
        r"(.*?\d[^NSEW]*[NS])\s*([^NSEW]*\d[^NSEW]*[EW])", text, re.IGNORECASE
    ) or re.fullmatch(r"([NS].*?\d\D*?)\s*([EW].*\d.*)", text, re.IGNORECASE)
    if match is not None:
        return [match[1], match[2]]
    parts = text.split()
    return parts if len(parts) == 2 and "." in parts[0] else None


def _angle(text: str) -> _Angle | None:
    match = _ANGLE.fullmatch(text)
    if match is None:
        return None
    before, sign, degrees, minutes, seconds, after = match.groups()
    if before and after:
        return None
    compass = (before or after or "").upper()
    value = float(degrees) + float(minutes or 0) / 60 + float(seconds or 0) / 3600
    if sign in ("-", "\u2212") or compass in ("S", "W"):
        value = -value
    finest, unit = next((part, unit) for part, unit in ((seconds, 3600), (minutes, 60), (degrees, 1)) if part)
    step = 1 / unit / 10 ** len(finest.partition(".")[2])
    return _Angle(value, {"N": "lat", "S": "lat", "E": "lon", "W": "lon"}.get(compass, ""), step)
