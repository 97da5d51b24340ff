"""A nation made up for measuring: as many names and postcodes as Great Britain has, and as unevenly spread."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np

from workers.geocoding.codes import CodeSetBuilder
from workers.geocoding.columns import size_of, write_columns
from workers.geocoding.names import LANDMARK, LOCALITY, ROAD, NameSetBuilder

NAMES, POSTCODES = 3_000_000, 1_700_000
TOWNS = 45_000
_STARTS = """
    Ald Ash Bar Birch Black Brad Brom Burn Cal Castle Chel Church Clay Cold Cor Crow Dal Dun East Elm Fair Fen Fern Ford
    Glen Gran Green Hart Haw Hazel Heath High Hol Horn Hurst Kel King Lang Lea Linden Long Mal Mar Mill Moor Nor Oak Old
    Over Park Pen Ply Queen Raven Red Rose Row Rush Sal Sand Shel Shire Stan Stock Sut Swan Thorn Up Wal War Wat West
    Whit Wind Wood Yew
"""
_ENDS = """
    ton ham ley ford bury wick field worth stead shaw hurst den by combe dale well borough bridge minster mouth gate
    thorpe cote ingham ington ston land brook wood hill port stow
"""
_ROADS = "Road Street Lane Close Avenue Drive Way Crescent Court Gardens Place Grove Hill Terrace Walk"
_MARKS = "Wood Farm School Station Hospital Park Bridge Common Hall Pool"
_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"


def write_nation(folder: Path) -> int:
    """Write its names and postcodes as two sets into `folder`; the bytes they take."""
    rng, random_numbers = random.Random(1), np.random.default_rng(1)
    starts, ends, roads, marks = (words.split() for words in (_STARTS, _ENDS, _ROADS, _MARKS))
    stems = [f"{start}{end}" for start in starts for end in ends]
    stems += [f"{start}{end}{other}" for start in starts for end in ends[:12] for other in ends[12:20]]
    towns = _towns(random_numbers)
    names = NameSetBuilder()
    town_names = [rng.choice(stems) for _ in range(TOWNS)]
    for name, (east, north, spread_m) in zip(town_names, towns.tolist(), strict=True):
        box = (east - 2 * spread_m, north - 2 * spread_m, east + 2 * spread_m, north + 2 * spread_m)
        names.add(LOCALITY, name, east, north, source="made", box=box)
    at, of = _around(towns, NAMES - TOWNS, random_numbers)
    for (east, north), town in zip(at.tolist(), of.tolist(), strict=True):
        kind = ROAD if rng.random() < 0.8 else LANDMARK
        name = f"{rng.choice(stems)} {rng.choice(roads if kind == ROAD else marks)}"
        extent = (east - 150, north - 150, east + 150, north + 150) if kind == ROAD else None
        names.add(kind, name, east, north, source="made", locality=town_names[town], box=extent)
    write_columns(folder / "names", names.columns(), {"sources": names.sources})
    del names
    codes = CodeSetBuilder("postcode")
    at, of = _around(towns, POSTCODES, random_numbers)
    for number, (east, north) in enumerate(at.tolist()):
        codes.add_postcode(_postcode(number), east, north)
    write_columns(folder / "postcodes", codes.columns(), {"sources": ["made"], "kind": "postcode"})
    return size_of(folder / "names") + size_of(folder / "postcodes")


def _towns(rng: np.random.Generator) -> np.ndarray:
    """Easting, northing and size in metres: a few large towns, many villages, clustered as in a country."""
    regions = np.column_stack([rng.uniform(150_000, 620_000, 60), rng.uniform(60_000, 650_000, 60)])
    at = regions[rng.integers(0, 60, TOWNS)] + rng.normal(0, 45_000, (TOWNS, 2))
    size = np.minimum(4_000, 150 * (1 + rng.pareto(1.3, TOWNS)))
    return np.column_stack([np.clip(at, 90_000, 640_000), size])


def _around(towns: np.ndarray, count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Points in and around towns, more in the larger ones, and the town of each."""
    weight = towns[:, 2] ** 1.6
    of = rng.choice(len(towns), count, p=weight / weight.sum())
    at = towns[of, :2] + rng.normal(0, 1, (count, 2)) * towns[of, 2:3]
    return np.clip(at, 85_000, 645_000), of


def _postcode(number: int) -> str:
    """The postcode of this number; all differ."""
    number, unit = divmod(number, 400)
    number, sector = divmod(number, 10)
    area, district = divmod(number, 20)
    first, second = divmod(area, 20)
    inward = f"{sector}{_LETTERS[unit // 20]}{_LETTERS[unit % 20]}"
    return f"{_LETTERS[first % 20]}{_LETTERS[second]}{district + 10} {inward}"
