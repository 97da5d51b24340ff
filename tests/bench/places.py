"""Reverse lookups and typeahead over a generated national gazetteer."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import psutil

from tests.bench.figures import Figure, megabytes, milliseconds, percentile
from tests.bench.nation import NAMES, POSTCODES, write_nation
from workers.geocoding.finding import find
from workers.geocoding.gazetteer import Gazetteer
from workers.geocoding.nameset import NameSet
from workers.geocoding.search import Bias

ABOUT = (
    f"A generated nation of {NAMES / 1e6:.0f} million names and {POSTCODES / 1e6:.1f} million postcodes, as dense as "
    "real ones: towns, villages, country. One process on one core opens the files as the product does; making them is "
    "outside the timing. In bulk: places for positions all over the country at once. Typeahead: what people type letter"
    " by letter, one in five with a slip, from a borough. Memory is what is resident at the end, mapped pages included."
)
BULK, SINGLE, TYPED = 20_000, 400, 400
BULK_BUDGET, SINGLE_BUDGET_S, MEMORY_BUDGET, READY_BUDGET_S, TYPED_BUDGET_S = 5_000, 0.020, 700e6, 3.0, 0.030


def measure() -> list[Figure]:
    """Build the nation, then measure it in a fresh process."""
    with TemporaryDirectory(prefix="tipwatch-bench-") as name:
        folder = Path(name)
        began = time.perf_counter()
        size = write_nation(folder)
        made = time.perf_counter() - began
        command = [sys.executable, "-m", "tests.bench.places", name]
        found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    where = "one core"
    return [
        Figure("Reverse lookups in bulk", where, f"{found['bulk']:,.0f} a second", f"{BULK_BUDGET:,} a second",
               found["bulk"] >= BULK_BUDGET),
        Figure("One reverse lookup, 95 of 100 within", where, milliseconds(found["single"]), "20 ms",
               found["single"] <= SINGLE_BUDGET_S),
        Figure("Typeahead, 95 of 100 within", where, milliseconds(found["typed"]), "30 ms",
               found["typed"] <= TYPED_BUDGET_S),
        Figure("What was meant among the first ten", where, f"{found['found']:.0%}"),
        Figure("Ready after", where, f"{found['ready']:.2f} s", "3 s", found["ready"] <= READY_BUDGET_S),
        Figure("Memory", where, megabytes(found["memory"]), "700 MB", found["memory"] <= MEMORY_BUDGET),
        Figure("Files", where, megabytes(size)),
        Figure("Making and building the files, not timed above", where, f"{made:.0f} s"),
    ]  # fmt: skip


def _main(folder: Path) -> dict[str, Any]:
    began = time.perf_counter()
    sets = [NameSet.opened(path) for path in sorted(folder.iterdir()) if path.is_dir()]
    gazetteer = Gazetteer(shared=sets)
    gazetteer.reverse(430_965, 297_615)
    gazetteer.search("oldbury")
    ready = time.perf_counter() - began
    rng = np.random.default_rng(7)
    points = np.column_stack([sets[0].columns[axis] for axis in "xy"]) / 100
    spots = points[rng.integers(0, len(points), BULK)] + rng.normal(0, 150, (BULK, 2))
    spots = np.clip(spots, 80_000, 650_000)
    began = time.perf_counter()
    gazetteer.reverse_many(spots[:, 0], spots[:, 1])
    bulk = BULK / (time.perf_counter() - began)
    singles = []
    for east, north in spots[:SINGLE]:
        began = time.perf_counter()
        gazetteer.reverse(float(east), float(north))
        singles.append(time.perf_counter() - began)
    typed, found = _typeahead(sets, points)
    return {
        "ready": ready, "bulk": bulk, "single": percentile(singles, 0.95), "typed": percentile(typed, 0.95),
        "found": found, "memory": psutil.Process().memory_info().rss,
    }  # fmt: skip


def _typeahead(sets: list[NameSet], points: Any) -> tuple[list[float], float]:
    """Times of all keystrokes, and how often the name that was meant was among the first ten at the last one."""
    rng = random.Random(11)
    taken, hits = [], 0
    names = next(each for each in sets if "word_at" in each.columns)
    for _ in range(TYPED // 8):
        entry = rng.randrange(len(names))
        east, north = names.position(entry)
        bias = Bias((east + rng.gauss(0, 4_000), north + rng.gauss(0, 4_000)),
                    (east - 15_000, north - 15_000, east + 15_000, north + 15_000))  # fmt: skip
        meant = names.name(entry)
        text = _slipped(meant, rng) if rng.random() < 0.2 else meant
        found = []
        for length in np.linspace(3, len(text), 8).astype(int):
            began = time.perf_counter()
            found = find(sets, text[:length], 10, bias)
            taken.append(time.perf_counter() - began)
        hits += meant in [match.name for match in found]
    return taken, hits / (TYPED // 8)


def _slipped(text: str, rng: random.Random) -> str:
    """One letter left out of the first word, or two swapped."""
    at = rng.randrange(1, max(2, text.index(" ") - 1 if " " in text else len(text) - 1))
    return (
        text[:at] + text[at + 1 :]
        if rng.random() < 0.5
        else text[:at] + text[at : at + 2][::-1] + text[at + 2 :]
    )


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_main(Path(sys.argv[1]))))
