"""Small files in each publisher's shape, made for the tests: a village, its lanes, and what stands there.

The ground: Hartshill around (432000, 294000), Oldbury Road running east through it, Castle Road and Mill Lane crossing
it 1.2 km apart.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely

OPEN_NAMES_CELLS = 34
Rows = Sequence[Sequence[Any]]


def open_names_row(
    name: str, type_: str, local_type: str, x: float, y: float,
    *, name2: str = "", place: str = "", box: tuple[float, float, float, float] | None = None,
) -> list[str]:  # fmt: skip
    """One of the 34 cells of OS Open Names."""
    cells = [""] * OPEN_NAMES_CELLS
    cells[0], cells[2], cells[6], cells[7], cells[18] = f"osgb{x:.0f}{y:.0f}", name, type_, local_type, place
    cells[4], cells[8], cells[9] = name2, str(x), str(y)
    if box is not None:
        cells[12:16] = [str(edge) for edge in box]
    return cells


OPEN_NAMES = (
    open_names_row(
        "Hartshill", "populatedPlace", "Village", 432_000, 294_000, box=(431_000, 293_000, 433_000, 295_000)
    ),
    open_names_row("Ridge Lane", "populatedPlace", "Hamlet", 430_000, 294_900),
    open_names_row(
        "Oldbury Road", "transportNetwork", "Named Road", 431_900, 294_300, place="Hartshill",
        box=(430_900, 294_250, 433_600, 294_350),
    ),
    open_names_row("B4114", "transportNetwork", "Numbered Road", 434_000, 293_000, place="Hartshill"),
    open_names_row("Hartshill Hayes", "landcover", "Woodland Or Forest", 431_300, 294_500, place="Hartshill"),
    open_names_row("CV10 0TD", "other", "Postcode", 432_000, 294_000),
)  # fmt: skip


def write_csv(path: Path, rows: Rows, *, header: Sequence[str] = (), bom: bool = False) -> Path:
    """Rows as a CSV."""
    lines = [
        ",".join(f'"{cell}"' if "," in str(cell) else str(cell) for cell in row)
        for row in [*([header] if header else []), *rows]
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig" if bom else "utf-8")
    return path


def write_layer(
    path: Path, layer: str, shapes: Sequence[shapely.Geometry], columns: Mapping[str, Sequence[Any]],
    *, crs: str = "EPSG:27700", kind: str = "Unknown",
) -> Path:  # fmt: skip
    """A layer of a GeoPackage, added to those that are there."""
    pyogrio.raw.write(
        path, shapely.to_wkb(np.array(shapes, dtype=object)),
        [np.array(list(values), dtype=object) for values in columns.values()], fields=np.array(list(columns)),
        layer=layer, driver="GPKG", geometry_type=kind, crs=crs, append=path.exists(), promote_to_multi=False,
    )  # fmt: skip
    return path


ROAD_LINKS = (
    # name_1, number, start, end, line
    ("Oldbury Road", "B4114", "n1", "n2", [(430_000, 294_300), (430_800, 294_300)]),
    ("Oldbury Road", "B4114", "n2", "n3", [(430_800, 294_300), (432_000, 294_300)]),
    ("Oldbury Road", "B4114", "n3", "n4", [(432_000, 294_300), (434_000, 294_300)]),
    ("Castle Road", None, "n2", "n5", [(430_800, 294_300), (430_800, 295_000)]),
    ("Mill Lane", None, "n6", "n3", [(432_000, 293_500), (432_000, 294_300)]),
    (None, "A5", "n7", "n8", [(430_000, 297_000), (431_000, 297_500)]),
    (None, None, "n8", "n9", [(431_000, 297_500), (431_500, 297_500)]),
    # The same name, elsewhere: another road.
    ("Mill Lane", None, "n20", "n21", [(450_000, 280_000), (450_300, 280_000)]),
)


def write_open_roads(path: Path) -> Path:
    """A GeoPackage of OS Open Roads."""
    names, numbers, starts, ends, lines = zip(*ROAD_LINKS, strict=True)
    columns = {"name_1": names, "road_classification_number": numbers, "start_node": starts, "end_node": ends}
    return write_layer(
        path, "road_link", [shapely.LineString(line) for line in lines], columns, kind="LineString"
    )


CODE_POINT = (
    ("CV10 0TD", 10, 432_050, 294_320, "E92000001", "", "", "E10000031", "E07000218", "E05007465"),
    ("CV100TE", 10, 432_150, 294_250, "E92000001", "", "", "E10000031", "E07000218", "E05007465"),
    ("CV9 1AA", 90, 0, 0, "E92000001", "", "", "E10000031", "E07000218", "E05007457"),
)


def zipped(folder: Path, archive: Path) -> Path:
    """Everything of a folder in a zip."""
    with zipfile.ZipFile(archive, "w") as file:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                file.write(path, path.relative_to(folder))
    return archive
