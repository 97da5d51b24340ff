"""Sessions that end, people who change, and what waits for them on the phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from playwright.sync_api import expect

from server.access.request import COOKIE
from tests.builders import PASSWORD
from tests.faults.chromium_phone import ChromiumPhone
from tests.faults.crossing import PUSH, Crossing
from tests.faults.network_faults import Hold

pytestmark = pytest.mark.proof


@pytest.mark.fault(27)
def test_a_session_that_ends_in_the_middle_of_sending(
    crossing: Crossing, phone: ChromiumPhone, photo: Path
) -> None:
    """The text has arrived, the photo waits: the phone says "Paused: sign in", and signing in sends the rest."""
    hold = Hold()
    crossing.proxy.on("POST", PUSH, hold.reply)
    code = phone.report(photo)
    assert hold.done.wait(60)
    _end_session(crossing, phone)
    hold.release()
    phone.says("Paused: sign in")
    assert [kept.state for kept in crossing.wait_for_text(code).photos] == ["expected"]
    phone.go()
    later = phone.report(kind="Green waste")
    phone.waiting(2)
    _sign_in(phone, crossing.council.email("crew"))
    crossing.wait_for(code, photo)
    crossing.wait_for(later)


@pytest.mark.fault(29)
def test_somebody_else_signs_in_while_items_wait(
    crossing: Crossing, phone: ChromiumPhone, photo: Path
) -> None:
    """Each person's items go under their own name only, and wait on the phone until that person is back."""
    crossing.proxy.lose()
    first = phone.report(photo)
    crossing.proxy.find()
    _is_taken_by(phone, crossing, "officer")
    second = phone.report(kind="Green waste")
    held = crossing.wait_for(second).report
    assert held.user_id == crossing.council.users["officer"]
    assert crossing.has_nothing_of(first)
    _is_taken_by(phone, crossing, "crew")
    assert crossing.wait_for(first, photo).report.user_id == crossing.council.users["crew"]


@pytest.mark.fault(30)
def test_an_account_switched_off_while_offline(
    crossing: Crossing, new_phone: Callable[..., ChromiumPhone], photo: Path
) -> None:
    """Nothing goes up in a name that may not send; nothing is dropped; let back in, the person's items go."""
    phone = new_phone("manager")
    crossing.proxy.lose()
    code = phone.report(photo)
    try:
        crossing.change_user("manager", disabled=True)
        crossing.proxy.find()
        phone.look_again()
        phone.says("Paused: sign in")
        assert crossing.has_nothing_of(code)
        assert len(phone.rows("photo_bytes")) == 1
    finally:
        crossing.change_user("manager", disabled=False)
    _sign_in(phone, crossing.council.email("manager"))
    crossing.wait_for(code, photo)


@pytest.mark.fault(30)
def test_a_phone_switched_off_while_offline(crossing: Crossing, phone: ChromiumPhone, photo: Path) -> None:
    """It says so and keeps everything; switched on again with an officer's code, it sends what it has, once."""
    [device_id] = [row["id"] for row in phone.rows("meta") if isinstance(row, dict) and "label" in row]
    crossing.proxy.lose()
    code = phone.report(photo)
    crossing.officer.post(f"devices/{device_id}/revoke", {})
    crossing.proxy.find()
    phone.look_again()
    expect(phone.page.get_by_text("Everything you saved is still on this phone.")).to_be_visible()
    phone.waiting(1)
    assert crossing.has_nothing_of(code)
    assert len(phone.rows("photo_bytes")) == 1
    whose = {"user_id": str(crossing.council.users["crew"])}
    link = crossing.officer.post("devices/codes", whose)["link"]
    phone.page.goto(link.replace(crossing.stack.url, crossing.proxy.url))
    phone.page.get_by_role("button", name="Set up this phone").click()
    crossing.wait_for(code, photo)
    phone.wait_until_safe()


@pytest.mark.fault(30)
def test_a_role_taken_while_offline(
    crossing: Crossing, new_phone: Callable[..., ChromiumPhone], photo: Path
) -> None:
    """What a manager saved goes up although the manager is a crew member by now, in the same name."""
    phone = new_phone("manager")
    crossing.proxy.lose()
    code = phone.report(photo)
    try:
        crossing.change_user("manager", role="crew")
        crossing.proxy.find()
        phone.look_again()
        report = crossing.wait_for(code, photo).report
        assert report.user_id == crossing.council.users["manager"]
        phone.wait_until_safe()
    finally:
        crossing.change_user("manager", role="manager")


def _is_taken_by(phone: ChromiumPhone, crossing: Crossing, role: str) -> None:
    """Have the phone opened by somebody else, until it knows who that is."""
    phone.take_cookie(crossing.cookie(role))
    phone.page.reload()
    phone.go("settings")
    expect(phone.page.get_by_text(f"{role.capitalize()} of {crossing.council.slug}")).to_be_visible()
    phone.go()


def _end_session(crossing: Crossing, phone: ChromiumPhone) -> None:
    """End the phone's session at the server, without the phone."""
    cookies = {str(cookie["name"]): str(cookie["value"]) for cookie in phone.context.cookies()}
    answer = requests.delete(
        f"{crossing.stack.url}/api/v1/session",
        cookies={COOKIE: cookies[COOKIE]},
        headers={"Sec-Fetch-Site": "same-origin"},
        timeout=30,
    )
    assert answer.status_code == 204


def _sign_in(phone: ChromiumPhone, email: str) -> None:
    page = phone.page
    phone.go("sign-in")
    expect(page.get_by_text("What you saved is still on this phone.")).to_be_visible()
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
