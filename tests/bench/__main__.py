"""`make bench`: measure everything, or what is named, and write it into docs/figures.md."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench import (
    clustering,
    cold_start,
    desk,
    drain,
    lighthouse,
    memory,
    night,
    places,
    pull,
    push,
    pwa_bytes,
    report_page,
)
from tests.bench.figures import Figure, page, section, table
from tests.services.fixtures import CHROMIUM_NAMES

PAGE = Path("docs/figures.md")


def _chromium() -> str:
    for name in CHROMIUM_NAMES:
        if path := shutil.which(name):
            return path
    raise SystemExit("Chromium is not on the PATH. On Debian: apt-get install chromium fonts-liberation")


MEASUREMENTS: dict[str, tuple[str, str, Callable[[], list[Figure]]]] = {
    "push": ("Sending reports", push.ABOUT, push.measure),
    "pull": ("What comes down", pull.ABOUT, pull.measure),
    "drain": ("A slow link", drain.ABOUT, lambda: drain.measure(_chromium())),
    "desk": ("The officer's desk", desk.ABOUT, desk.measure),
    "clustering": ("Places that keep being hit", clustering.ABOUT, clustering.measure),
    "night": ("A night of the whole country", night.ABOUT, night.measure),
    "places": ("Where is it", places.ABOUT, places.measure),
    "memory": ("Memory", memory.ABOUT, memory.measure),
    "bytes": ("Bytes to first capture", pwa_bytes.ABOUT, pwa_bytes.measure),
    "cold-start": ("Cold offline start", cold_start.ABOUT, lambda: cold_start.measure(_chromium())),
    "report": ("The resident's form", report_page.ABOUT, lambda: report_page.measure(_chromium())),
    "lighthouse": ("Lighthouse", lighthouse.ABOUT, lambda: lighthouse.measure(_chromium())),
}


def main(names: Sequence[str]) -> None:
    """Measure what is named, or everything; end with 1 when a budget was missed."""
    if unknown := set(names) - set(MEASUREMENTS):
        raise SystemExit(
            f"No measurement is called {', '.join(sorted(unknown))}; there are {', '.join(MEASUREMENTS)}."
        )
    missed = False
    for name in names or MEASUREMENTS:
        title, about, measure = MEASUREMENTS[name]
        load = os.getloadavg()[0]
        figures = measure()
        sys.stdout.write(f"{title}\n{table(figures)}\n\n")
        sys.stdout.flush()
        _write(title, section(title, about, figures, load))
        missed = missed or any(figure.met is False for figure in figures)
    if missed:
        raise SystemExit(1)


def _write(title: str, written: str) -> None:
    """Each section as soon as it is there: a later one that breaks costs only itself."""
    before = PAGE.read_text() if PAGE.exists() else ""
    PAGE.write_text(page(before, {title: written}, [title for title, _, _ in MEASUREMENTS.values()]))


if __name__ == "__main__":
    main(sys.argv[1:])
