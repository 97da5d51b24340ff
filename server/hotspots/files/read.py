"""Reading a file of dated points and a boundary. A bad row is reported with its line, and the rest goes on."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from server.errors import Problem
from workers.clustering.points import Points
from workers.geocoding.frame import Frame, frame_of_degrees, frame_of_metres

COLUMNS = (
    "Columns: id, date (2026-11-25, or a time that starts so) and either lat, lon (WGS84 degrees) or easting, northing "
    "(metres). Optional: severity (a number above 0; else 1), accuracy_m (metres), label (what people call the place). "
    "In Great Britain distances are on the National Grid, elsewhere in the local UTM zone."
)
# What other files call the same; the first is ours.
_NAMES = {
    "id": ("id",), "date": ("date", "seen_at"), "lat": ("lat", "latitude"), "lon": ("lon", "longitude", "lng"),
    "easting": ("easting",), "northing": ("northing",), "severity": ("severity",),
    "accuracy_m": ("accuracy_m",), "label": ("label",),
}  # fmt: skip


class BadRow(NamedTuple):
    """A row that was left out: its line in the file (the heading is line 1) and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class PointsFile:
    """What a file of points holds. `labels` are those of the file's label column, by the points' order."""

    points: Points
    labels: tuple[str, ...]
    frame: Frame
    bad_rows: tuple[BadRow, ...]


class _Row(NamedTuple):
    line: int
    id: str
    first: float
    second: float
    day: date
    severity: float
    accuracy_m: float
    label: str


def read_points(path: Path, *, dated: bool = True) -> PointsFile:
    """The points of a CSV file with a heading. Problem for a file without the columns, or without a usable row.

    Not `dated`: only where they are matters, and dates are not looked at.
    """
    bad: list[BadRow] = []
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            lines = csv.reader(file)
            columns = _columns(next(lines, []), dated)
            rows = list(_rows(lines, columns, bad))
    except (UnicodeDecodeError, csv.Error) as error:
        raise Problem("invalid_request", f"{path.name} is not a CSV file in UTF-8: {error}.") from error
    if not rows:
        why = f" The first: line {bad[0].line}, {bad[0].reason}" if bad else ""
        raise Problem("invalid_request", f"{path.name} has no row that can be used.{why}")
    return _as_points(rows, "lat" in columns, bad)


def _columns(heading: list[str], dated: bool) -> dict[str, int]:
    given = {name.strip().lower(): index for index, name in enumerate(heading)}
    columns = {ours: given[name] for ours, names in _NAMES.items() for name in names[::-1] if name in given}
    if not dated:
        columns.pop("date", None)
    if (dated and "date" not in columns) or not (
        {"lat", "lon"} <= set(columns) or {"easting", "northing"} <= set(columns)
    ):
        raise Problem(
            "invalid_request", f"The file's first line is {', '.join(heading) or 'empty'}. {COLUMNS}"
        )
    if not {"lat", "lon"} <= set(columns):
        columns = {name: index for name, index in columns.items() if name not in ("lat", "lon")}
    return columns


def _rows(lines: Iterator[list[str]], columns: dict[str, int], bad: list[BadRow]) -> Iterator[_Row]:
    taken: dict[str, int] = {}
    for line, cells in enumerate(lines, 2):
        if not any(cells):
            continue
        try:
            row = _row(line, cells, columns)
            if row.id in taken:
                raise ValueError(f"the id {row.id} is already on line {taken[row.id]}")
        except ValueError as error:
            bad.append(BadRow(line, str(error)))
            continue
        taken[row.id] = line
        yield row


def _row(line: int, cells: list[str], columns: dict[str, int]) -> _Row:
    """Raises ValueError with the reason a person can mend."""

    def cell(name: str) -> str:
        index = columns.get(name, len(cells))
        return cells[index].strip() if index < len(cells) else ""

    where = ("lat", "lon") if "lat" in columns else ("easting", "northing")
    first, second = (_number(name, cell(name)) for name in where)
    if where[0] == "lat" and not (-90 < first < 90 and -180 <= second <= 180):
        raise ValueError(f"lat {first:g}, lon {second:g} is not on the Earth; perhaps they are swapped")
    severity = _number("severity", cell("severity") or "1")
    if severity <= 0:
        raise ValueError("severity must be above 0")
    accuracy = cell("accuracy_m")
    day = _day(cell("date")) if "date" in columns else date.min
    return _Row(
        line, cell("id") or f"line {line}", first, second, day, severity,
        _number("accuracy_m", accuracy) if accuracy else math.nan, cell("label"),
    )  # fmt: skip


def _number(name: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{name} is {f'“{text}”' if text else 'empty'} and must be a number")
    return number


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text).date()
    except ValueError:
        raise ValueError(f"date is {f'“{text}”' if text else 'empty'} and must be like 2026-11-25") from None


def _as_points(rows: list[_Row], in_degrees: bool, bad: list[BadRow]) -> PointsFile:
    first, second = np.array([row.first for row in rows]), np.array([row.second for row in rows])
    frame = frame_of_degrees(first, second) if in_degrees else frame_of_metres(first, second)
    easting, northing = frame.to_metres(first, second) if in_degrees else (first, second)
    reached = np.isfinite(easting) & np.isfinite(northing)
    outside = f"lies outside the {frame.name}, where most of the others are"
    bad.extend(BadRow(rows[index].line, outside) for index in np.flatnonzero(~reached))
    kept = [row for row, inside in zip(rows, reached, strict=True) if inside]
    points = Points(
        ids=[row.id for row in kept], easting=easting[reached], northing=northing[reached],
        day=np.array([row.day for row in kept], dtype="datetime64[D]"),
        severity=np.array([row.severity for row in kept]), accuracy_m=np.array([row.accuracy_m for row in kept]),
    )  # fmt: skip
    return PointsFile(points, tuple(row.label for row in kept), frame, tuple(sorted(bad)))


def read_boundary(path: Path, frame: Frame) -> BaseGeometry:
    """The polygons of a GeoJSON file as one shape in the frame's metres.

    Its coordinates are WGS84 degrees as GeoJSON's are, or, where they cannot be degrees, metres of the points' grid.
    Problem for what is not GeoJSON, holds no polygon, or lies where the frame does not reach.
    """
    try:
        written = json.loads(path.read_text(encoding="utf-8-sig"))
        shapes = [shape(geometry) for geometry in _geometries(written)]
    except (ValueError, KeyError, TypeError, AttributeError, shapely.errors.ShapelyError) as error:
        raise Problem("invalid_request", f"{path.name} is not GeoJSON.") from error
    polygons = [
        found for found in shapes if found.geom_type in ("Polygon", "MultiPolygon") and not found.is_empty
    ]
    if not polygons:
        raise Problem("invalid_request", f"{path.name} holds no polygon.")
    whole = shapely.union_all([shapely.make_valid(shapely.force_2d(polygon)) for polygon in polygons])
    west, south, east, north = whole.bounds
    if max(abs(west), abs(east)) <= 180 and max(abs(south), abs(north)) <= 90:
        coordinates = shapely.get_coordinates(whole)
        metres = np.column_stack(frame.to_metres(coordinates[:, 1], coordinates[:, 0]))
        if not np.isfinite(metres).all():
            raise Problem(
                "invalid_request", f"{path.name} reaches beyond the {frame.name}, where the points are."
            )
        whole = shapely.make_valid(shapely.set_coordinates(whole, metres))
    return whole


def _geometries(written: dict[str, Any]) -> list[dict[str, Any]]:
    if written["type"] == "FeatureCollection":
        return [feature["geometry"] for feature in written["features"] if feature["geometry"]]
    return [written["geometry"] if written["type"] == "Feature" else written]
