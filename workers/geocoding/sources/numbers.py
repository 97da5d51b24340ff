"""OS Open UPRN (a CSV of properties) and OS Open USRN (a GeoPackage of streets)."""

from __future__ import annotations

from typing import Any

import shapely

from workers.geocoding.codes import CodeSetBuilder
from workers.geocoding.sources.files import Account, Member, WrongFile, lists
from workers.geocoding.sources.geopackages import batches, columns_of, layers_of, text_of
from workers.geocoding.sources.points import point_of, vertices_of

UPRN_SOURCE, USRN_SOURCE = "os_open_uprn", "os_open_usrn"
UPRN_COLUMNS = ["UPRN", "X_COORDINATE", "Y_COORDINATE", "LATITUDE", "LONGITUDE"]
UPRN_EXPECTED = f"the CSV of OS Open UPRN, whose first line is {', '.join(UPRN_COLUMNS)}"
# They have at most twelve figures.
NUMBER_MOST = 10**12
USRN_EXPECTED = "the GeoPackage of OS Open USRN, whose layer openUSRN has the column usrn"


def read_uprn(member: Member, builder: CodeSetBuilder, account: Account) -> None:
    """Take the properties of one CSV. Raises WrongFile."""
    rows = lists(member, account)
    _, _, first = next(rows, (1, 0.0, list[str]()))
    if [name.strip().upper() for name in first] != UPRN_COLUMNS:
        raise WrongFile(f"{member.name}: this is not {UPRN_EXPECTED}")
    for line, share, cells in rows:
        try:
            if len(cells) != len(UPRN_COLUMNS):
                raise ValueError(f"{len(UPRN_COLUMNS)} cells were expected, not {len(cells)}")
            uprn, point = _number(cells[0], "UPRN"), point_of(cells[1], cells[2])
        except ValueError as error:
            account.bad(f"{member.name}, line {line}", error)
        else:
            builder.add_number(uprn, *point)
            account.took(member.name, share)


def read_usrn(member: Member, builder: CodeSetBuilder, account: Account) -> None:
    """Take the streets of one GeoPackage. Raises WrongFile."""
    with member.on_disk() as path:
        layer = next((name for name in layers_of(path) if name.lower() == "openusrn"), None)
        column = (
            next((name for name in columns_of(path, layer)[0] if name.lower() == "usrn"), None)
            if layer
            else None
        )
        if layer is None or column is None:
            raise WrongFile(f"{member.name}: this is not {USRN_EXPECTED}")
        for batch in batches(path, layer, [column]):
            for index, (shape, usrn) in enumerate(zip(batch.shapes, batch.columns["usrn"], strict=True)):
                where = f"{member.name}, feature {batch.first + index}"
                try:
                    number = _number(usrn, "USRN")
                    lines = [vertices_of(part).tolist() for part in shapely.get_parts(shape)]
                    if not lines:
                        raise ValueError("a line was expected")
                except ValueError as error:
                    account.bad(where, error)
                else:
                    builder.add_line(number, lines)
                    account.took(where, (batch.first + index) / batch.of)


def _number(cell: Any, of: str) -> int:
    """The number in a cell: text, or what a column of numbers holds. ValueError when there is none."""
    try:
        number = int(cell)
    except (TypeError, ValueError, OverflowError):
        number = 0
    if not 0 < number < NUMBER_MOST:
        raise ValueError(f"{text_of(cell)!r} is no {of}")
    return number
