"""What the commands on files print: places and cells as JSON, GeoJSON, CSV or a table."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from server.hotspots.files.read import PointsFile
from workers.clustering.background import Chance
from workers.clustering.density import Floats
from workers.clustering.places import HotPlace
from workers.clustering.raster import Raster
from workers.geocoding.frame import BRITISH, Frame
from workers.geocoding.grid import grid_reference

Rows = Sequence[dict[str, Any]]

PLACE_COLUMNS = (
    "rank", "id", "label", "easting", "northing", "lat", "lon", "extent_m", "count", "score", "expected", "p", "q",
    "trend", "first", "last", "members",
)  # fmt: skip
_TABLE_COLUMNS = ("rank", "count", "score", "expected", "q", "trend", "last", "label")


def place_rows(
    file: PointsFile, places: Sequence[HotPlace], chances: Sequence[Chance]
) -> list[dict[str, Any]]:
    """Places as rows. The id is that of the earliest member, so that it lasts while that is in the file."""
    points = file.points
    index = {member: number for number, member in enumerate(points.ids)}
    lats, lons = file.frame.to_degrees(
        [place.easting for place in places], [place.northing for place in places]
    )
    rows = []
    for number, (place, chance) in enumerate(zip(places, chances, strict=True)):
        earliest = min(place.members, key=lambda member: (points.day[index[member]], member))
        names = Counter(filter(None, (file.labels[index[member]] for member in place.members)))
        lat, lon = rounded(lats[number]), rounded(lons[number])
        rows.append({
            "rank": place.rank, "id": earliest, "label": _label(names, file.frame, place, lat, lon),
            "easting": place.easting, "northing": place.northing, "lat": lat, "lon": lon,
            "extent_m": place.extent_m, "count": place.count, "score": place.score, "expected": chance.expected,
            "p": chance.p, "q": chance.q, "trend": place.trend, "first": place.first.isoformat(),
            "last": place.last.isoformat(), "members": list(place.members),
        })  # fmt: skip
    return rows


def rounded(degrees: float) -> float | None:
    """Degrees to a centimetre or so; None where they cannot be told."""
    return None if degrees != degrees else round(float(degrees), 7)


def _label(names: Counter[str], frame: Frame, place: HotPlace, lat: float | None, lon: float | None) -> str:
    if names:
        return min(names.items(), key=lambda pair: (-pair[1], pair[0]))[0]
    if frame is BRITISH:
        return grid_reference(place.easting, place.northing)
    return f"{place.easting:.0f}, {place.northing:.0f}" if lat is None else f"{lat:.5f}, {lon:.5f}"


def as_table(rows: Rows, columns: Sequence[str] = _TABLE_COLUMNS) -> str:
    """Rows with their headings, columns lined up for reading."""
    cells = [list(columns)] + [[_written(row[name]) for name in columns] for row in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(len(columns))]
    last = len(columns) - 1
    return "\n".join(
        "  ".join(
            text if column == last else text.ljust(width) if line is cells[0] else text.rjust(width)
            for column, (text, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    )


def _written(value: object) -> str:
    return "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)


def as_csv(rows: Rows, columns: Sequence[str]) -> str:
    """Rows as CSV (RFC 4180), members apart by a space."""
    written = io.StringIO()
    lines = csv.writer(written, lineterminator="\r\n")
    lines.writerow(columns)
    for row in rows:
        lines.writerow([" ".join(row[name]) if name == "members" else row[name] for name in columns])
    return written.getvalue()


def as_geojson(rows: Rows) -> str:
    """Rows as a GeoJSON FeatureCollection; without a geometry where latitude and longitude cannot be told."""
    features = [
        {
            "type": "Feature",
            "geometry": None
            if row["lat"] is None
            else {"type": "Point", "coordinates": [row["lon"], row["lat"]]},
            "properties": {name: value for name, value in row.items() if name not in ("lat", "lon")},
        }
        for row in rows
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


CELL_COLUMNS = ("x", "y", "lat", "lon", "score")


def cell_rows(raster: Raster, score: Floats, frame: Frame, top: int | None) -> list[dict[str, Any]]:
    """Cells as rows, best first; equal ones from south to north, then from west to east."""
    best = np.argsort(-score, kind="stable")[:top]
    centres = raster.centres()[best]
    lats, lons = frame.to_degrees(centres[:, 0], centres[:, 1])
    return [
        {
            "x": round(x, 3),
            "y": round(y, 3),
            "lat": rounded(lat),
            "lon": rounded(lon),
            "score": float(f"{value:.8g}"),
        }
        for (x, y), lat, lon, value in zip(centres.tolist(), lats, lons, score[best], strict=True)
    ]


WRITERS: dict[str, Callable[[Rows], str]] = {
    "csv": lambda rows: as_csv(rows, PLACE_COLUMNS).rstrip("\r\n"), "geojson": as_geojson, "table": as_table,
}  # fmt: skip
