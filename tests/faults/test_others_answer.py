"""Something between the phone and the council answers in its place, or the council asks for patience."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.faults.chromium_phone import ChromiumPhone
from tests.faults.crossing import PUSH, UPLOAD, UPLOADS, Crossing
from tests.faults.network_faults import answer, replay
from tests.faults.proxy import ANY

pytestmark = pytest.mark.proof

PORTAL = "<!doctype html><title>Free Wi-Fi</title><h1>Accept our terms to go online</h1>"
EVERY_CALL = "/api/.*"


@pytest.mark.fault(6)
def test_a_captive_portal(crossing: Crossing, phone: ChromiumPhone, large_photo: Path) -> None:
    """A portal's friendly page is never taken for the council's receipt."""
    portal = crossing.proxy.on(ANY, EVERY_CALL, answer("200 OK", PORTAL), times=1_000)
    code = phone.report(large_photo)
    portal.wait()
    _waits_unharmed(crossing, phone, code)
    crossing.proxy.heal()
    # The way to the council is open, and the portal steps in once more for each kind of call.
    calls = [("POST", PUSH), ("POST", UPLOADS), ("PATCH", UPLOAD), ("HEAD", UPLOAD)]
    again = [crossing.proxy.on(*call, answer("200 OK", PORTAL)) for call in calls]
    phone.wait_until_safe()
    crossing.wait_for(code, large_photo)
    assert all(rule.met for rule in again)


@pytest.mark.fault(7)
def test_a_redirect_to_a_log_in_page(crossing: Crossing, phone: ChromiumPhone, photo: Path) -> None:
    """The phone follows nobody elsewhere with what it was to send."""
    crossing.proxy.on(ANY, "/portal", answer("200 OK", PORTAL), times=1_000)
    away = answer("302 Found", Location=f"{crossing.proxy.url}/portal")
    redirect = crossing.proxy.on(ANY, EVERY_CALL, away, times=1_000)
    code = phone.report(photo)
    redirect.wait()
    _waits_unharmed(crossing, phone, code)
    assert crossing.proxy.count(ANY, "/portal") == 0
    crossing.proxy.heal()
    phone.wait_until_safe()
    crossing.wait_for(code, photo)


@pytest.mark.fault(8)
@pytest.mark.parametrize("status", ["400 Bad Request", "413 Content Too Large", "502 Bad Gateway"])
def test_a_proxy_that_says_no(
    crossing: Crossing, phone: ChromiumPhone, large_photo: Path, status: str
) -> None:
    """A refusal that is not the council's own costs a try, and nothing else."""
    calls = [("POST", PUSH), ("POST", UPLOADS), ("PATCH", UPLOAD)]
    refused = [crossing.proxy.on(*call, answer(status, "<h1>No</h1>")) for call in calls]
    code = phone.report(large_photo)
    refused[0].wait()
    _waits_unharmed(crossing, phone, code)
    phone.wait_until_safe()
    crossing.wait_for(code, large_photo)
    assert all(rule.met for rule in refused)


@pytest.mark.fault(9)
def test_a_server_that_asks_for_patience(crossing: Crossing, phone: ChromiumPhone, photo: Path) -> None:
    """Asked to wait, the phone waits as long as it was told, keeps what it has, and then sends it.

    The answer is the running server's own, to somebody who read too many status pages; the wait is passed with the
    phone's clock.
    """
    busy = crossing.too_many_requests()
    wait_s = int(re.search(rb"(?i)retry-after: *(\d+)", busy).group(1))  # type: ignore[union-attr]
    assert 1 <= wait_s <= 60
    asked = crossing.proxy.on("POST", PUSH, replay(busy))
    phone.page.clock.install()
    # The app takes the clock it finds when it starts.
    phone.page.reload()
    code = phone.report(photo)
    asked.wait()
    expect(phone.page.get_by_role("alert")).to_contain_text("Too many requests")
    _waits_unharmed(crossing, phone, code)
    pushes = crossing.proxy.count("POST", PUSH)
    phone.page.clock.fast_forward((wait_s - 5) * 1_000)
    phone.page.wait_for_timeout(300)
    assert crossing.proxy.count("POST", PUSH) == pushes, "it asked again too early"
    phone.page.clock.fast_forward(10_000)
    crossing.wait_for(code, photo)


def _waits_unharmed(crossing: Crossing, phone: ChromiumPhone, code: str) -> None:
    """Nothing arrived, and the phone says that it is still there and why nothing is asked of anybody."""
    phone.waiting(1)
    phone.says("Saved on this phone", 1)
    assert crossing.has_nothing_of(code)
    assert phone.page.get_by_text("Needs you").count() == 0
