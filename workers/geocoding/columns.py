"""Columns of numbers in files: written once, then mapped into memory, so that any number of processes share them.

A folder holds one `.npy` file for each column, and `about.json`, which is written last: a folder without it was not
finished.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FORMAT = 1
ABOUT = "about.json"

Array = NDArray[Any]
Columns = Mapping[str, Array]


class WrongFormat(Exception):
    """The folder is not finished, or was written by a version that this one does not read."""


def write_columns(folder: Path, columns: Columns, about: Mapping[str, Any]) -> None:
    """Write `columns`, then `about` (plain JSON values) into `folder`, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, values in columns.items():
        np.save(folder / f"{name}.npy", values, allow_pickle=False)
    text = json.dumps({**about, "format": FORMAT, "columns": sorted(columns)}, indent=1)
    (folder / ABOUT).write_text(text, encoding="utf-8")


def read_columns(folder: Path) -> tuple[dict[str, Array], dict[str, Any]]:
    """The columns of a folder, mapped read-only, and what was said about them. Raises WrongFormat."""
    try:
        about: dict[str, Any] = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise WrongFormat(f"{folder.name} is not finished: import it again") from error
    if about.get("format") != FORMAT:
        raise WrongFormat(
            f"{folder.name} is of format {about.get('format')}, not {FORMAT}: import its files again"
        )
    return {name: _mapped(folder / f"{name}.npy") for name in about["columns"]}, about


def _mapped(path: Path) -> Array:
    # As a plain array: numpy's memmap class makes each small slice many times as dear.
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))


def size_of(folder: Path) -> int:
    """Bytes on disk of a folder of columns."""
    return sum(path.stat().st_size for path in folder.iterdir())


class Texts:
    """Many short texts as two columns: their UTF-8 bytes end to end, and where each begins."""

    def __init__(self, columns: Columns, name: str) -> None:
        self._bytes, self._at = columns[f"{name}_bytes"], columns[f"{name}_at"]

    def __len__(self) -> int:
        return len(self._at) - 1

    def __getitem__(self, index: int) -> str:
        return self.raw(index).decode()

    def raw(self, index: int) -> bytes:
        """The text's bytes."""
        return bytes(self._bytes[self._at[index] : self._at[index + 1]])

    def first_not_before(self, wanted: bytes) -> int:
        """For sorted texts: the index of the first that is `wanted` or comes after it."""
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self.raw(middle) < wanted:
                low = middle + 1
            else:
                high = middle
        return low

    def holding(self, wanted: bytes, most: int) -> NDArray[np.int64]:
        """Indices of at most `most` texts that hold `wanted` somewhere, ascending."""
        starts: list[int] = []
        at = self._whole.find(wanted)
        while at >= 0 and len(starts) < 2 * most:  # some run from one text into the next
            starts.append(at)
            at = self._whole.find(wanted, at + 1)
        # In the column's own type: else the whole of it would be turned into another for each look.
        found = np.array(starts, dtype=self._at.dtype)
        index = np.searchsorted(self._at, found, side="right") - 1
        return np.unique(index[found + len(wanted) <= self._at[index + 1]])[:most]

    @functools.cached_property
    def _whole(self) -> bytes:
        return self._bytes.tobytes()


def texts_columns(name: str, texts: Iterable[str]) -> dict[str, Array]:
    """The two columns that `Texts` reads."""
    encoded = [text.encode() for text in texts]
    at = np.zeros(len(encoded) + 1, dtype=np.uint32)
    np.cumsum([len(each) for each in encoded], out=at[1:])
    return {f"{name}_bytes": np.frombuffer(b"".join(encoded), dtype=np.uint8), f"{name}_at": at}


def spread(starts: Array, ends: Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """All indices of the ranges `starts[i]:ends[i]`, end to end, and the i that each is of."""
    counts = (ends - starts).astype(np.int64)
    which = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    before = np.cumsum(counts) - counts
    return np.arange(len(which), dtype=np.int64) + np.repeat(starts.astype(np.int64) - before, counts), which
