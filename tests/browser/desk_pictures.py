"""The pictures of the officer's desk and of the resident's pages, taken from the demo."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from playwright.sync_api import Page, expect

from server.store.clock import rfc3339, system_clock

Keep = Callable[[str], None]


def walk_desk(page: Page, password: str, keep: Keep) -> None:
    """Sign in as the manager and look at the queue, a case with a photo, a place that keeps being hit, the overview."""
    page.goto("/sign-in?next=/desk")
    page.get_by_label("Email").fill("manager@demo.example")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("checkbox").first).to_be_visible()
    _keep_settled(page, keep, "queue")
    cases = page.request.get("/api/v1/cases?sort=newest&limit=100").json()["items"]
    with_photo = next(case for case in cases if case["photos"]["verified"])
    page.goto(f"/desk#/cases/{with_photo['id']}")
    expect(page.get_by_role("heading", name="Photos")).to_be_visible()
    _keep_settled(page, keep, "case", with_map=True)
    page.goto("/desk#/hotspots")
    expect(page.get_by_text("Oldbury Road, Hartshill").first).to_be_visible()
    _keep_settled(page, keep, "hotspots", with_map=True)
    page.get_by_text("Oldbury Road, Hartshill").first.click()
    expect(page.get_by_role("heading", name="Oldbury Road, Hartshill")).to_be_visible()
    _keep_settled(page, keep, "hotspot", with_map=True)
    page.goto("/desk#/overview")
    expect(page.get_by_role("table").first).to_be_visible()
    _keep_settled(page, keep, "overview")


def walk_resident(page: Page, keep: Keep) -> None:
    """The resident's first two pages, and the page that follows a report."""
    page.goto("/report")
    keep("start")
    page.get_by_text("Start now", exact=True).click()
    expect(page.get_by_role("heading", name="What did you see?")).to_be_visible()
    keep("what")
    report = {
        "id": str(uuid.uuid4()), "kind": "fly_tip", "category": "fly_tip", "seen_at": rfc3339(system_clock()),
        "position": None, "where": "The lay-by on Oldbury Road, Hartshill", "authority": "demo", "waste": ["tyres"],
        "description": "A heap of tyres behind the gate",
    }  # fmt: skip
    sent = page.request.post("/api/v1/public/reports", data=report)
    assert sent.ok, sent.text()
    page.goto(sent.json()["status_url"])
    expect(page.get_by_role("heading", name="Your report", level=1)).to_be_visible()
    keep("status")


def _keep_settled(page: Page, keep: Keep, name: str, *, with_map: bool = False) -> None:
    """Keep the picture once everything asked for has come, on the map too, which is drawn after it."""
    page.wait_for_load_state("networkidle")
    if with_map:
        expect(page.locator(".map .mark-on-map").first).to_be_visible()
        expect(page.locator(".map path").first).to_be_attached()
    keep(name)
