"""OS Open Names: CSV tiles of 34 columns without a header, or a GeoPackage with the same columns."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import starmap
from typing import Any

import shapely

from workers.geocoding.names import LANDMARK, LOCALITY, ROAD, Box, NameSetBuilder
from workers.geocoding.sources.files import Account, Member, WrongFile, lists
from workers.geocoding.sources.geopackages import batches, columns_of, layers_of, text_of
from workers.geocoding.sources.points import point_of

SOURCE = "os_open_names"
EXPECTED = "the CSV tiles of OS Open Names (34 columns, no header), or its GeoPackage (columns name1, type, local_type)"
# Where the columns that we read stand in the CSV.
CSV_COLUMNS = {
    "name1": 2, "name2": 4, "type": 6, "local_type": 7, "geometry_x": 8, "geometry_y": 9,
    "mbr_xmin": 12, "mbr_ymin": 13, "mbr_xmax": 14, "mbr_ymax": 15, "populated_place": 18,
}  # fmt: skip
CELLS = 34
_BOX = ("mbr_xmin", "mbr_ymin", "mbr_xmax", "mbr_ymax")
# Postcodes come from Code-Point Open, which has all of them.
_LEFT_ALONE = {"postcode"}
# Not all that has "road" in it: "Road User Services" are a place beside a motorway.
_ROADS = {"named road", "numbered road", "section of named road", "section of numbered road"}
_KINDS = {"transportnetwork": LANDMARK, "populatedplace": LOCALITY}


def read(member: Member, builder: NameSetBuilder, account: Account) -> None:
    """Take one tile or GeoPackage into `builder`. Raises WrongFile."""
    if member.name.lower().endswith(".gpkg"):
        _read_geopackage(member, builder, account)
        return
    for line, share, cells in lists(member, account):
        if len(cells) != CELLS:
            if line == 1:
                raise WrongFile(f"{member.name}: {len(cells)} columns were found; expected: {EXPECTED}")
            account.bad(f"{member.name}, line {line}", f"{CELLS} cells were expected, not {len(cells)}")
            continue
        row = {name: cells[at] for name, at in CSV_COLUMNS.items()}
        _take(row, f"{member.name}, line {line}", share, builder, account)


def _read_geopackage(member: Member, builder: NameSetBuilder, account: Account) -> None:
    with member.on_disk() as path:
        for layer in layers_of(path):
            columns, _ = columns_of(path, layer)
            wanted = [name for name in columns if name.lower() in CSV_COLUMNS]
            if not {"name1", "type", "local_type"} <= {name.lower() for name in wanted}:
                raise WrongFile(f"{member.name}, layer {layer}: expected: {EXPECTED}")
            for batch in batches(path, layer, wanted):
                points = list(starmap(_xy, zip(batch.shapes, strict=True)))
                for index, (x, y) in enumerate(points):
                    row = {name: text_of(column[index]) for name, column in batch.columns.items()}
                    row |= {
                        "geometry_x": row.get("geometry_x") or x,
                        "geometry_y": row.get("geometry_y") or y,
                    }
                    where = f"{member.name}, feature {batch.first + index}"
                    _take(row, where, (batch.first + index) / batch.of, builder, account)


def _xy(shape: Any) -> tuple[str, str]:
    if shape is None or shape.is_empty:
        return "", ""
    point = shapely.centroid(shape)
    return str(point.x), str(point.y)


def _take(
    row: Mapping[str, str], where: str, share: float, builder: NameSetBuilder, account: Account
) -> None:
    local_type = row["local_type"].strip().lower()
    if local_type in _LEFT_ALONE:
        return
    try:
        x, y = point_of(row["geometry_x"], row["geometry_y"])
        name = _name(row)
        box = _box(row)
    except ValueError as error:
        account.bad(where, error)
        return
    locality = row.get("populated_place", "").strip()
    entry = builder.add(_kind(row["type"], local_type), name, x, y, source=SOURCE, locality=locality, box=box)
    # The name in the country's other language.
    other = row.get("name2", "").strip()
    if other and other.casefold() != name.casefold():
        builder.add_other_name(entry, other, locality)
    account.took(where, share)


def _name(row: Mapping[str, str]) -> str:
    name = row["name1"].strip()
    if not name:
        raise ValueError("the name is empty")
    return name


def _kind(type_: str, local_type: str) -> int:
    if local_type in _ROADS:
        return ROAD
    return _KINDS.get(type_.strip().lower().replace(" ", ""), LANDMARK)


def _box(row: Mapping[str, str]) -> Box | None:
    if not all(row.get(edge) for edge in _BOX):
        return None
    west, south, east, north = (float(row[edge]) for edge in _BOX)
    if west > east or south > north:
        raise ValueError("the extent's edges are the wrong way round")
    return west, south, east, north
