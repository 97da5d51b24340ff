"""NaPTAN, the national list of stops: street names at points, localities at their stops, and stops as landmarks."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from workers.geocoding.grid import to_grid
from workers.geocoding.names import LANDMARK, LOCALITY, ROAD, NameSetBuilder
from workers.geocoding.sources.files import Account, Member, records
from workers.geocoding.sources.points import point_of

SOURCE = "naptan"
COLUMNS = ("atcocode", "commonname", "street", "localityname")
EXPECTED = "ATCOCode, CommonName, Street, LocalityName, and Easting and Northing or Longitude and Latitude"
# What councils write where there is no street.
_NO_STREET = {
    "",
    "-",
    "--",
    "---",
    "n/a",
    "na",
    "none",
    "not known",
    "unknown",
    "unnamed road",
    "no name",
    ".",
}


@dataclass(slots=True)
class Stops:
    """Stops as they are read; localities wait for all of theirs."""

    builder: NameSetBuilder
    _localities: dict[tuple[str, str], list[tuple[float, float]]] = field(default_factory=dict)

    def take(self, row: dict[str, str]) -> None:
        """Take in one stop. ValueError when it has no position or name."""
        x, y = _position(row)
        name, street, locality = (row[key].strip() for key in ("commonname", "street", "localityname"))
        if not name:
            raise ValueError("the name is empty")
        self.builder.add(LANDMARK, name, x, y, source=SOURCE, locality=locality)
        if street.casefold() not in _NO_STREET:
            self.builder.add(ROAD, street, x, y, source=SOURCE, locality=locality)
        if locality:
            self._localities.setdefault((locality, row.get("nptglocalitycode", "")), []).append((x, y))

    def put_localities(self) -> None:
        """Put each locality at the middle of its stops: what NaPTAN itself says of where it is."""
        for (name, _), points in sorted(self._localities.items()):
            x, y = np.median(np.array(points), axis=0)
            self.builder.add(LOCALITY, name, float(x), float(y), source=SOURCE)


def read(member: Member, stops: Stops, account: Account) -> None:
    """Take the stops of one CSV that are in use. Raises WrongFile."""
    for line, share, row in records(member, COLUMNS, EXPECTED, account):
        if row.get("status", "").strip().lower() in ("inactive", "del", "pen"):
            continue
        where = f"{member.name}, line {line}"
        try:
            stops.take(row)
        except ValueError as error:
            account.bad(where, error)
        else:
            account.took(where, share)


def _position(row: dict[str, str]) -> tuple[float, float]:
    if row.get("easting", "").strip() and row.get("northing", "").strip():
        return point_of(row["easting"], row["northing"])
    point = to_grid(float(row.get("latitude") or "nan"), float(row.get("longitude") or "nan"))
    if point is None:
        raise ValueError("the stop has no position in Great Britain")
    return point.easting, point.northing
