"""A set of names as it is asked: what is near a point, what holds it, and what each entry is called."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from workers.geocoding.columns import Array, Texts, read_columns
from workers.geocoding.names import (
    BOX_CELL_M,
    CELL_M,
    KINDS,
    NameSetBuilder,
)
from workers.geocoding.near import CM, Boxes, Floats, Ints, Stretches
from workers.geocoding.search import Search


@dataclass(frozen=True)
class NameSet:
    """One source's names. Read-only, so threads may share it. Positions in metres of the National Grid."""

    columns: dict[str, Array]
    sources: tuple[str, ...]
    about: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def built(cls, builder: NameSetBuilder) -> NameSet:
        """A set held in memory."""
        return cls(builder.columns(), tuple(builder.sources))

    @classmethod
    def opened(cls, folder: Path) -> NameSet:
        """A set mapped from its folder. Raises WrongFormat."""
        columns, about = read_columns(folder)
        return cls(columns, tuple(about["sources"]), about)

    def __len__(self) -> int:
        return len(self.columns["x"])

    def has(self, kind: str) -> bool:
        """Whether there is anything of this kind in it."""
        return f"{kind}_entry" in self.columns

    def name(self, entry: int) -> str:
        """What an entry is called; for a postcode, UPRN or USRN its code or number."""
        if "number" in self.columns:
            return str(self.columns["number"][entry])
        if "code" in self.columns:
            return spaced_postcode(self.columns["code"][entry].decode())
        return self._texts[int(self.columns["name"][entry])]

    def locality(self, entry: int) -> str:
        """The place an entry is in, as its source says; "" where that is not known."""
        return self._texts[int(self.columns["locality"][entry])] if "locality" in self.columns else ""

    def source(self, entry: int) -> str:
        """Where an entry comes from."""
        return (
            self.sources[int(self.columns["source"][entry])] if "source" in self.columns else self.sources[0]
        )

    def kind(self, entry: int) -> str:
        """The entry's kind."""
        return KINDS[int(self.columns["kind"][entry])] if "kind" in self.columns else str(self.about["kind"])

    def position(self, entry: int) -> tuple[float, float]:
        """The one point that stands for an entry."""
        return float(self.columns["x"][entry]) / CM, float(self.columns["y"][entry]) / CM

    def nearest(self, kind: str, x: Floats, y: Floats, reach_m: float) -> tuple[Ints, Floats]:
        """Of each point the nearest entry of a kind, or -1, and its distance."""
        if not self.has(kind):
            return np.full(len(x), -1, dtype=np.int64), np.full(len(x), np.nan)
        return self.stretches(kind).nearest(x, y, reach_m)

    def holding(self, kind: str, x: Floats, y: Floats, margin_m: float = 0) -> Ints:
        """Of each point the entry of a kind whose extent is the smallest that holds it, or -1."""
        boxes = self._boxes(kind)
        return np.full(len(x), -1, dtype=np.int64) if boxes is None else boxes.smallest(x, y, margin_m)

    def between(self, entry: int, x: float, y: float) -> tuple[str, str] | None:
        """The roads that meet an entry on either side of a point on it, for a road long enough to need it."""
        if "junction_of" not in self.columns:
            return None
        low, high = np.searchsorted(self.columns["junction_of"], [entry, entry + 1])
        if high - low < 2:
            return None
        here = np.array([x, y]) * CM
        at = np.column_stack([self.columns[f"junction_{axis}"][low:high].astype(float) for axis in "xy"])
        return _either_side(at - here, self.columns["junction_name"][low:high], self._texts)

    def stretches(self, kind: str) -> Stretches:
        """The stretches or points of a kind that there is something of."""
        return self._stretches[kind]

    @functools.cached_property
    def search(self) -> Search:
        """Searching by words; only for sets that have names."""
        return Search(self.columns)

    @functools.cached_property
    def _stretches(self) -> dict[str, Stretches]:
        return {kind: Stretches(self.columns, kind, CELL_M[kind]) for kind in KINDS if self.has(kind)}

    @functools.cached_property
    def _texts(self) -> Texts:
        return Texts(self.columns, "text")

    @functools.cached_property
    def _all_boxes(self) -> dict[str, Boxes]:
        return {
            kind: Boxes(self.columns, f"{kind}_box", cell_m)
            for kind, cell_m in BOX_CELL_M.items()
            if f"{kind}_box_entry" in self.columns
        }

    def _boxes(self, kind: str) -> Boxes | None:
        return self._all_boxes.get(kind)


def spaced_postcode(code: str) -> str:
    """ "CV100TD" as people write it: "CV10 0TD"."""
    return f"{code[:-3]} {code[-3:]}"


def _either_side(offsets: Array, names: Array, texts: Texts) -> tuple[str, str] | None:
    """The nearest junction, and the nearest that lies the other way from the point (by the angle between them)."""
    away = np.hypot(offsets[:, 0], offsets[:, 1])
    order = np.lexsort((names, away))
    first = order[0]
    for second in order[1:]:
        if names[second] != names[first] and offsets[first] @ offsets[second] < 0:
            return texts[int(names[first])], texts[int(names[second])]
    return None
