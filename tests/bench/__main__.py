"""`make bench`: measure everything and write docs/figures.md; with names of measurements, only print these."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench import clustering, cold_start, desk, lighthouse, memory, places, push, pwa_bytes, report_page
from tests.bench.figures import Figure, page, table
from tests.services.fixtures import CHROMIUM_NAMES

PAGE = Path("docs/figures.md")


def _chromium() -> str:
    for name in CHROMIUM_NAMES:
        if path := shutil.which(name):
            return path
    raise SystemExit("Chromium is not on the PATH. On Debian: apt-get install chromium fonts-liberation")


MEASUREMENTS: dict[str, tuple[str, str, Callable[[], list[Figure]]]] = {
    "push": ("Sending reports", push.ABOUT, push.measure),
    "desk": ("The officer's desk", desk.ABOUT, desk.measure),
    "clustering": ("Places that keep being hit", clustering.ABOUT, clustering.measure),
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
    load = os.getloadavg()[0]
    sections = []
    for name in names or MEASUREMENTS:
        title, about, measure = MEASUREMENTS[name]
        figures = measure()
        sections.append((title, about, figures))
        sys.stdout.write(f"{title}\n{table(figures)}\n\n")
        sys.stdout.flush()
    if not names:
        PAGE.write_text(page(sections, load))
    if any(figure.met is False for _, _, figures in sections for figure in figures):
        raise SystemExit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
