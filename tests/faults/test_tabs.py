"""Tabs of the app that end, freeze or meet each other at the worst moment."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.faults.chromium_phone import ChromiumPhone
from tests.faults.crossing import PUSH, Crossing
from tests.faults.network_faults import Hold
from tests.services.processes import wait_for

pytestmark = pytest.mark.proof

STILL = "/healthz"


@pytest.mark.fault(13)
def test_killed_between_saving_and_sending(crossing: Crossing, phone: ChromiumPhone, photo: Path) -> None:
    """What was called saved is there when the app is opened again, and goes from there; the server was down."""
    crossing.lose_server()
    code = phone.report(photo)
    phone.waiting(1)
    phone.kill()
    crossing.find_server()
    phone.open()
    crossing.wait_for(code, photo)
    phone.wait_until_safe()


@pytest.mark.fault(14)
def test_killed_between_sending_and_noting_the_answer(
    crossing: Crossing, phone: ChromiumPhone, photo: Path
) -> None:
    """The council has it, the phone died before it knew: it asks again and is told so, and nothing is doubled."""
    hold = Hold()
    crossing.proxy.on("POST", PUSH, hold.reply)
    code = phone.report(photo)
    assert hold.done.wait(60)
    phone.kill()
    hold.release()
    crossing.wait_for_text(code)
    phone.open()
    crossing.wait_for(code, photo)
    phone.wait_until_safe()
    assert phone.rows("ops")[0]["verdict"] == "duplicate"


@pytest.mark.fault(15)
def test_killed_while_the_camera_is_open(crossing: Crossing, phone: ChromiumPhone, photo: Path) -> None:
    """What was chosen before the camera opened is offered again, and becomes the report."""
    page = phone.page
    phone.shoot("Report a fly-tip", photo)
    expect(page.get_by_role("img", name="Photo 1")).to_be_visible()
    page.get_by_label("Tyres", exact=True).click()
    with page.expect_file_chooser():
        page.get_by_role("button", name="Another photo").click()
    # It is written down while the camera opens, which a browser would not do after a wait.
    wait_for(
        "the draft", lambda: [row for row in phone.rows("drafts") if row["fields"]["fields"]["waste"]], 10
    )
    phone.kill()
    page = phone.open()
    page.get_by_role("button", name="Carry on").click()
    expect(page.get_by_role("img", name="Photo 1")).to_be_visible()
    expect(page.get_by_label("Tyres", exact=True)).to_be_checked()
    code = phone.save_report("Item")
    crossing.wait_for(code, photo)


@pytest.mark.fault(16)
def test_two_tabs_that_send_at_once(crossing: Crossing, phone: ChromiumPhone, photo: Path) -> None:
    """Only one of them sends; both tell the same story, and every report and photo is there once."""
    crossing.proxy.lose()
    codes = [phone.report(photo, "Tyres"), phone.report(None, "Green waste")]
    crossing.proxy.find()
    first, second = phone.page, phone.open("/crew#/waiting")
    for _ in range(5):
        for tab in (first, second):
            phone.look_again(tab)
    crossing.wait_for(codes[0], photo)
    crossing.wait_for(codes[1])
    for tab in (first, second):
        phone.waiting(0, tab)
    assert [row["verdict"] for row in phone.rows("ops")] == ["applied", "applied"]


@pytest.mark.fault(17)
def test_a_tab_frozen_while_it_holds_the_lock(
    crossing: Crossing, new_phone: Callable[..., ChromiumPhone], photo: Path
) -> None:
    """Another tab takes over what a frozen one was sending; thawed, the first finds it done.

    Frozen is a tab whose process is stopped, with no transaction open, as browsers freeze tabs; the wait until another
    takes over passes twenty times as fast.
    """
    # A stopped process would take the service worker with it, which a frozen tab does not.
    phone = new_phone(service_workers="block")
    hold = Hold()
    crossing.proxy.on("POST", PUSH, hold.reply)
    first, second = phone.page, phone.open("/crew#/waiting", hurry=20)
    code = phone.report(photo)
    assert hold.done.wait(60)
    frozen = phone.process_of(first)
    still = Hold()
    crossing.proxy.on("GET", STILL, still.reply)
    phone.stop_between_transactions(first, STILL)
    assert still.done.wait(60)
    frozen.suspend()
    try:
        crossing.wait_for(code, photo)
        phone.waiting(0, second)
    finally:
        frozen.resume()
    still.release()
    hold.release()
    phone.waiting(0, first)
    crossing.wait_for(code, photo)


@pytest.mark.fault(17)
@pytest.mark.parametrize(("which", "verdict"), [(1, "applied"), (2, "duplicate")])
def test_a_tab_stopped_in_the_middle_of_a_transaction(
    crossing: Crossing, new_phone: Callable[..., ChromiumPhone], photo: Path, which: int, verdict: str
) -> None:
    """A tab is stopped while it takes what to send, or notes the answer: the browser takes its transaction back after a
    minute, and another tab sends all of it, once; let go on, the first finds by itself that all is done.

    No browser freezes a tab so, but a system may stop its process. The wait until another tab takes over passes twenty
    times as fast; the minute is the browser's own.
    """
    phone = new_phone(service_workers="block")
    first, second = phone.page, phone.open("/crew#/waiting", hurry=20)
    crossing.proxy.lose()
    codes = [phone.report(photo), phone.report(None, "Green waste")]
    frozen = phone.process_of(first)
    phone.hold_transaction(first, which)
    crossing.proxy.find()
    phone.look_again(first)
    wait_for("the transaction", lambda: first.evaluate("() => window.held"), 30)
    frozen.suspend()
    try:
        wait_for(
            "the reports from the other tab", lambda: all(map(crossing.has, codes)) and _all_here(second), 150
        )
    finally:
        frozen.resume()
    phone.waiting(0, first)
    crossing.wait_for(codes[0], photo)
    crossing.wait_for(codes[1])
    phone.waiting(0, second)
    assert [row["verdict"] for row in phone.rows("ops")] == [verdict, verdict]


def _all_here(page: Page) -> bool:
    return page.get_by_role("link", name="0 waiting").is_visible()
