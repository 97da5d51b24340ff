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
from tests.builders import PASSWORD
from tests.services.node import environ, install

ABOUT = (
    "Lighthouse's emulated phone, in the system's Chromium, on each page as somebody first sees it: performance, "
    "accessibility and best practices, of 100. The crew's and the desk's screens with somebody signed in."
)
HERE = Path(__file__).parent
AIMS = {"performance": 95, "accessibility": 100, "best-practices": 95}
PAGES = {
    "Chooser": "/", "Report": "/report", "Report: what": "/report/what", "Report without signal": "/report/offline",
    "Privacy": "/privacy", "Accessibility": "/accessibility", "Sign in": "/sign-in",
}  # fmt: skip
SCREENS = {
    "Crew": ("crew", "/crew"), "Crew: report": ("crew", "/crew#/report"),
    "Crew: hotspots": ("crew", "/crew#/hotspots"), "Desk: queue": ("officer", "/desk"),
    "Desk: hotspots": ("officer", "/desk#/hotspots"), "Desk: overview": ("manager", "/desk#/overview"),
    "Desk: people": ("admin", "/desk#/people"),
}  # fmt: skip


def measure(chromium: str) -> list[Figure]:
    """Lighthouse's three marks of each page. Raises RuntimeError when Node is not there."""
    install(HERE)
    with ground("SQLite") as here:
        here.stack.start("web")
        pages = PAGES | {"Status": _a_status(here.stack.url, here.council.slug)}
        report = here.stack.folder / "report.json"
        url = here.stack.url
        marks = {name: _audit(f"{url}{path}", chromium, report, {}) for name, path in pages.items()}
        for name, (role, path) in SCREENS.items():
            marks[name] = _audit(f"{url}{path}", chromium, report, _signed_in(url, here.council.email(role)))
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


def _signed_in(url: str, email: str) -> dict[str, str]:
    """The headers of somebody who is signed in."""
    with requests.Session() as browser:
        asked = {"email": email, "password": PASSWORD}
        browser.post(f"{url}/api/v1/session", json=asked, timeout=30).raise_for_status()
        return {"Cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies)}


def _audit(url: str, chromium: str, report: Path, headers: dict[str, str]) -> dict[str, int]:
    command = [
        "node", "node_modules/lighthouse/cli/index.js", url, "--quiet", "--output=json", f"--output-path={report}",
        "--no-enable-error-reporting", f"--extra-headers={json.dumps(headers)}",
        f"--only-categories={','.join(AIMS)}", "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
    ]  # fmt: skip
    # On a busy machine the browser at times starts too late to be traced; Lighthouse then asks to be run again.
    for last in (False, False, True):
        done = subprocess.run(command, check=last, cwd=HERE, env={**environ(), "CHROME_PATH": chromium})
        if done.returncode == 0:
            break
    found: dict[str, Any] = json.loads(report.read_text())["categories"]
    return {name: round(100 * category["score"]) for name, category in found.items()}
