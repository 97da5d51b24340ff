"""Areas: Boundary-Line, and any GeoJSON or GeoPackage whose features are polygons with a code and a name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from workers.geocoding.grid import from_grid_many
from workers.geocoding.sources.files import Account, Member, WrongFile
from workers.geocoding.sources.geopackages import (
    DEGREES,
    NATIONAL_GRID,
    batches,
    columns_of,
    layers_of,
    text_of,
)

AREA_KINDS = ("authority", "ward", "parish", "beat", "pspo")
EXPECTED = (
    "a GeoJSON or GeoPackage of polygons in WGS84 degrees or National Grid metres, with a code, a name and a kind "
    f"({', '.join(AREA_KINDS)})"
)
# Layers of Boundary-Line, by what their areas are to us.
BOUNDARY_LINE_LAYERS = {
    "authority": ("district_borough_unitary",),
    "ward": ("district_borough_unitary_ward",),
    "parish": ("parish",),
}
BOUNDARY_LINE_EXPECTED = (
    "the GeoPackage of Boundary-Line with the layers district_borough_unitary, …_ward and parish"
)
# How the Office for National Statistics names its columns, such as WD24CD and WD24NM.
_ONS_COLUMN = re.compile(r"(WD|LAD|PAR|PARNCP)\d{2}(CD|NM)", re.IGNORECASE)
_ONS_KINDS = {"WD": "ward", "LAD": "authority", "PAR": "parish", "PARNCP": "parish"}


@dataclass(frozen=True, slots=True)
class AreaRead:
    """An area as a file has it; the polygon in WGS84 degrees, longitude first."""

    kind: str
    code: str
    name: str
    polygon: BaseGeometry


@dataclass(frozen=True, slots=True)
class AreaColumns:
    """Which columns hold what; `kind` is a kind for all, where it is not None, else a column has it."""

    code: str
    name: str
    kind_column: str | None = None
    kind: str | None = None


def read_areas(
    member: Member, account: Account, *, kind: str | None = None, code: str | None = None, name: str | None = None
) -> Iterator[AreaRead]:  # fmt: skip
    """The areas of a file. kind: of all of them; code, name: the columns' names, where they are unusual ones.

    Raises WrongFile.
    """
    with member.on_disk() as path:
        for layer in layers_of(path):
            columns, crs = columns_of(path, layer)
            if not columns:
                continue  # a layer without features or without properties has no areas
            if crs not in (DEGREES, NATIONAL_GRID):
                raise WrongFile(
                    f"{member.name}: its coordinates are neither degrees nor metres; expected: {EXPECTED}"
                )
            chosen = _columns(columns, kind, code, name)
            if isinstance(chosen, str):
                raise WrongFile(f"{member.name}: there is no {chosen}; expected: {EXPECTED}")
            wanted = [each for each in (chosen.code, chosen.name, chosen.kind_column) if each]
            for batch in batches(path, layer, wanted):
                for index, shape in enumerate(batch.shapes):
                    row = {column: text_of(values[index]) for column, values in batch.columns.items()}
                    where = f"{member.name}, feature {batch.first + index}"
                    try:
                        yield _area(row, shape, chosen, crs)
                    except ValueError as error:
                        account.bad(where, error)
                    else:
                        account.took(where, (batch.first + index) / max(1, batch.of))


def read_boundary_line(member: Member, code: str, account: Account) -> list[AreaRead]:
    """One authority's outline, its neighbours', and the wards and parishes in it.

    code: the authority's GSS code, such as E07000218. Raises WrongFile.
    """
    with member.on_disk() as path:
        layers = set(layers_of(path))
        missing = [name for names in BOUNDARY_LINE_LAYERS.values() for name in names if name not in layers]
        if missing:
            raise WrongFile(
                f"{member.name}: there is no layer {', '.join(missing)}; expected: {BOUNDARY_LINE_EXPECTED}"
            )

        def of(kind: str) -> Iterator[AreaRead]:
            for layer in BOUNDARY_LINE_LAYERS[kind]:
                yield from _boundary_line_layer(path, layer, kind, member.name, account)

        authorities = list(of("authority"))
        outline = next((area.polygon for area in authorities if area.code == code), None)
        if outline is None:
            raise WrongFile(f"{member.name}: no authority has the code {code}")
        shapely.prepare(outline)
        found = [area for area in authorities if outline.intersects(area.polygon)]
        for kind in ("ward", "parish"):
            found += [area for area in of(kind) if outline.contains(area.polygon.representative_point())]
    return found


def _boundary_line_layer(
    path: Path, layer: str, kind: str, name: str, account: Account
) -> Iterator[AreaRead]:
    columns, crs = columns_of(path, layer)
    spelled = {column.lower(): column for column in columns}
    if not {"name", "area_code"} <= set(spelled):
        raise WrongFile(
            f"{name}, layer {layer}: there is no column Name or Area_Code; expected: {BOUNDARY_LINE_EXPECTED}"
        )
    chosen = AreaColumns(spelled["area_code"], spelled["name"], kind=kind)
    for batch in batches(path, layer, [chosen.code, chosen.name]):
        for index, shape in enumerate(batch.shapes):
            row = {column: text_of(values[index]) for column, values in batch.columns.items()}
            try:
                area = _area(row, shape, chosen, crs or NATIONAL_GRID)
            except ValueError as error:
                account.bad(f"{name}, {layer} {batch.first + index}", error)
                continue
            account.took(f"{name}, {layer}", (batch.first + index) / max(1, batch.of))
            yield area


def _columns(columns: list[str], kind: str | None, code: str | None, name: str | None) -> AreaColumns | str:
    """Which columns to read; or, in words, the one that is missing."""
    spelled = {column.lower(): column for column in columns}
    ons = {
        match[2].upper(): (match[1].upper(), column)
        for column in columns
        if (match := _ONS_COLUMN.fullmatch(column))
    }
    code_column = (
        spelled.get((code or "code").lower()) or spelled.get("area_code") or ons.get("CD", ("", None))[1]
    )
    name_column = spelled.get((name or "name").lower()) or ons.get("NM", ("", None))[1]
    if code_column is None or (code and code.lower() not in spelled):
        return f"column {code or 'code'}"
    if name_column is None or (name and name.lower() not in spelled):
        return f"column {name or 'name'}"
    if kind is None and "kind" not in spelled:
        kind = _ONS_KINDS.get(ons.get("CD", ("", ""))[0])
        if kind is None:
            return "column kind, and no --kind was given"
    return AreaColumns(code_column, name_column, None if kind else spelled["kind"], kind)


def _area(row: dict[str, str], shape: BaseGeometry | None, columns: AreaColumns, crs: int) -> AreaRead:
    kind = columns.kind or row[(columns.kind_column or "").lower()]
    code, name = row[columns.code.lower()], row[columns.name.lower()]
    if kind not in AREA_KINDS:
        raise ValueError(f"kind must be one of {', '.join(AREA_KINDS)}, not {kind!r}")
    if not code or not name:
        raise ValueError("code and name must not be empty")
    if shape is None or shape.geom_type not in ("Polygon", "MultiPolygon"):
        raise ValueError(f"a Polygon or MultiPolygon was expected, not {shape and shape.geom_type}")
    polygon = shapely.force_2d(shape)
    if crs == NATIONAL_GRID:
        polygon = shapely.transform(
            polygon, lambda xy: np.column_stack(from_grid_many(xy[:, 0], xy[:, 1])[::-1])
        )
    if not np.isfinite(polygon.bounds).all() or not -180 <= polygon.bounds[0] <= polygon.bounds[2] <= 180:
        raise ValueError("its coordinates are not degrees")
    return AreaRead(
        kind, code, name, polygon if polygon.is_valid else _polygons_of(shapely.make_valid(polygon))
    )


def _polygons_of(shape: BaseGeometry) -> BaseGeometry:
    """What is left of a mended polygon without stray lines and points."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.union_all(parts) if parts else shape
