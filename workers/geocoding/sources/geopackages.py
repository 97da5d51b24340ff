"""Reading layers of GeoPackage and GeoJSON files in batches, as numpy arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyogrio
import shapely
from pyogrio.errors import DataSourceError

from workers.geocoding.columns import Array
from workers.geocoding.sources.files import WrongFile

BATCH = 50_000
NATIONAL_GRID = 27700
DEGREES = 4326


class Batch(NamedTuple):
    """Features of a layer: the number of the first (from 1), geometries, and columns by lower-case name."""

    first: int
    of: int
    shapes: Array
    columns: dict[str, Array]


def layers_of(path: Path) -> list[str]:
    """The names of a file's layers. Raises WrongFile when it is none that can be read."""
    try:
        return [str(name) for name, _ in pyogrio.list_layers(path)]
    except DataSourceError as error:
        raise WrongFile(f"{path.name}: this cannot be read as a GeoPackage or GeoJSON") from error


def columns_of(path: Path, layer: str) -> tuple[list[str], int]:
    """A layer's columns, and the EPSG number of its coordinates (0 when it is neither of the two we read)."""
    info = pyogrio.read_info(path, layer=layer)
    return [str(name) for name in info["fields"]], _epsg(info["crs"])


def batches(path: Path, layer: str, columns: Sequence[str]) -> Iterator[Batch]:
    """A layer from first to last. columns: those wanted, as the file spells them."""
    of = pyogrio.read_info(path, layer=layer)["features"]
    for first in range(0, max(of, 0), BATCH):
        meta, _, shapes, values = pyogrio.raw.read(
            path, layer=layer, columns=list(columns), skip_features=first, max_features=BATCH
        )
        named = {str(name).lower(): column for name, column in zip(meta["fields"], values, strict=True)}
        yield Batch(first + 1, of, shapely.from_wkb(shapes, on_invalid="ignore"), named)


def _epsg(crs: str | None) -> int:
    text = (crs or "").upper()
    if "27700" in text or "NATIONAL GRID" in text:
        return NATIONAL_GRID
    if "4326" in text or "CRS84" in text or "WGS 84" in text:
        return DEGREES
    return 0


def text_of(value: Any) -> str:
    """A cell as text: "" for what is null."""
    return "" if value is None or value != value else str(value).strip()
