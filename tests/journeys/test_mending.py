"""What the council cannot take is mended by the crew that saved it, and then arrives once; an officer sees both."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, expect

from tests.browser.desk import Desk
from tests.browser.fixtures import Town
from tests.browser.pictures import camera_photo
from tests.journeys.test_work_without_signal import a_job, open_job
from tests.services.processes import wait_for

# The most that the council takes as a reason; fields of the app take no more, unless an app has a fault in it.
MOST = 4_000


def test_a_result_that_the_council_cannot_take_is_mended_and_arrives_once(
    town: Town, browser: Browser, tmp_path: Path
) -> None:
    phone, page = town.phone, town.phone.page
    case, photo = a_job(town), camera_photo(tmp_path)
    open_job(page)
    phone.shoot("Cleared", photo)
    expect(page.get_by_role("img", name="Photo 1")).to_be_visible()
    words = page.get_by_label("Anything to add?")
    words.evaluate("field => field.removeAttribute('maxlength')")
    words.fill("Gone. " * MOST)
    page.get_by_role("button", name="Save: cleared").click()
    expect(page.get_by_text("Saved on this phone").first).to_be_visible()

    phone.go("waiting")
    refused = page.get_by_role("list", name="Waiting").get_by_role("link")
    expect(refused.get_by_text("Needs you")).to_be_visible()
    refused.click()
    why = "Why: At most 4,000 characters; put the rest in a note"
    expect(page.get_by_text(why)).to_be_visible()
    assert town.officer.get(f"cases/{case['id']}")["jobs"][0]["results"] == []
    wait_for("what an officer may read of it", lambda: kept(town), 60)

    page.get_by_role("link", name="Mend it").click()
    expect(page.get_by_text(why)).to_be_visible()
    page.get_by_label("Why, or what you found").fill("Gone.")
    page.get_by_role("button", name="Save and send again").click()
    job = town.officer.wait_for_result(case["id"], photos=1)
    assert [(result["result"], result["reason"]) for result in job["results"]] == [("done", "Gone.")]
    [after] = job["photos"]
    original = town.officer.bytes_of(f"photos/{after['id']}/original")
    assert hashlib.sha256(original).digest() == hashlib.sha256(photo.read_bytes()).digest()
    expect(page.get_by_role("link", name="0 waiting")).to_be_visible()
    phone.wait_until_safe()
    settle_at_the_desk(town, browser)
    assert kept(town) == []


def settle_at_the_desk(town: Town, browser: Browser) -> None:
    """An officer reads once why it could not be taken in, and puts it aside with what became of it."""
    desk = Desk(browser, town.running.url, town.council)
    page = desk.page
    page.goto("/desk#/phones")
    rows = page.get_by_role("region", name="Kept for you to look at").get_by_role("listitem")
    expect(rows).to_have_count(1)
    expect(rows.get_by_text("reason: At most 4,000 characters")).to_be_visible()
    rows.get_by_role("button", name="I have dealt with it…").click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_label("What was done about it?").fill("The crew has mended it and sent it again")
    sheet.get_by_role("button", name="Settle it").click()
    expect(sheet).to_be_hidden()
    expect(rows).to_have_count(0)
    desk.close()
    assert desk.complaints.left == []


def kept(town: Town) -> list[dict[str, Any]]:
    """What waits for an officer because it could not be taken in."""
    items: list[dict[str, Any]] = town.officer.get("sync/kept")["items"]
    return items
