"""A set of names: what one source of one vintage knows, as columns. Built here, read by `nameset.py`."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workers.geocoding.columns import Array, texts_columns
from workers.geocoding.near import CM, Stretches, boxes_columns, lines_columns, points_columns
from workers.geocoding.words import word_columns

KINDS = ("road", "locality", "postcode", "landmark", "uprn", "usrn")
ROAD, LOCALITY, POSTCODE, LANDMARK, UPRN, USRN = range(len(KINDS))
# How far each kind is looked for, metres.
REACH_M = {
    "road": 250.0,
    "locality": 5_000.0,
    "postcode": 1_000.0,
    "landmark": 400.0,
    "uprn": 100.0,
    "usrn": 100.0,
}
# The side of each kind's cells: the reach, and half a stretch's length where there are lines.
CELL_M = {
    "road": 500.0,
    "locality": 5_000.0,
    "postcode": 1_000.0,
    "landmark": 500.0,
    "uprn": 100.0,
    "usrn": 250.0,
}
# Extents wider than two of these cells are left out: they say too little.
BOX_CELL_M = {"road": 2_500.0, "locality": 10_000.0}
# A road that stretches no further from its point than this needs no extent.
SMALL_BOX_CM = 100 * CM

Box = tuple[float, float, float, float]
Path = Sequence[tuple[float, float]]


@dataclass(slots=True)
class NameSetBuilder:
    """Takes names in as they are read, holding numbers rather than objects; `columns` puts them in order.

    Coordinates are metres of the National Grid. A name of kind postcode, UPRN or USRN is its code or number.
    """

    sources: list[str] = field(default_factory=list)
    _texts: dict[str, int] = field(default_factory=lambda: {"": 0})
    _kind: array[int] = field(default_factory=lambda: array("B"))
    _source: array[int] = field(default_factory=lambda: array("B"))
    _name: array[int] = field(default_factory=lambda: array("i"))
    _locality: array[int] = field(default_factory=lambda: array("i"))
    _x: array[int] = field(default_factory=lambda: array("i"))
    _y: array[int] = field(default_factory=lambda: array("i"))
    _other_names: list[int] = field(default_factory=list)
    _boxes: list[tuple[int, Box]] = field(default_factory=list)
    _lines: list[tuple[Array, Array]] = field(default_factory=list)
    _junctions: list[tuple[Array, Array]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self._kind)

    def add(
        self, kind: int, name: str, easting: float, northing: float,
        *, source: str, locality: str = "", box: Box | None = None,
    ) -> int:  # fmt: skip
        """Take in one name at a point, with its extent (west, south, east, north) where known; returns its number."""
        entry = len(self._kind)
        self._kind.append(kind)
        self._source.append(self._source_number(source))
        self._name.append(self._text(name))
        self._locality.append(self._text(locality))
        self._x.append(round(easting * CM))
        self._y.append(round(northing * CM))
        if box is not None and KINDS[kind] in BOX_CELL_M:
            self._boxes.append((entry, box))
        return entry

    def add_other_name(self, entry: int, name: str, locality: str) -> None:
        """Take in what else an entry is called: it is found by it, and told by its own name."""
        x, y = self._x[entry] / CM, self._y[entry] / CM
        source = self.sources[self._source[entry]]
        self._other_names.append(self.add(self._kind[entry], name, x, y, source=source, locality=locality))

    def add_paths(self, entry: int, paths: Iterable[Path]) -> None:
        """Say where an entry runs: lines of (easting, northing)."""
        for path in paths:
            vertices = np.asarray(path, dtype=float).reshape(-1, 2)
            ends = (
                np.hstack([vertices[:-1], vertices[1:]]) if len(vertices) > 1 else np.hstack([vertices] * 2)
            )
            self.add_lines(ends, np.full(len(ends), entry))

    def add_lines(self, ends: Array, entries: Array) -> None:
        """The same for many at once. ends: (n, 4) x1, y1, x2, y2; entries: (n,) the numbers they are of."""
        self._lines.append((np.rint(ends * CM), entries.astype(np.int64)))

    def add_junctions(self, entries: Array, facts: Array) -> None:
        """Where other named roads meet an entry. facts: (n, 3) easting, northing, number of the other entry."""
        self._junctions.append((entries.astype(np.int64), facts))

    def columns(self, *, words: bool = True) -> dict[str, Array]:
        """Everything in the order and the columns that `NameSet` reads."""
        texts, rank = _sorted_texts(self._texts)
        name, locality = rank[_as_array(self._name, "i4")], rank[_as_array(self._locality, "i4")]
        x, y = _as_array(self._x, "i4"), _as_array(self._y, "i4")
        source = _as_array(self._source, "u1")
        order = np.lexsort((y, x, source, name))
        new_number = np.empty(len(order), dtype=np.int64)
        new_number[order] = np.arange(len(order))
        columns: dict[str, Array] = {
            "kind": _as_array(self._kind, "u1")[order], "source": source[order], "name": name[order],
            "x": x[order], "y": y[order],
        }  # fmt: skip
        columns |= self._stretch_columns(columns, new_number) | self._box_columns(new_number)
        columns["locality"] = _with_nearest_locality(columns, locality[order])
        columns |= self._junction_columns(columns, new_number)
        columns |= texts_columns("text", texts)
        if words:
            columns |= word_columns(texts, columns["name"], columns["locality"])
        return columns

    def _source_number(self, source: str) -> int:
        if source not in self.sources:
            self.sources.append(source)
        return self.sources.index(source)

    def _text(self, text: str) -> int:
        return self._texts.setdefault(text, len(self._texts))

    def _stretch_columns(self, columns: dict[str, Array], new_number: Array) -> dict[str, Array]:
        """For each kind: its lines; its points for what has no line and is no other name."""
        ends = np.concatenate([lines for lines, _ in self._lines]) if self._lines else np.zeros((0, 4))
        of = (
            new_number[np.concatenate([of for _, of in self._lines])]
            if self._lines
            else np.zeros(0, np.int64)
        )
        no_point = np.zeros(len(new_number), dtype=bool)
        no_point[of] = True
        no_point[new_number[np.array(self._other_names, dtype=np.int64)]] = True
        found: dict[str, Array] = {}
        for number, kind in enumerate(KINDS):
            mine = columns["kind"] == number
            if not mine.any():
                continue
            points = np.flatnonzero(mine & ~no_point)
            xy = columns["x"][points], columns["y"][points]
            lines = mine[of]
            if not lines.any():
                found |= points_columns(kind, *xy, points, CELL_M[kind])
                continue
            as_lines = np.column_stack([*xy, *xy])
            all_ends, all_of = np.vstack([ends[lines], as_lines]), np.concatenate([of[lines], points])
            found |= lines_columns(kind, all_ends, all_of, CELL_M[kind])
        return found

    def _box_columns(self, new_number: Array) -> dict[str, Array]:
        if not self._boxes:
            return {}
        entries = np.array([entry for entry, _ in self._boxes])
        boxes = np.rint(np.array([box for _, box in self._boxes]) * CM).astype(np.int64)
        kinds = np.frombuffer(self._kind, dtype=np.uint8)[entries]
        across = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
        found: dict[str, Array] = {}
        for kind, cell_m in BOX_CELL_M.items():
            least = SMALL_BOX_CM if kind == "road" else 0
            mine = (kinds == KINDS.index(kind)) & (across > least) & (across <= 2 * cell_m * CM)
            if mine.any():
                found |= boxes_columns(f"{kind}_box", boxes[mine], new_number[entries[mine]], cell_m)
        return found

    def _junction_columns(self, columns: dict[str, Array], new_number: Array) -> dict[str, Array]:
        """The junctions in the order of their roads: `junction_of` ascends; where, and the other road's name."""
        if not self._junctions:
            return {}
        of = new_number[np.concatenate([entries for entries, _ in self._junctions])]
        facts = np.concatenate([facts for _, facts in self._junctions])
        other = columns["name"][new_number[facts[:, 2].astype(np.int64)]]
        order = np.lexsort((facts[:, 1], facts[:, 0], other, of))
        return {
            "junction_of": of[order].astype(np.int32), "junction_name": other[order].astype(np.int32),
            "junction_x": np.rint(facts[order, 0] * CM).astype(np.int32),
            "junction_y": np.rint(facts[order, 1] * CM).astype(np.int32),
        }  # fmt: skip


def _as_array(values: array[int], kind: str) -> Array:
    return np.frombuffer(values, dtype=kind) if len(values) else np.zeros(0, dtype=kind)


def _sorted_texts(texts: dict[str, int]) -> tuple[list[str], NDArray[np.int32]]:
    """The texts in order, and the new number of each old one."""
    ordered = sorted(texts)
    rank = np.empty(len(ordered), dtype=np.int32)
    rank[[texts[text] for text in ordered]] = np.arange(len(ordered), dtype=np.int32)
    return ordered, rank


def _with_nearest_locality(columns: dict[str, Any], locality: Array) -> Array:
    """A road or landmark whose source does not say in which place it is, is in the nearest of the same set."""
    if "locality_entry" not in columns:
        return locality
    kinds = columns["kind"]
    without = np.flatnonzero((locality == 0) & ((kinds == ROAD) | (kinds == LANDMARK)))
    x, y = columns["x"][without] / CM, columns["y"][without] / CM
    near, _ = Stretches(columns, "locality", CELL_M["locality"]).nearest(x, y, REACH_M["locality"])
    filled = locality.copy()
    filled[without[near >= 0]] = columns["name"][near[near >= 0]]
    return filled
