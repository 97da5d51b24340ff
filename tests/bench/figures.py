"""A figure, and the page of all of them."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured thing, in words for a reader: what, on what, how much, and the budget or aim where there is one."""

    what: str
    where: str
    value: str
    budget: str = ""
    met: bool | None = None


def milliseconds(seconds: float) -> str:
    """Seconds as milliseconds."""
    return f"{seconds * 1000:.1f} ms"


def megabytes(bytes_: float) -> str:
    """Bytes as megabytes of a million bytes."""
    return f"{bytes_ / 1e6:.0f} MB"


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest of the values that at least `share` (0 to 1) of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


def table(rows: Sequence[Figure]) -> str:
    """The figures as a Markdown table whose columns line up in plain text too."""
    cells = [("What", "On", "Measured", "Budget")]
    cells += [(row.what, row.where, row.value, _budget(row)) for row in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(4)]
    lines = [
        "| " + " | ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) + " |"
        for row in cells
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def _budget(row: Figure) -> str:
    if row.met is None:
        return row.budget
    return f"{row.budget}, {'met' if row.met else 'MISSED'}"


def section(title: str, about: str, rows: Sequence[Figure], busy_others: float) -> str:
    """One part of the page: what was measured when, beside how much other work, and its table."""
    today = datetime.now(UTC)
    beside = f", beside other programs (load {busy_others:.1f} before)" if busy_others >= 0.5 else ""
    measured = f"Measured on {today.day} {today:%B %Y}{beside}. {about}"
    return f"## {title}\n\n{measured}\n\n{table(rows)}\n"


def page(before: str, sections: Mapping[str, str], order: Sequence[str]) -> str:
    """`docs/figures.md`: the new sections by title, in order; of the others what the page said `before`."""
    kept = {part.partition("\n")[0]: f"## {part.rstrip()}\n" for part in before.split("\n## ")[1:]}
    known = {**kept, **sections}
    made = f"Made by `make bench` on {machine()}. Run it on your own machine for your own figures.\n"
    return "\n".join(["# Figures\n", made, *(known[title] for title in order if title in known)])


def machine() -> str:
    """Cores, memory, processor and system in words."""
    memory = psutil.virtual_memory().total / 1e9
    return (
        f"{os.cpu_count()} cores ({_processor()}), {memory:.0f} GB of memory, {platform.system()}, "
        f"Python {platform.python_version()}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())
