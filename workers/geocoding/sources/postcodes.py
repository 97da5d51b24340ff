"""Postcodes: Code-Point Open (CSV without a header) and the ONS Postcode Directory (CSV with one)."""

from __future__ import annotations

import re

from workers.geocoding.codes import CodeSetBuilder, compact_postcode
from workers.geocoding.sources.files import Account, Member, WrongFile, lists, records
from workers.geocoding.sources.points import point_of

CODE_POINT, ONS_DIRECTORY = "os_code_point_open", "ons_postcode_directory"
CODE_POINT_EXPECTED = (
    "the CSV files of Code-Point Open: ten columns without a header, from postcode, quality, easting and northing "
    "to the ward"
)
ONS_EXPECTED = "pcd or pcds, doterm, oseast1m, osnrth1m: the data file of the ONS Postcode Directory"
CODE_POINT_CELLS = 10
# How the positional quality says that a postcode has no position.
NO_POSITION = "90"
_POSTCODE = re.compile(r"[A-Z]{1,2}\d[A-Z\d]?\d[A-Z]{2}")


def read_code_point(member: Member, builder: CodeSetBuilder, account: Account) -> None:
    """Take one file of Code-Point Open. Raises WrongFile."""
    for line, share, cells in lists(member, account):
        if len(cells) != CODE_POINT_CELLS or not _POSTCODE.fullmatch(compact_postcode(cells[0])):
            if line == 1:
                raise WrongFile(f"{member.name}: this is not {CODE_POINT_EXPECTED}")
            account.bad(f"{member.name}, line {line}", "a postcode and nine more cells were expected")
        elif cells[1].strip() != NO_POSITION:
            _take(cells[0], cells[2], cells[3], f"{member.name}, line {line}", share, builder, account)


def read_ons_directory(member: Member, builder: CodeSetBuilder, account: Account) -> None:
    """Take the live postcodes of Great Britain of the ONS directory. Raises WrongFile."""
    for line, share, row in records(member, ("oseast1m", "osnrth1m", "doterm"), ONS_EXPECTED, account):
        code = row.get("pcds") or row.get("pcd8") or row.get("pcd7") or row.get("pcd")
        if code is None:
            raise WrongFile(f"{member.name}: the first line must name the columns {ONS_EXPECTED}")
        if row["doterm"].strip() or not row["oseast1m"].strip():
            continue  # it has ended, or has no position
        _take(code, row["oseast1m"], row["osnrth1m"], f"{member.name}, line {line}", share, builder, account)


def _take(
    code: str, easting: str, northing: str, where: str, share: float, builder: CodeSetBuilder, account: Account
) -> None:  # fmt: skip
    try:
        if not _POSTCODE.fullmatch(compact_postcode(code)):
            raise ValueError(f"{code!r} is no postcode")
        x, y = point_of(easting, northing)
    except ValueError as error:
        account.bad(where, error)
        return
    builder.add_postcode(code, x, y)
    account.took(where, share)
