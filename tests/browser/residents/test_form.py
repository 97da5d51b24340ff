"""The resident's pages in a real browser: without script, with it, by keyboard alone, narrow, and with large text."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, Request, expect

from server.intake.models import Report, ReportPosition, ReportStanding
from server.photos.models import Photo
from server.store.transaction import reading
from tests.browser.axe import focus_troubles, overflowing, violations
from tests.browser.pictures import camera_photo
from tests.browser.residents.conftest import OpenPage, Served
from tests.browser.residents.walking import go_on, press, states
from tests.builders import HERE, SetClock, drain


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A photo as a phone takes it."""
    return camera_photo(tmp_path)


def reports(served: Served) -> list[tuple[str, list[str]]]:
    """Each report's description and its waste."""
    with served.app.app_context(), reading(served.council.id) as session:
        return [(one.description, one.waste) for one in session.scalars(sa.select(Report))]


def position(served: Served) -> ReportPosition:
    with served.app.app_context(), reading(served.council.id) as session:
        found = session.scalars(sa.select(ReportPosition)).one()
        session.expunge(found)
        return found


def test_without_script_at_320_px(served: Served, open_page: OpenPage, photo: Path) -> None:
    page = open_page(width=320, script=False)
    wide = {state: overflowing(page) for state in states(page, photo)}
    assert {state: wrong for state, wrong in wide.items() if wrong} == {}
    expect(page.get_by_role("heading", name="Report sent")).to_be_visible()
    assert reports(served) == [("A fridge and six tyres", ["tyres"])]
    with served.app.app_context(), reading(served.council.id) as session:
        assert session.scalars(sa.select(Photo.state)).all() == ["received"]


def test_the_widest_receipt_code_has_room(open_page: OpenPage, photo: Path) -> None:
    page = open_page()
    for _ in states(page, photo, by_map=False):
        pass
    for shown in ("sent", "status"):
        page.locator(".code").first.evaluate("code => { code.textContent = 'WWWWW-WWWWW'; }")
        assert overflowing(page) == [], shown
        if shown == "sent":
            page.get_by_role("link", name=re.compile("status")).click()


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.proof)])
def test_axe_finds_nothing_in_any_state(
    served: Served, open_page: OpenPage, photo: Path, scheme: str
) -> None:
    page = open_page(color_scheme=scheme)
    found = {
        state: violations(page) + overflowing(page) for state in states(page, photo, by_map=scheme == "dark")
    }
    page.get_by_role("link", name=re.compile("status")).click()
    found["status"] = violations(page) + overflowing(page)
    press(page, "Add to report")
    found["status, with an error"] = violations(page) + overflowing(page)
    for path in (
        "/",
        "/privacy",
        "/accessibility",
        "/report?again=1",
        "/status/nothing",
        "/report?council=no",
    ):
        page.goto(path)
        found[path] = violations(page) + overflowing(page)
    assert {state: wrong for state, wrong in found.items() if wrong} == {}


FONTS = """() => {
  const read = (one) => one.checkVisibility() && one.innerText && one.closest('.trap') === null;
  const said = [...document.querySelectorAll('body *')].filter(read);
  return [...new Set(said.map((one) => getComputedStyle(one).fontFamily))];
}"""


def test_the_pages_are_in_the_councils_own_name_and_colour_without_the_crown(
    served: Served, open_page: OpenPage, photo: Path
) -> None:
    details = served.app.config["SETTINGS"].data_dir / "councils" / "north.toml"
    details.parent.mkdir()
    details.write_text('colour = "#5b1a6e"')
    page = open_page()
    for _ in states(page, photo):
        header = page.locator(".govuk-generic-header")
        expect(header).to_have_text("North Borough")
        expect(header).to_have_css("background-color", "rgb(91, 26, 110)")
        expect(page.locator("body")).not_to_contain_text("GOV.UK")
        assert not re.search("crown|govuk-logo", page.content(), re.IGNORECASE)
        fonts = page.evaluate(FONTS)
        assert fonts == ["system-ui, sans-serif"], "a typeface that only GOV.UK may use"
    page.goto("/report")
    button = page.get_by_role("button", name="Start now")
    expect(button).to_have_css("background-color", "rgb(91, 26, 110)")


def test_the_focus_is_always_seen(open_page: OpenPage, photo: Path) -> None:
    page = open_page()
    found = {}
    for state in states(page, photo):
        page.get_by_text("Skip to the main content").focus()
        found[state] = focus_troubles(page)
    assert {state: wrong for state, wrong in found.items() if wrong} == {}


def test_reading_goes_on_at_what_is_to_be_mended(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/report/what")
    go_on(page)
    expect(page).to_have_title(re.compile("^Error: "))
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Rubbish that somebody has dumped")).to_be_focused()


def test_by_keyboard_alone(served: Served, open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/report")
    enter_and_go(page, "button", "Start now")
    focus(page, "radio", "Rubbish that somebody has dumped")
    page.keyboard.press("Space")
    focus(page, "textbox", "Tell us more")
    page.keyboard.type("A fridge")
    enter_and_go(page, "button", "Continue")
    focus(page, "checkbox", "Tyres")
    page.keyboard.press("Space")
    enter_and_go(page, "button", "Continue")
    enter(page, "button", "Point on a map")
    expect(page.get_by_role("application")).to_be_focused()
    for key in ("ArrowUp", "Shift+ArrowLeft"):
        page.keyboard.press(key)
    expect(page.get_by_text("The pin: ")).to_be_visible()
    enter_and_go(page, "button", "Continue")
    enter_and_go(page, "button", "Continue")
    focus(page, "radio", "No")
    page.keyboard.press("Space")
    enter_and_go(page, "button", "Continue")
    enter_and_go(page, "button", "Continue")
    enter_and_go(page, "button", "Send report")
    expect(page.get_by_role("heading", name="Report sent")).to_be_visible()
    assert reports(served) == [("A fridge", ["tyres"])]
    assert position(served).source == "pin"


def enter_and_go(page: Page, role: str, name: str) -> None:
    """The same, and wait for the page it leads to."""
    with page.expect_navigation():
        enter(page, role, name)


def focus(page: Page, role: str, name: str) -> None:
    """Press Tab until the wanted thing has the focus."""
    wanted = page.get_by_role(role, name=name).first  # type: ignore[arg-type]
    wanted.wait_for()
    for _ in range(60):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never came to the {role} {name!r}")


def enter(page: Page, role: str, name: str) -> None:
    """Press Enter on the wanted thing, once Tab has come to it."""
    focus(page, role, name)
    page.keyboard.press("Enter")


def test_my_location_is_taken_named_and_sent(served: Served, open_page: OpenPage) -> None:
    page = open_page()
    to_where(page)
    page.get_by_role("button", name="Use my location").click()
    expect(page.get_by_text("Your position, to within 8 metres: Oldbury Road, Hartshill.")).to_be_visible()
    go_on(page)
    finish(page)
    found = position(served)
    assert (found.source, found.accuracy_m) == ("gps", 8.0)
    assert (found.lat, found.lon) == pytest.approx(HERE, abs=1e-6)


def test_a_place_chosen_after_the_position_takes_it_out(served: Served, open_page: OpenPage) -> None:
    page = open_page()
    to_where(page)
    page.get_by_role("button", name="Use my location").click()
    expect(page.get_by_text("Your position")).to_be_visible()
    page.get_by_label("Street, village or postcode").fill("folly")
    press(page, "Find")
    page.get_by_label("Folly Lane, Corley").check()
    go_on(page)
    finish(page)
    assert position(served).source == "typed"


def test_a_refused_position_says_what_else_can_be_done(open_page: OpenPage) -> None:
    page = open_page()
    page.context.clear_permissions()
    to_where(page)
    page.get_by_role("button", name="Use my location").click()
    expect(page.get_by_text("Type the street, or point on the map.")).to_be_visible()


def test_a_map_that_does_not_load_leaves_the_other_ways(open_page: OpenPage) -> None:
    page = open_page(service_workers="block")
    to_where(page)
    page.route("**/report/map.json", lambda route: route.abort())
    page.get_by_role("button", name="Point on a map").click()
    expect(page.get_by_text("The map could not be loaded.")).to_be_visible()
    expect(page.get_by_role("button", name="Point on a map")).to_be_enabled()


def test_chosen_photos_are_shown_before_they_are_sent(open_page: OpenPage, photo: Path) -> None:
    page = open_page()
    to_where(page)
    page.get_by_label("Say in words where it is").fill("By the gate")
    go_on(page)
    page.get_by_label("Choose photos").set_input_files(photo)
    expect(page.get_by_text("1 photo chosen.")).to_be_visible()
    expect(page.locator("[data-previews] img")).to_be_visible()


def test_what_was_typed_is_still_there_after_signal_and_page_were_lost(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/report/what")
    page.get_by_label("Rubbish that somebody has dumped").check()
    page.get_by_label("Tell us more").fill("A fridge")
    page.context.set_offline(True)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("We cannot reach the council just now, so this was not sent.")).to_be_visible()
    page.context.set_offline(False)
    again = page.context.new_page()
    again.goto("/report/what")
    expect(again.get_by_label("Tell us more")).to_have_value("A fridge")


# Whether no draft and no photo of one is left in the residents' storage.
KEPT_DRAFTS = """() => new Promise((resolve, reject) => {
  const opening = indexedDB.open('tipwatch-residents');
  opening.onerror = reject;
  opening.onsuccess = () => {
    const reading = opening.result.transaction(['drafts', 'draft_photos']);
    const counts = ['drafts', 'draft_photos'].map((name) => reading.objectStore(name).count());
    reading.oncomplete = () => { opening.result.close(); resolve(counts.every(({ result }) => result === 0)); };
  };
})"""


def test_what_was_reported_near_is_shown_as_soon_as_the_place_is_known(
    served: Served, open_page: OpenPage
) -> None:
    clock = SetClock(served.app, datetime.now(UTC))
    for me_too in (False, True):
        page = open_page()
        to_where(page)
        page.get_by_role("button", name="Use my location").click()
        if me_too:
            part = page.get_by_role("group", name="Already reported near here")
            words = "^Me too: Graffiti, or posters .*, Oldbury Road, Hartshill, at that place"
            part.get_by_label(re.compile(words)).check()
            assert violations(page) == []
        else:
            expect(page.get_by_text("Your position")).to_be_visible()
        go_on(page)
        expect(page.get_by_role("heading", name="Can you add a photo?")).to_be_visible()
        # Whoever is done within seconds is no person, and is held back.
        clock.forward(timedelta(minutes=1))
        finish(page)
        drain(served.app)
    with served.app.app_context(), reading(served.council.id) as session:
        assert len(set(session.scalars(sa.select(ReportStanding.case_id)).all())) == 1
        assert session.scalars(sa.select(sa.func.count()).select_from(Report)).one() == 2


def test_nothing_stays_on_the_device_once_it_was_sent(
    served: Served, open_page: OpenPage, photo: Path
) -> None:
    page = open_page()
    for _ in states(page, photo):
        pass
    assert page.evaluate("Object.keys(localStorage)") == []
    page.wait_for_function(KEPT_DRAFTS)


def test_an_addition_arrives_and_its_words_are_gone_from_the_form(
    served: Served, open_page: OpenPage, photo: Path
) -> None:
    page = open_page()
    for _ in states(page, photo):
        pass
    drain(served.app)
    page.get_by_role("link", name=re.compile("status")).click()
    page.get_by_label("Something we should know").fill("It has grown")
    page.get_by_label("Photos").set_input_files(photo)
    press(page, "Add to report")
    expect(page.get_by_text("We have added this to your report.")).to_be_visible()
    expect(page.get_by_label("Something we should know")).to_have_value("")


def test_the_first_page_costs_little(open_page: OpenPage) -> None:
    page = open_page()
    requests: list[Request] = []
    page.on("requestfinished", lambda request: requests.append(request))
    for path in ("/report", "/report/what"):
        page.goto(path, wait_until="networkidle")
    assert sum(request.sizes()["responseBodySize"] for request in requests) < 60_000


def to_where(page: Page) -> None:
    page.goto("/report/what")
    page.get_by_label("Graffiti").check()
    go_on(page)
    expect(page.get_by_role("heading", name="Where is it?")).to_be_visible()


def finish(page: Page) -> None:
    """From the photos to the confirmation."""
    go_on(page)
    page.get_by_label("No").check()
    go_on(page)
    go_on(page)
    press(page, "Send report")
    expect(page.get_by_role("heading", name="Report sent")).to_be_visible()
