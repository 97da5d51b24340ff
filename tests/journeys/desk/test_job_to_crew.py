"""A crew is sent from the desk, does the job without signal, and the desk sees what was done."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, expect

from tests.browser.desk import Desk
from tests.browser.fixtures import Town
from tests.browser.phone import NO_NETWORK
from tests.browser.pictures import camera_photo
from tests.builders import HERE, position, report_op
from tests.journeys.desk.conftest import METRE
from tests.services.processes import wait_for


def test_a_job_goes_to_a_crew_is_done_without_signal_and_its_photo_is_seen_at_the_desk(
    town: Town, browser: Browser, tmp_path: Path
) -> None:
    op = report_op(position=position(lat=HERE[0] + 5 * METRE))
    town.neighbour.push(op)

    def placed() -> dict[str, Any] | None:
        return next(
            (one["case"] for one in town.officer.reports().values() if one["id"] == op["entity_id"]), None
        )

    case = wait_for("the case", placed, 90)
    desk = Desk(browser, town.running.url, town.council)
    page = desk.open_case(case)
    page.get_by_role("button", name="Give a job…").click()
    sheet = page.get_by_role("dialog")
    crew = sheet.get_by_label("Crew", exact=True)
    expect(crew.get_by_role("option", name=re.compile("^Crew of"))).to_be_attached()
    crew.select_option(str(town.council.users["crew"]))
    # By the clock on the office's wall, whatever this browser's own clock shows.
    sheet.get_by_label("Due (if it matters)").fill("2029-07-02T15:30")
    sheet.get_by_label("What the crew should know").fill("Mind the gate.")
    sheet.get_by_role("button", name="Give the job").click()
    expect(sheet).to_be_hidden()

    phone, on_phone = town.phone, town.phone.page
    on_phone.reload()
    expect(on_phone.get_by_role("link", name=re.compile("Clear · .*Oldbury Road"))).to_be_visible()
    phone.forgive(NO_NETWORK)
    phone.context.set_offline(True)
    on_phone.get_by_role("link", name=re.compile("Clear · ")).click()
    phone.shoot("Cleared", camera_photo(tmp_path))
    on_phone.get_by_role("button", name="Save: cleared").click()
    expect(on_phone.get_by_text("Saved on this phone").first).to_be_visible()
    job = town.officer.get(f"cases/{case['id']}")["jobs"][0]
    assert (job["state"], job["due_at"]) == ("open", "2029-07-02T14:30:00Z")

    phone.context.set_offline(False)
    on_phone.reload()
    town.officer.wait_for_result(case["id"], photos=1)
    page.reload()
    jobs = page.get_by_role("region", name="Jobs")
    expect(jobs.get_by_text("cleared").first).to_be_visible()
    after = jobs.get_by_role("img").first
    after.scroll_into_view_if_needed()
    expect(after).to_be_visible()
    wait_for("the picture itself", lambda: after.evaluate("image => image.naturalWidth > 0"), 60)
    page.goto("/desk#/jobs?state=done")
    expect(page.get_by_text(case["reference"])).to_be_visible()
    phone.wait_until_safe()
    desk.close()
    assert desk.complaints.left == []
