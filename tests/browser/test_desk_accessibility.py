"""Every screen of the officer's desk, full, empty, failing and without connection, for everybody."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from tests.browser.axe import focus_troubles, inspect, violations
from tests.browser.desk import WIDE, Desk
from tests.browser.desk_work import fill
from tests.browser.maps import FIRST_HOTSPOT, mark_on
from tests.browser.people import Person
from tests.browser.phone import NO_NETWORK, Complaints
from tests.browser.pictures import camera_photo
from tests.browser.stacks import Running
from tests.builders import PASSWORD, Council, make_council, report_op
from tests.services.processes import wait_for

NARROW: ViewportSize = {"width": 320, "height": 640}


@pytest.fixture(scope="module")
def councils(separate_processes: Running, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Council]:
    """One council at work, and one that has only just begun."""
    folder = tmp_path_factory.mktemp("desks")
    made = {
        name: make_council(separate_processes.app, folder, slug=f"desk-{name}") for name in ("full", "empty")
    }
    fill(separate_processes, made["full"], camera_photo(folder))
    return made


@pytest.fixture(scope="module")
def desks(
    browser: Browser, separate_processes: Running, councils: dict[str, Council]
) -> Iterator[dict[str, Desk]]:
    """The administrator of each at the desk: of all people they see the most."""
    seated = {
        name: Desk(browser, separate_processes.url, council, "admin") for name, council in councils.items()
    }
    yield seated
    for desk in seated.values():
        desk.close()


@pytest.fixture
def at(desks: dict[str, Desk]) -> Iterator[Callable[[str, str], Page]]:
    """Goes to a screen of one council's desk; afterwards everything is as it was, and nothing complained."""
    complaints: list[Complaints] = []

    def go(name: str, path: str) -> Page:
        desk = desks[name]
        complaints.append(desk.complaints)
        desk.page.goto(f"/desk#/{path}")
        desk.page.reload()
        settled(desk.page)
        return desk.page

    yield go
    for desk in desks.values():
        desk.context.set_offline(False)
        desk.context.unroute_all()
        desk.page.set_viewport_size(WIDE)
    for each in complaints:
        each.forgive(NO_NETWORK)
        each.forgive("status of (404|412|422|500|503)")
        assert each.left == []


def settled(page: Page) -> None:
    """Wait until the screen shows what it has to show."""
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".skeleton")).to_have_count(0)
    expect(page.locator(".map[aria-busy=true]")).to_have_count(0)


def troubles(page: Page) -> list[str]:
    """All that is wrong with the page, wide and narrow."""
    found = [f"wide: {trouble}" for trouble in inspect(page, crew=False)]
    # Wide, the panes scroll and the page does not: what sticks out of a pane would take it apart.
    found += page.evaluate("""() => {
        const { scrollHeight, clientHeight } = document.documentElement;
        return scrollHeight > clientHeight + 1 ? [`the page is ${scrollHeight} high, in ${clientHeight}`] : [];
    }""")
    page.set_viewport_size(NARROW)
    settled(page)
    found += [f"at 320 px: {violation}" for violation in violations(page)]
    page.set_viewport_size(WIDE)
    return found


# A screen, its address, and what it asks the council for.
SCREENS = {
    "queue": ("cases", "**/api/v1/cases?*"),
    "hotspots": ("hotspots?min=2", "**/api/v1/hotspots?*"),
    "patrol": ("hotspots/patrol", "**/api/v1/hotspots/patrol*"),
    "jobs": ("jobs", "**/api/v1/jobs*"),
    "people": ("people", "**/api/v1/users*"),
    "phones": ("phones", "**/api/v1/devices*"),
    "overview": ("overview", "**/api/v1/insight/overview*"),
    "held back": ("held", "**/api/v1/quarantine*"),
}


@pytest.mark.parametrize("screen", SCREENS)
def test_a_screen_is_for_everybody_full_and_empty(at: Callable[[str, str], Page], screen: str) -> None:
    path, _ = SCREENS[screen]
    for council in ("full", "empty"):
        assert troubles(at(council, path)) == [], council


@pytest.mark.parametrize("screen", SCREENS)
def test_a_screen_is_for_everybody_when_it_fails_and_without_connection(
    at: Callable[[str, str], Page], desks: dict[str, Desk], screen: str
) -> None:
    path, asks = SCREENS[screen]
    context = desks["full"].context
    problem = {
        "title": "The server failed",
        "detail": "Nothing was changed. Try again.",
        "code": "server_error",
    }
    context.route(asks, lambda route: route.fulfill(status=500, json=problem | {"status": 500}))
    page = at("full", path)
    expect(page.get_by_role("alert").get_by_text("The server failed").first).to_be_visible()
    assert troubles(page) == []
    context.unroute_all()
    other = "overview" if screen == "jobs" else "jobs"
    page = at("full", other)
    context.set_offline(True)
    page.evaluate("path => { location.hash = '#/' + path; }", path)
    expect(page.get_by_text("No connection to the council.", exact=False)).to_be_visible()
    settled(page)
    assert troubles(page) == []


def the_case(page: Page) -> Page:
    """Open the case of two reports, one with a photo."""
    rows = page.request.get("/api/v1/cases?limit=100").json()["items"]
    whole = next(row for row in rows if row["reports"] == 2)
    page.goto(f"/desk#/cases/{whole['id']}?state=any")
    expect(page.get_by_role("heading", name="What happened")).to_be_visible()
    expect(
        page.get_by_role("article", name="The open case").get_by_text(whole["reference"]).first
    ).to_be_visible()
    settled(page)
    return page


def the_place(page: Page) -> Page:
    """Open the page of the first hotspot."""
    hotspot = page.request.get("/api/v1/hotspots").json()["items"][0]
    page.goto(f"/desk#/hotspots/{hotspot['id']}")
    expect(
        page.get_by_role("heading", name="What was left").or_(page.get_by_text("By month")).first
    ).to_be_visible()
    settled(page)
    return page


def test_a_case_and_everything_that_opens_over_it_is_for_everybody(
    at: Callable[[str, str], Page],
) -> None:
    page = the_case(at("full", "cases?state=any"))
    assert troubles(page) == []
    assert focus_troubles(page, most=80) == []
    opens: tuple[Locator, ...] = (
        page.get_by_role("button", name="Decide…"),
        page.get_by_role("button", name="Give a job…"),
        page.get_by_role("button", name="Merge…"),
        page.get_by_role("button", name="Correct…"),
        page.get_by_role("button", name=re.compile("^Split off")).first,
        page.get_by_role("button", name=re.compile("look closely")).first,
    )
    for button in opens:
        button.click()
        sheet = page.get_by_role("dialog")
        expect(sheet).to_be_visible()
        assert troubles(page) == [], button
        submit = sheet.locator("button[type=submit]")
        if submit.count() and button in opens[:1]:
            submit.click()
            assert violations(page) == [], "what is missing is told"
        page.keyboard.press("Escape")
        expect(sheet).to_be_hidden()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert troubles(page) == []


def test_a_case_that_fails_or_is_not_there_is_for_everybody(
    at: Callable[[str, str], Page], desks: dict[str, Desk]
) -> None:
    page = at("full", f"cases/{uuid.uuid4()}")
    expect(page.get_by_role("alert").first).to_be_visible()
    assert troubles(page) == []
    page = the_case(at("full", "cases?state=any"))
    desks["full"].context.set_offline(True)
    page.get_by_label("Write a note").fill("Rang the farmer")
    page.get_by_role("button", name="Save note").click()
    expect(page.get_by_text("No connection to the council.", exact=False)).to_be_visible()
    # What is scrolled out of a pane axe weighs against the wrong ground.
    page.get_by_role("heading", level=1).scroll_into_view_if_needed()
    assert troubles(page) == []
    expect(page.get_by_label("Write a note")).to_have_value("Rang the farmer")


def test_a_hotspots_own_page_is_for_everybody(at: Callable[[str, str], Page], desks: dict[str, Desk]) -> None:
    page = at("full", "hotspots")
    mark_on(page, "Map of the hotspots", FIRST_HOTSPOT).click()
    mark_on(page, "Map of this place", "The middle of this place")
    settled(page)
    assert troubles(page) == []
    desks["full"].context.set_offline(True)
    page.evaluate("location.hash += '?window_days=90'")
    expect(page.get_by_text("No connection to the council.", exact=False)).to_be_visible()
    assert troubles(page) == []
    desks["full"].context.set_offline(False)
    assert troubles(at("full", f"hotspots/{uuid.uuid4()}")) == []


def test_on_paper_the_patrol_sheet_is_all_there_is(at: Callable[[str, str], Page]) -> None:
    page = at("full", "hotspots/patrol")
    controls = page.locator("a, button, nav").filter(visible=True)
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    # As wide as A4 on its side, where a screen has panes, and lower than the sheet is long: a pane would cut it off.
    page.set_viewport_size({"width": 1100, "height": 100})
    page.emulate_media(media="print")
    try:
        expect(controls).to_have_count(0)
        expect(page.get_by_role("heading", name="Patrol sheet", level=1)).to_be_visible()
        place = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="1. "))
        for words in ("3 cases, ", "Left there: ", "Seen at ____"):
            expect(place.get_by_text(words)).to_be_visible()
        expect(place).to_have_css("break-inside", "avoid")
        ends = place.evaluate("one => Math.floor(one.getBoundingClientRect().bottom + scrollY)")
        assert ends <= page.evaluate("document.documentElement.scrollHeight"), "the sheet is cut off"
    finally:
        page.emulate_media(media="screen")


def test_naming_a_place_and_asking_whether_something_worked_is_for_everybody(
    at: Callable[[str, str], Page],
) -> None:
    page = the_place(at("full", "hotspots"))
    page.get_by_text("How “usual” is worked out").click()
    page.get_by_label("On which day").fill("2026-01-05")
    expect(page.get_by_text("Mon, 5 Jan 2026")).to_be_visible()
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("article", name="Patrol, from 5 Jan 2026: no clear change")).to_be_visible()
    assert troubles(page) == []
    page.get_by_role("button", name="Name it…").press("Enter")
    sheet = page.get_by_role("dialog")
    sheet.get_by_label("Name").fill(" ")
    page.keyboard.press("Enter")
    expect(sheet.get_by_text("Give the place a name").first).to_be_visible()
    assert troubles(page) == []
    sheet.get_by_label("Name").fill("The old gate")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="The old gate", level=1)).to_be_visible()


def test_a_case_is_put_on_the_map_by_keys_and_that_is_for_everybody(
    at: Callable[[str, str], Page], separate_processes: Running, councils: dict[str, Council]
) -> None:
    officer = Person(separate_processes.app, councils["full"], "officer", separate_processes.url)
    officer.push(report_op(seq=1, position=None, description="Mattresses by the school"))

    def unplaced() -> dict[str, Any] | None:
        return next((case for case in officer.cases() if case["lat"] is None), None)

    case = wait_for("the case without a position", unplaced, 120)
    page = at("full", f"cases/{case['id']}?state=any")
    page.get_by_role("button", name="Put it on the map…").press("Enter")
    sheet = page.get_by_role("dialog")
    expect(sheet.get_by_text("Mattresses by the school")).to_be_visible()
    settled(page)
    assert troubles(page) == []
    sheet.get_by_label("Find a road, village or postcode").fill("Oldbury Road")
    page.keyboard.press("Enter")
    pin = sheet.get_by_role("application")
    pin.press("ArrowRight")
    expect(sheet.get_by_role("status").filter(has_text="Oldbury Road")).to_be_visible()
    assert troubles(page) == []
    sheet.get_by_role("button", name="It is here").press("Enter")
    expect(sheet).to_be_hidden()
    expect(page.get_by_text("Put on the map by hand")).to_be_visible()
    settled(page)
    assert troubles(page) == []


def test_what_is_held_back_is_for_everybody_whatever_is_open(at: Callable[[str, str], Page]) -> None:
    page = at("full", "held")
    page.get_by_role("button", name=re.compile("^Show how to reach them")).click()
    expect(page.get_by_role("link", name="pat@example.com")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Show it on the map")).click()
    expect(page.locator(".map .mark-on-map")).to_be_visible()
    assert troubles(page) == []
    page.get_by_role("button", name=re.compile("^Refuse")).click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_role("button", name="Refuse it").click()
    expect(sheet.get_by_text("Say why, in a few words: it stays with the report")).to_be_visible()
    assert troubles(page) == []
    page.keyboard.press("Escape")
    assert troubles(at("full", "held?state=refused")) == []


@pytest.mark.parametrize("screen", ["people", "phones"])
def test_what_opens_over_people_and_phones_is_for_everybody(
    at: Callable[[str, str], Page], screen: str
) -> None:
    page = at("full", screen)
    names: dict[str, tuple[str | re.Pattern[str], ...]] = {
        "people": ("Invite somebody…", re.compile("^Change")),
        "phones": ("Set up a phone…", re.compile("^Switch off")),
    }
    for name in names[screen]:
        page.get_by_role("button", name=name).first.click()
        sheet = page.get_by_role("dialog")
        expect(sheet).to_be_visible()
        expect(sheet.locator(".skeleton")).to_have_count(0)
        assert troubles(page) == []
        page.keyboard.press("Escape")
    assert troubles(at("full", f"{screen}?q=nobody-of-that-name")) == []


def test_days_of_ones_own_in_the_overview_are_for_everybody(at: Callable[[str, str], Page]) -> None:
    page = at("full", "overview?from=2026-01-02")
    expect(page.get_by_label("Up to and including")).to_be_visible()
    assert troubles(page) == []


def test_settling_what_was_kept_is_for_everybody(at: Callable[[str, str], Page]) -> None:
    page = at("full", "phones")
    kept = page.get_by_role("region", name="Kept for you to look at")
    kept.get_by_role("button", name="I have dealt with it…").press("Enter")
    sheet = page.get_by_role("dialog")
    sheet.get_by_role("button", name="Settle it").press("Enter")
    expect(sheet.get_by_text("Say what was done about it").first).to_be_visible()
    assert troubles(page) == []
    sheet.get_by_label("What was done about it?").fill("Asked the crew, who had sent it again")
    sheet.get_by_role("button", name="Settle it").press("Enter")
    expect(kept).to_be_hidden()
    page.get_by_role("button", name="Show what phones sent that was settled").press("Enter")
    expect(page.get_by_text("Asked the crew, who had sent it again")).to_be_visible()
    assert troubles(page) == []
    page = at("empty", "phones")
    page.get_by_role("button", name="Show what phones sent that was settled").press("Enter")
    expect(page.get_by_text("Nothing has been settled yet.")).to_be_visible()
    assert troubles(page) == []


def test_choosing_and_finding_in_the_queue_is_for_everybody(at: Callable[[str, str], Page]) -> None:
    page = at("full", "cases")
    for box in page.get_by_role("checkbox", name=re.compile("^Select ")).all()[:2]:
        box.check()
    expect(page.get_by_text("2 selected")).to_be_visible()
    assert troubles(page) == []
    assert focus_troubles(page) == []
    page = at("full", "cases?q=nothing-is-called-so")
    expect(page.get_by_text("No case fits this search and these filters.")).to_be_visible()
    assert troubles(page) == []


def test_who_is_not_signed_in_or_works_elsewhere_finds_the_way(
    browser: Browser, separate_processes: Running, councils: dict[str, Council]
) -> None:
    context = browser.new_context(base_url=separate_processes.url, viewport=WIDE)
    page = context.new_page()
    page.goto("/desk")
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    assert troubles(page) == []
    page.goto("/sign-in?next=/desk")
    page.get_by_label("Email").fill(councils["empty"].email("crew"))
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("link", name="Go to the crew’s app")).to_be_visible()
    assert troubles(page) == []
    context.close()
