"""Lighthouse's marks for every page on a phone."""

from __future__ import annotations

import json
import subprocess
import uuid
from pathlib import Path
from typing import Any

import requests

from server.store.clock import rfc3339, system_clock
from tests.bench.figures import Figure
from tests.bench.grounds import ground
from tests.services.node import environ, install

ABOUT = (
    "Lighthouse's emulated phone, in the system's Chromium, on each page as somebody first sees it, not signed in: "
    "performance, accessibility and best practices, of 100."
)
HERE = Path(__file__).parent
AIMS = {"performance": 95, "accessibility": 100, "best-practices": 95}
PAGES = {
    "Chooser": "/", "Report": "/report", "Report: what": "/report/what", "Report without signal": "/report/offline",
    "Privacy": "/privacy", "Accessibility": "/accessibility", "Sign in": "/sign-in", "Crew": "/crew", "Desk": "/desk",
}  # fmt: skip


def measure(chromium: str) -> list[Figure]:
    """Lighthouse's three marks of each page. Raises RuntimeError when Node is not there."""
    install(HERE)
    with ground("SQLite") as here:
        here.stack.start("web")
        pages = PAGES | {"Status": _a_status(here.stack.url, here.council.slug)}
        report = here.stack.folder / "report.json"
        marks = {name: _audit(f"{here.stack.url}{path}", chromium, report) for name, path in pages.items()}
    return [_figure(name, found) for name, found in marks.items()]


def _figure(page: str, marks: dict[str, int]) -> Figure:
    value, aim = (" · ".join(str(one[name]) for name in AIMS) for one in (marks, AIMS))
    return Figure(
        f"Lighthouse: {page}", "mobile", value, aim, all(marks[name] >= AIMS[name] for name in AIMS)
    )


def _a_status(url: str, slug: str) -> str:
    """The page of a report that was just sent."""
    report = {
        "id": str(uuid.uuid4()), "kind": "fly_tip", "category": "fly_tip", "seen_at": rfc3339(system_clock()),
        "position": None, "where": "By the bridge", "authority": slug,
    }  # fmt: skip
    answer = requests.post(f"{url}/api/v1/public/reports", json=report, timeout=30)
    answer.raise_for_status()
    path: str = answer.json()["status_url"]
    return path


def _audit(url: str, chromium: str, report: Path) -> dict[str, int]:
    command = [
        "node", "node_modules/lighthouse/cli/index.js", url, "--quiet", "--output=json", f"--output-path={report}",
        "--no-enable-error-reporting",
        f"--only-categories={','.join(AIMS)}", "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
    ]  # fmt: skip
    subprocess.run(command, check=True, cwd=HERE, env={**environ(), "CHROME_PATH": chromium})
    found: dict[str, Any] = json.loads(report.read_text())["categories"]
    return {name: round(100 * category["score"]) for name, category in found.items()}
