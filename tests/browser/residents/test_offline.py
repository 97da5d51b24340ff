"""A resident without signal: the form opens, what is saved stays on the phone, and arrives once when signal is back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, Playwright, expect

from server.intake.models import Report
from server.photos.models import Photo
from server.residents.models import Contact
from server.store.transaction import reading
from tests.browser.axe import focus_troubles, overflowing, violations
from tests.browser.phone import NO_NETWORK, Phone
from tests.browser.pictures import camera_photo
from tests.browser.residents.conftest import Served
from tests.builders import drain
from tests.services.processes import wait_for


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A photo as a phone takes it."""
    return camera_photo(tmp_path)


@pytest.fixture
def phone(playwright: Playwright, chromium_path: str, served: Served, tmp_path: Path) -> Iterator[Phone]:
    """A resident's own phone, on which the form was opened once."""
    phone = Phone(playwright, chromium_path, tmp_path / "profile", served.url)
    phone.forgive(NO_NETWORK)
    page = phone.open("/report")
    page.wait_for_function(
        "navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller !== null)"
    )
    yield phone
    phone.close()
    assert phone.complaints == []


def fill_in(page: Page, photo: Path) -> None:
    """Answer every question of the form without signal."""
    page.get_by_label("Rubbish that somebody has dumped").check()
    page.get_by_label("Tell us more").fill("A fridge and six tyres")
    page.get_by_label("Tyres").check()
    page.get_by_role("button", name="Use my location").click()
    expect(page.get_by_text("Your position, to within 8 metres is set.")).to_be_visible()
    page.get_by_label("Choose photos").set_input_files(photo)
    expect(page.get_by_role("img", name="Photo 1")).to_be_visible()
    page.get_by_role("group", name="Did you see who did it?").get_by_label("No").check()
    page.get_by_label("Yes, if you have a question").check()
    page.get_by_label("Email address").fill("pat@example.com")


def code_of(page: Page) -> str:
    expect(page.get_by_role("heading", name="Saved on this phone")).to_be_focused()
    return page.locator(".govuk-panel .code").inner_text()


def reports(served: Served) -> list[tuple[str, str, list[str]]]:
    with served.app.app_context(), reading(served.council.id) as session:
        return [(one.receipt_code, one.description, one.waste) for one in session.scalars(sa.select(Report))]


def test_saved_without_signal_it_arrives_once_after_the_browser_was_closed(
    served: Served, phone: Phone, photo: Path
) -> None:
    served.lose()
    phone.close()
    page = phone.open("/report")
    expect(page.get_by_role("heading", name="Report without signal")).to_be_visible()
    found = {"empty": violations(page) + overflowing(page) + focus_troubles(page)}
    page.get_by_role("button", name="Save report").click()
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    expect(page.get_by_role("alert").get_by_role("link")).to_have_count(3)
    found["errors"] = violations(page) + overflowing(page)
    fill_in(page, photo)
    found["filled in"] = violations(page) + overflowing(page)
    page.get_by_role("button", name="Save report").click()
    code = code_of(page)
    panel = page.get_by_role("region", name="Waiting to send: 1")
    expect(panel.get_by_text("Saved on this phone")).to_be_visible()
    found["saved"] = violations(page) + overflowing(page)
    phone.close()

    served.find()
    page = phone.open("/report")
    expect(page.get_by_text("Photos 0 of 1 checked")).to_be_visible()
    drain(served.app)
    page.reload()
    expect(page.get_by_text("Safe, phone copy can go")).to_be_visible()
    found["sent"] = violations(page) + overflowing(page)
    assert {state: wrong for state, wrong in found.items() if wrong} == {}
    assert reports(served) == [(code, "A fridge and six tyres", ["tyres"])]
    with served.app.app_context(), reading(served.council.id) as session:
        assert session.scalars(sa.select(Photo.sha256)).all() == [
            hashlib.sha256(photo.read_bytes()).hexdigest()
        ]
        assert session.scalars(sa.select(Contact.email)).all() == ["pat@example.com"]
    page.get_by_role("link", name="Follow this report").click()
    expect(page.get_by_role("heading", name=f"Your report {code}")).to_be_visible()


def test_nothing_typed_or_chosen_is_lost_when_the_council_goes_away(
    served: Served, phone: Phone, photo: Path
) -> None:
    page = phone.page
    page.goto("/report/what")
    page.get_by_label("Rubbish that somebody has dumped").check()
    page.get_by_label("Tell us more").fill("A fridge")
    served.lose()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("What you typed is kept on this phone.")
    page.get_by_role("link", name="Save it on this phone, to be sent later").click()
    expect(page.get_by_label("Tell us more")).to_have_value("A fridge")
    page.get_by_label("Choose photos").set_input_files(photo)
    expect(page.get_by_role("img", name="Photo 1")).to_be_visible()
    phone.close()
    page = phone.open("/report")
    expect(page.get_by_label("Rubbish that somebody has dumped")).to_be_checked()
    expect(page.get_by_label("Tell us more")).to_have_value("A fridge")
    expect(page.get_by_role("img", name="Photo 1")).to_be_visible()
    served.find()
    page.goto("/report/what")
    expect(page.get_by_label("Rubbish that somebody has dumped")).to_be_checked()
    expect(page.get_by_label("Tell us more")).to_have_value("A fridge")


def test_what_the_council_cannot_take_is_mended_and_sent(served: Served, phone: Phone, photo: Path) -> None:
    served.lose()
    phone.close()
    phone.position = {"latitude": 51.5, "longitude": -0.12, "accuracy": 8.0}
    page = phone.open("/report")
    fill_in(page, photo)
    page.get_by_role("button", name="Save report").click()
    code = code_of(page)
    served.find()
    phone.forgive("status of 422")
    page.goto("/report")
    expect(page.get_by_text("This is outside the area we serve.")).to_be_visible()
    page.get_by_role("button", name="Change it").click()
    expect(page.get_by_role("img", name="Photo 1")).to_be_visible()
    page.get_by_role("button", name="Do not use this position").click()
    page.get_by_label("Say in words where it is").fill("By the bridge")
    page.get_by_role("button", name="Save report").click()
    assert code_of(page) == code
    wait_for("the report", lambda: reports(served))
    assert [one[0] for one in reports(served)] == [code]
