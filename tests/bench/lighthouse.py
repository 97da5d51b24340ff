"""Lighthouse's marks for the crew's app on a phone."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.bench.figures import Figure
from tests.bench.grounds import ground
from tests.services.node import environ, install

ABOUT = "Lighthouse's emulated phone, in the system's Chromium, on `/crew` as somebody first sees it, not signed in."
HERE = Path(__file__).parent
AIMS = {"performance": 95, "accessibility": 100, "best-practices": 95}


def measure(chromium: str) -> list[Figure]:
    """Lighthouse's three marks. Raises RuntimeError when Node is not there."""
    install(HERE)
    with ground("SQLite") as here:
        here.stack.start("web")
        marks = _audit(f"{here.stack.url}/crew", chromium, here.stack.folder / "report.json")
    return [
        Figure(
            f"Lighthouse {name.replace('-', ' ')}", "mobile", str(marks[name]), f"{aim}", marks[name] >= aim
        )
        for name, aim in AIMS.items()
    ]


def _audit(url: str, chromium: str, report: Path) -> dict[str, int]:
    command = [
        "node", "node_modules/lighthouse/cli/index.js", url, "--quiet", "--output=json", f"--output-path={report}",
        "--no-enable-error-reporting",
        f"--only-categories={','.join(AIMS)}", "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
    ]  # fmt: skip
    subprocess.run(command, check=True, cwd=HERE, env={**environ(), "CHROME_PATH": chromium})
    found: dict[str, Any] = json.loads(report.read_text())["categories"]
    return {name: round(100 * category["score"]) for name, category in found.items()}
