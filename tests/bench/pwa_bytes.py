"""What a phone must fetch before the first report can be captured."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

from tests.bench.figures import Figure

ABOUT = (
    "Script and style that `crew.html` names, and what these import before anything is shown, each compressed with "
    "gzip -9. The map and other parts that load later are not counted."
)
DIST = Path("pwa/dist")
BUDGET_BYTES = 60_000
_NAMED = re.compile(r"""(?:src|href)="/(assets/[^"]+\.(?:js|css))\"""")
_IMPORTED = re.compile(r"""(?:^|[;}\s])import\s*(?:[\w*{}\s,$]+\s*from\s*)?["']\./([^"']+\.js)["']""")


def measure() -> list[Figure]:
    """Compressed bytes of script and of style. Raises FileNotFoundError when the PWA was not built."""
    files = _needed_at_once()
    sizes = {path: len(gzip.compress(path.read_bytes(), 9, mtime=0)) for path in files}
    script, style = (
        sum(size for path, size in sizes.items() if path.suffix == ending) for ending in (".js", ".css")
    )
    total = script + style
    budget = f"{BUDGET_BYTES // 1000} kB"
    both = Figure(
        "Script and style to first capture", "–", f"{total / 1000:.1f} kB", budget, total <= BUDGET_BYTES
    )
    return [
        Figure("Script to first capture", "–", f"{script / 1000:.1f} kB"),
        Figure("Style to first capture", "–", f"{style / 1000:.1f} kB"),
        both,
    ]


def _needed_at_once() -> set[Path]:
    waiting = [DIST / name for name in _NAMED.findall((DIST / "crew.html").read_text())]
    needed: set[Path] = set()
    while waiting:
        path = waiting.pop()
        if path not in needed:
            needed.add(path)
            if path.suffix == ".js":
                waiting += [path.parent / name for name in _IMPORTED.findall(path.read_text())]
    return needed
