"""Everything else a crew does without signal: jobs, joining, places, hazards, and what happens to the unlucky."""

from __future__ import annotations

import hashlib
import re
from math import hypot
from pathlib import Path
from typing import Any

import pytest
import requests
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from server.intake.models import Report
from server.photos.models import Photo
from server.store.transaction import reading
from tests.browser.fixtures import Town
from tests.browser.phone import NO_NETWORK
from tests.browser.pictures import camera_photo
from tests.builders import HERE, PASSWORD, position, report_op
from tests.services.processes import wait_for

pytestmark = pytest.mark.proof

METRE = 1 / 111_195


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return camera_photo(tmp_path)


def lose_signal(town: Town) -> None:
    town.phone.forgive(NO_NETWORK)
    town.running.lose_server()


def find_signal(town: Town) -> None:
    """The server is back, and the phone is taken out of the pocket."""
    town.running.find_server()
    town.phone.page.reload()


def a_case(town: Town, metres: float = 0, **changes: Any) -> dict[str, Any]:
    """An open case that another crew reported, so far north of the phone."""
    op = report_op(position=position(lat=HERE[0] + metres * METRE), **changes)
    town.neighbour.push(op)

    def look() -> dict[str, Any] | None:
        for report in town.officer.reports().values():
            if report["id"] == op["entity_id"]:
                case: dict[str, Any] = report["case"]
                return case
        return None

    return wait_for("the case", look, 60)


def a_job(town: Town) -> dict[str, Any]:
    """A case whose clearing the officer gave to the phone's crew, and which has come down to the phone."""
    case = a_case(town)
    crew = str(town.council.users["crew"])
    town.officer.post(
        f"cases/{case['id']}/jobs", {"kind": "clear", "text": "Mind the gate.", "crew_id": crew}
    )
    town.phone.page.reload()
    expect(town.phone.page.get_by_role("link", name=re.compile("Clear · .*Oldbury Road"))).to_be_visible()
    return case


def open_job(page: Page) -> None:
    page.get_by_role("link", name=re.compile("Clear · ")).click()
    expect(page.get_by_text("Mind the gate.")).to_be_visible()


def photos_in_database(town: Town) -> int:
    with town.running.app.app_context(), reading(town.council.id) as session:
        return session.scalars(sa.select(sa.func.count()).select_from(Photo)).one()


def reports_in_database(town: Town) -> int:
    with town.running.app.app_context(), reading(town.council.id) as session:
        return session.scalars(sa.select(sa.func.count()).select_from(Report)).one()


def test_a_job_is_cleared_without_signal(town: Town, photo: Path) -> None:
    phone, page = town.phone, town.phone.page
    case = a_job(town)
    lose_signal(town)
    phone.close()
    page = phone.open()
    open_job(page)
    phone.shoot("Cleared", photo)
    expect(page.get_by_role("img", name="Photo 1")).to_be_visible()
    page.get_by_role("button", name="Save: cleared").click()
    expect(page.get_by_text("Saved on this phone").first).to_be_visible()
    phone.go("jobs")
    done = page.get_by_role("region", name="You have done these")
    expect(done.get_by_text("Saved on this phone")).to_be_visible()
    expect(page.get_by_text("No job is waiting for you.")).to_be_visible()

    find_signal(town)
    job = town.officer.wait_for_result(case["id"], photos=1)
    assert [(result["result"], result["flags"]) for result in job["results"]] == [("done", [])]
    assert job["state"] == "done"
    [after] = job["photos"]
    original = town.officer.bytes_of(f"photos/{after['id']}/original")
    assert hashlib.sha256(original).digest() == hashlib.sha256(photo.read_bytes()).digest()
    phone.wait_until_safe()


def test_a_job_without_anything_there_ends_without_signal(town: Town) -> None:
    page = town.phone.page
    case = a_job(town)
    lose_signal(town)
    open_job(page)
    page.get_by_role("button", name="Not there").click()
    page.get_by_label("Anything to add?").fill("Somebody was quicker.")
    page.get_by_role("button", name="Save: not there").click()
    expect(page.get_by_text("Saved on this phone").first).to_be_visible()

    find_signal(town)
    [result] = town.officer.wait_for_result(case["id"])["results"]
    assert (result["result"], result["reason"]) == ("not_there", "Somebody was quicker.")
    town.phone.wait_until_safe()


def test_what_is_there_already_is_added_to_its_case(town: Town, photo: Path) -> None:
    phone, page = town.phone, town.phone.page
    case = a_case(town, metres=12)
    page.reload()
    phone.go("cases")
    expect(page.get_by_text(case["reference"])).to_be_visible()
    lose_signal(town)
    phone.go()
    phone.shoot("Report a fly-tip", photo)
    expect(page.get_by_role("heading", name="Is it one of these?")).to_be_visible()
    expect(page.get_by_role("img", name="Photo 1")).to_be_visible()
    page.get_by_role("button", name=re.compile(f"Add photo to it.*{case['reference']}")).click()
    code = phone.read_saved()
    expect(page.get_by_text(f"added to {case['reference']}")).to_be_visible()

    find_signal(town)
    assert town.officer.wait_for_report(code, photos=1)["case"]["id"] == case["id"]
    assert len(town.officer.cases()) == 1
    town.nothing_saved_is_missing()


def test_a_typed_grid_reference_stands_in_for_gps(town: Town, photo: Path) -> None:
    phone = town.phone
    phone.close()
    phone.position = None  # location is not allowed
    page = phone.open()
    expect(page.get_by_text("As the council had it")).to_be_visible()
    lose_signal(town)
    phone.shoot("Report a fly-tip", photo)
    page.get_by_role("link", name=re.compile("Location is switched off")).click()
    page.get_by_label("Or type a grid reference").fill("SP 30965 976")
    page.get_by_role("button", name="Use this reference").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Or type a grid reference").fill("///Filled.Count.Soap")
    page.get_by_role("button", name="Use this reference").click()
    expect(page.get_by_role("alert")).to_contain_text("///filled.count.soap is kept with the report")
    page.get_by_label("Or type a grid reference").fill("SP 30965 97615")
    page.get_by_role("button", name="Use this reference").click()
    expect(page.get_by_text("SP 30965 97615, typed")).to_be_visible()
    code = phone.save_report("Green waste", "Car boot")

    find_signal(town)
    report = town.officer.wait_for_report(code, photos=1)
    assert report["position"]["source"] == "typed"
    assert report["where"] == "///filled.count.soap"
    # The phone turns the reference into degrees to within 6 m, and says so.
    assert report["position"]["accuracy_m"] == 6
    place = report["case"]["place"]
    assert hypot(place["easting"] - 430965, place["northing"] - 297615) < 6
    town.nothing_saved_is_missing()


def test_a_report_without_a_place_gets_one_later(town: Town) -> None:
    phone = town.phone
    phone.close()
    phone.position = None
    page = phone.open()
    lose_signal(town)
    page.get_by_role("button", name="Report a fly-tip").click()
    code = phone.save_report("Tyres", "Item")
    expect(page.get_by_text("It has no place yet")).to_be_visible()
    page.get_by_role("button", name="Put a pin").click()
    page.get_by_role("button", name="North").click()
    page.get_by_role("button", name="Use this place").click()

    find_signal(town)

    def located() -> dict[str, Any] | None:
        report = town.officer.reports().get(code)
        return report if report and report["position"] and report["case"]["place"]["grid_reference"] else None

    assert wait_for("a place", located, 60)["position"]["source"] == "pin"
    town.nothing_saved_is_missing()


def test_a_hazard_fills_the_screen_once(town: Town, photo: Path) -> None:
    phone, page = town.phone, town.phone.page
    lose_signal(town)
    phone.shoot("Report a fly-tip", photo)
    page.get_by_text("Anything dangerous?").click()
    page.get_by_label("Asbestos", exact=True).last.click()
    warning = page.get_by_role("dialog")
    expect(warning.get_by_role("heading")).to_have_text("Do not touch. Keep 5 m away.")
    box = warning.bounding_box()
    assert box is not None and (box["width"], box["height"]) == (390, 844)
    warning.get_by_role("button", name="I am keeping away").click()
    expect(warning).to_have_count(0)
    page.get_by_label(re.compile("Needles")).last.click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    code = phone.save_report("Rubble", "Tipper")

    find_signal(town)
    case = town.officer.wait_for_report(code, photos=1)["case"]
    assert set(case["hazards"]) == {"asbestos", "sharps"}
    assert case["why_here"][0].startswith("hazard: ")
    town.nothing_saved_is_missing()


def test_a_session_that_ended_pauses_and_signing_in_sends_everything(town: Town, photo: Path) -> None:
    phone, page = town.phone, town.phone.page
    lose_signal(town)
    phone.shoot("Report a fly-tip", photo)
    first = phone.save_report("Tyres", "Item")
    page.get_by_role("button", name="Done").click()
    page.get_by_role("button", name="Report a fly-tip").click()
    second = phone.save_report("Green waste", "Bag")
    cookies = {cookie["name"]: cookie["value"] for cookie in phone.context.cookies()}
    phone.close()
    town.running.find_server()
    _end_session(town.running.url, cookies)

    page = phone.open("/crew#/waiting")
    waiting = page.get_by_role("list", name="Waiting")
    expect(waiting.get_by_text("Paused: sign in")).to_have_count(2)
    assert town.officer.reports() == {}
    page.get_by_role("main").get_by_role("link", name="Sign in", exact=True).click()
    expect(page.get_by_text("What you saved is still on this phone.")).to_be_visible()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    town.officer.wait_for_report(first, photos=1)
    town.officer.wait_for_report(second)
    phone.wait_until_safe(2)
    town.nothing_saved_is_missing()


def _end_session(url: str, cookies: dict[str, str]) -> None:
    """End the phone's session at the server, without the phone."""
    answer = requests.delete(f"{url}/api/v1/session", cookies=cookies, headers={"Origin": url}, timeout=30)
    assert answer.status_code == 204


def test_a_phone_that_dies_after_saving_has_it_all(town: Town, photo: Path) -> None:
    phone = town.phone
    phone.close()  # once closed in the ordinary way, the browser has written down who is signed in
    phone.open()
    lose_signal(town)
    phone.shoot("Report a fly-tip", photo)
    expect(phone.page.get_by_role("img", name="Photo 1")).to_be_visible()
    code = phone.save_report("Tyres", "Item")
    phone.kill()

    town.running.find_server()
    page = phone.open("/crew#/waiting")
    expect(page.get_by_text("Fly-tip: Tyres")).to_be_visible()
    report = town.officer.wait_for_report(code, photos=1)
    assert report["photos"][0]["sha256"] == hashlib.sha256(photo.read_bytes()).hexdigest()
    phone.wait_until_safe()
    town.nothing_saved_is_missing()


def test_a_phone_that_dies_before_saving_offers_the_draft(town: Town, photo: Path) -> None:
    phone = town.phone
    phone.close()  # once closed in the ordinary way, the browser has written down who is signed in
    page = phone.open()
    lose_signal(town)
    page.get_by_role("button", name="Report a fly-tip").click()
    page.get_by_label("Tyres", exact=True).click()
    phone.shoot("Take a photo", photo)
    expect(page.get_by_text("1 photo so far")).to_be_attached()
    phone.kill()
    page = phone.open()
    expect(page.get_by_text("Draft, not saved: Fly-tip")).to_be_visible()
    page.get_by_role("button", name="Carry on").click()
    expect(page.get_by_role("img", name="Photo 1")).to_be_visible()
    expect(page.get_by_label("Tyres", exact=True)).to_be_checked()
    code = phone.save_report("Item")

    find_signal(town)
    town.officer.wait_for_report(code, photos=1)
    town.nothing_saved_is_missing()


def test_a_phone_that_dies_before_a_job_is_told_offers_its_photo(town: Town, photo: Path) -> None:
    case = a_job(town)
    phone = town.phone
    phone.close()  # once closed in the ordinary way, the browser has written down who is signed in
    page = phone.open()
    open_job(page)
    lose_signal(town)
    phone.shoot("Cleared", photo)
    page.get_by_label("Anything to add?").fill("Three bags in the hedge as well.")
    expect(page.get_by_text("1 photo so far")).to_be_attached()
    page.wait_for_timeout(1_000)  # the words are written down half a second after the last of them
    phone.kill()

    page = phone.open()
    expect(page.get_by_text("Draft, not saved: Cleared")).to_be_visible()
    page.get_by_role("link", name="Carry on").click()
    expect(page.get_by_role("img", name="Photo 1")).to_be_visible()
    page.get_by_role("button", name="Save: cleared").click()
    expect(page.get_by_text("Saved on this phone").first).to_be_visible()
    expect(page.get_by_role("button", name="Cleared")).to_have_count(0)
    phone.go()
    expect(page.get_by_text("Draft, not saved")).to_have_count(0)

    find_signal(town)
    job = town.officer.wait_for_result(case["id"], photos=1)
    assert [result["reason"] for result in job["results"]] == ["Three bags in the hedge as well."]
    [after] = job["photos"]
    assert town.officer.bytes_of(f"photos/{after['id']}/original") == photo.read_bytes()


def test_two_tabs_send_everything_once(town: Town, photo: Path) -> None:
    phone, page = town.phone, town.phone.page
    lose_signal(town)
    codes = []
    for kind in ("Tyres", "Green waste"):
        phone.shoot("Report a fly-tip", photo)
        expect(page.get_by_role("img", name="Photo 1")).to_be_visible()
        codes.append(phone.save_report(kind, "Item"))
        page.get_by_role("button", name="Done").click()
    second = phone.context.new_page()
    second.goto("/crew#/waiting")
    expect(second.get_by_role("link", name="2 waiting")).to_be_visible()

    town.running.find_server()
    for tab in (page, second):
        tab.evaluate("dispatchEvent(new Event('online'))")
    for code in codes:
        town.officer.wait_for_report(code, photos=1)
    for tab in (page, second):
        expect(tab.get_by_role("link", name="0 waiting")).to_be_visible()
    assert (reports_in_database(town), photos_in_database(town)) == (2, 2)
    phone.wait_until_safe(2)
    town.nothing_saved_is_missing()
