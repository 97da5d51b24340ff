"""The real ground that places are checked on, where its data is at hand; else a small ground made here.

The data is open data of Warwickshire beside the repository, or where TIPWATCH_SHARED_DATA says; it is never copied into
the repository, and nothing of the product needs it.
"""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from tests.workers.geocoding.sources.files import write_csv
from workers.geocoding.areas import AreaShape
from workers.geocoding.grid import to_grid_many
from workers.geocoding.sources.areas import read_areas
from workers.geocoding.sources.files import Account, members_of

ROOT = Path(__file__).parents[3]
SHARED = Path(os.environ.get("TIPWATCH_SHARED_DATA") or ROOT.parent / "shared" / "data")
DISTRICT = "E07000218"
STOPS_HEADER = ["ATCOCode", "CommonName", "Street", "LocalityName", "Easting", "Northing", "Status"]


@dataclass(frozen=True, slots=True)
class Ground:
    """Wards, postcodes with the ward each says it is in, named street points, and files of stops and postcodes."""

    where: str
    wards: list[AreaShape]
    postcodes: list[tuple[str, float, float, str]]
    street_names: list[str]
    street_points: NDArray[np.float64]
    stops: Path
    code_point: Path


def ground(folder: Path) -> Ground:
    """North Warwickshire where its data is at hand; else two made-up wards."""
    return _real(folder) if SHARED.is_dir() else _made(folder)


def _real(folder: Path) -> Ground:
    account = Account()
    file = SHARED / f"uk_boundaries_warwickshire/wards_{DISTRICT}.geojson"
    wards = [
        AreaShape(area.kind, area.code, area.name, _metres(area.polygon))
        for area in read_areas(members_of(file, (".geojson",))[0], account)
    ]
    with (SHARED / "codepoint_open_warwickshire/codepoint_warwickshire_and_bbox.csv").open() as text:
        rows = [row for row in csv.DictReader(text) if row["district"] == DISTRICT]
    postcodes = [
        (row["postcode"], float(row["easting"]), float(row["northing"]), row["ward"]) for row in rows
    ]
    with (SHARED / "street_points_warwickshire/street_snap_points.csv").open() as text:
        streets = list(csv.DictReader(text))
    degrees = np.array([(float(row["latitude"]), float(row["longitude"])) for row in streets])
    points = np.column_stack(to_grid_many(degrees[:, 0], degrees[:, 1]))
    stops = SHARED / "naptan_warwickshire/naptan_420_stops.csv"
    names = [row["name"] for row in streets]
    return Ground(
        "North Warwickshire", wards, postcodes, names, points, stops, _code_point(folder, postcodes)
    )


def _made(folder: Path) -> Ground:
    wards = [
        AreaShape("ward", code, code, shapely.box(x, 290_000, x + 5_000, 295_000))
        for code, x in (("W1", 430_000), ("W2", 435_000))
    ]
    rng = np.random.default_rng(3)
    at = np.column_stack([rng.uniform(430_100, 439_900, 200), rng.uniform(290_100, 294_900, 200)]).round()
    postcodes = [
        (f"CV10 {n % 10}{'ABDE'[n // 10 % 4]}{'FGHJL'[n // 40]}", x, y, "W1" if x < 435_000 else "W2")
        for n, (x, y) in enumerate(at.tolist())
    ]
    names = [f"Street {index}" for index in range(200)]
    rows = [(f"4200{n}", f"Stop {n}", names[n], "Somewhere", *at[n], "active") for n in range(50)]
    stops = write_csv(folder / "stops.csv", rows, header=STOPS_HEADER)
    return Ground(
        "a made-up ground: the data is absent",
        wards,
        postcodes,
        names,
        at,
        stops,
        _code_point(folder, postcodes),
    )


def _code_point(folder: Path, postcodes: list[tuple[str, float, float, str]]) -> Path:
    rows = [(code, 10, x, y, "", "", "", "", DISTRICT, ward) for code, x, y, ward in postcodes]
    return write_csv(folder / "postcodes.csv", rows)


def _metres(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.transform(
        shape, lambda lon_lat: np.column_stack(to_grid_many(lon_lat[:, 1], lon_lat[:, 0]))
    )
