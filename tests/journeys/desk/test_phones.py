"""A phone is set up by the code that the desk shows, and from then on the desk sees how it does."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Browser, expect

from tests.browser.desk import Desk
from tests.browser.people import Person
from tests.browser.phone import PATIENCE_MS, phone_options
from tests.browser.stacks import Running
from tests.builders import Council, report_op
from tests.scanning import scanned


def test_a_phone_is_set_up_by_scanning_the_code_that_the_desk_shows(
    browser: Browser, separate_processes: Running, council: Council, new_desk: Callable[..., Desk]
) -> None:
    page = new_desk().page
    page.goto("/desk#/phones")
    page.get_by_role("button", name="Set up a phone…").click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_label("Whose phone?").select_option(str(council.users["crew"]))
    sheet.get_by_role("button", name="Show the code").click()
    shown = sheet.get_by_role("img", name="The link as a code to scan")
    expect(shown).to_be_visible()
    link = scanned(shown.screenshot())
    expect(sheet.get_by_text(link, exact=True)).to_be_visible()
    assert link.startswith(f"{separate_processes.url}/crew#enrol=")

    with browser.new_context(**phone_options(separate_processes.url)) as phone:
        phone.set_default_timeout(PATIENCE_MS)
        on_phone = phone.new_page()
        on_phone.goto(link)
        on_phone.get_by_role("button", name="Set up this phone").click()
        expect(on_phone.get_by_text("As the council had it")).to_be_visible()
    page.reload()
    row = page.get_by_role("listitem").filter(has_text="Crew of")
    expect(row.get_by_text("Nothing waits on it")).to_be_visible()


def test_the_desk_sees_how_a_phone_does_by_what_it_last_told(
    council: Council, new_desk: Callable[..., Desk], colleague: Person
) -> None:
    colleague.push(report_op())
    [phone] = colleague.get("devices")["items"]
    told = {"unsent": 2, "oldest_unsent_at": "2026-01-02T06:42:00Z", "app_version": "0.9.3"}
    op = report_op(seq=2) | {"clock_offset_ms": 14 * 60_000}
    colleague.post("sync/push", {"device_id": phone["id"], "ops": [op], "status": told})
    page = new_desk().page
    page.goto("/desk#/phones")
    row = page.get_by_role("listitem").filter(has_text="another phone")
    expect(row.get_by_text("Tipwatch 0.9.3")).to_be_visible()
    expect(row.get_by_text(re.compile("2 items not sent yet, the oldest from 2 Jan"))).to_be_visible()
    expect(row.get_by_title("Friday 2 January 2026 at 06:42")).to_be_visible()
    expect(row.get_by_text("Its clock is 14 minutes slow")).to_be_visible()
    heard_of = row.get_by_text("last heard of").locator("time").get_attribute("datetime")
    assert heard_of == colleague.get("devices")["items"][0]["last_seen_at"] >= phone["last_seen_at"]
