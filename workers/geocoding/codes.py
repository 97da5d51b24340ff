"""Sets of what has a code instead of a name: postcodes, and the numbers of properties and streets (UPRN, USRN)."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

import numpy as np

from workers.geocoding.columns import Array
from workers.geocoding.names import CELL_M, Path
from workers.geocoding.near import CM, Ints, lines_columns, points_columns

CODE_LETTERS = 7


def compact_postcode(text: str) -> str:
    """ "cv10  0td" as it is stored and compared: "CV100TD"."""
    return "".join(text.split()).upper()


@dataclass(slots=True)
class CodeSetBuilder:
    """Takes in codes of one kind with their points (metres), and for streets their lines."""

    kind: str
    _code: list[bytes] = field(default_factory=list)
    _number: array[int] = field(default_factory=lambda: array("q"))
    _x: array[int] = field(default_factory=lambda: array("i"))
    _y: array[int] = field(default_factory=lambda: array("i"))
    _ends: list[Array] = field(default_factory=list)
    _of: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self._x)

    def add_postcode(self, code: str, easting: float, northing: float) -> None:
        """Take in a postcode, with or without its space."""
        self._code.append(compact_postcode(code).encode())
        self._put(easting, northing)

    def add_number(self, number: int, easting: float, northing: float) -> None:
        """Take in a UPRN at its point."""
        self._number.append(number)
        self._put(easting, northing)

    def add_line(self, number: int, paths: list[Path]) -> None:
        """Take in a USRN with its lines."""
        for path in paths:
            vertices = np.asarray(path, dtype=float)[:, :2]
            self._ends.append(np.hstack([vertices[:-1], vertices[1:]]))
            self._of.extend([len(self)] * (len(vertices) - 1))
        middle = paths[0][len(paths[0]) // 2]
        self.add_number(number, middle[0], middle[1])

    def columns(self) -> dict[str, Array]:
        """The codes in their order, and the columns `Stretches` reads; of a code that came twice the last counts."""
        numbered = self.kind != "postcode"
        codes = (
            np.frombuffer(self._number, dtype=np.int64).copy()
            if len(self._number)
            else np.array(self._code, dtype=f"S{CODE_LETTERS}")
        )
        # From behind, so that the last of equal codes is the first seen.
        unique, backwards = np.unique(codes[::-1], return_index=True)
        kept = len(codes) - 1 - backwards
        x, y = (
            np.frombuffer(each, dtype=np.int32)[kept] if len(self) else np.zeros(0, np.int32)
            for each in (self._x, self._y)
        )
        columns = {"number" if numbered else "code": unique, "x": x, "y": y}
        entries = np.arange(len(unique))
        if not self._ends:
            return columns | points_columns(self.kind, x, y, entries, CELL_M[self.kind])
        new_number = np.full(len(codes), -1, dtype=np.int64)
        new_number[kept] = entries
        of = new_number[np.array(self._of)]
        ends = np.rint(np.concatenate(self._ends) * CM)[of >= 0]
        return columns | lines_columns(self.kind, ends, of[of >= 0], CELL_M[self.kind])

    def _put(self, easting: float, northing: float) -> None:
        self._x.append(round(easting * CM))
        self._y.append(round(northing * CM))


def beginning_with(
    columns: dict[str, Array], text: str, most: int, centre: tuple[float, float] | None
) -> Ints:
    """Entries of a postcode set whose code begins so: nearest to `centre` first, else by code; at most `most`."""
    wanted = compact_postcode(text).encode()
    if not wanted or len(wanted) > CODE_LETTERS:
        return np.zeros(0, dtype=np.int64)
    codes = columns["code"]
    low, high = np.searchsorted(codes, wanted), np.searchsorted(codes, wanted + b"\xff" * CODE_LETTERS)
    entries = np.arange(low, high)
    if centre is None or len(entries) <= 1:
        return entries[:most]
    away = np.hypot(columns["x"][low:high] / CM - centre[0], columns["y"][low:high] / CM - centre[1])
    return entries[np.lexsort((entries, np.round(away)))][:most]
