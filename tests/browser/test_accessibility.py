"""Every screen and state of the crew's app, and every page beside it, for everybody: axe, size, contrast, keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from server.access import service as access
from server.access.models import User
from server.store.clock import now
from server.store.transaction import transaction
from tests.browser.axe import TARGET, focus_troubles, inspect, violations, wear
from tests.browser.crew_states import STATES, Walk
from tests.browser.maps import FIRST_HOTSPOT, mark_on
from tests.browser.people import Person
from tests.browser.phone import HARTSHILL, NO_NETWORK, PATIENCE_MS, Complaints, phone_options
from tests.browser.pictures import camera_photo
from tests.browser.stacks import Running
from tests.builders import HERE, PASSWORD, Council, make_council, position, report_op
from tests.services.processes import wait_for

METRE = 1 / 111_195
FAR_NORTH = 500.0
SMALLEST: ViewportSize = {"width": 320, "height": 640}


@pytest.fixture(scope="module")
def council(separate_processes: Running, tmp_path_factory: pytest.TempPathFactory) -> Council:
    """A council with cases of all kinds, three jobs for its crew, and a hotspot."""
    council = make_council(separate_processes.app, tmp_path_factory.mktemp("council"), slug="walked")
    officer, neighbour = (
        Person(separate_processes.app, council, role, separate_processes.url)
        for role in ("officer", "manager")
    )
    spots = (FAR_NORTH, FAR_NORTH + 45, FAR_NORTH + 90, -600.0, 12.0)
    hazards: tuple[list[str], ...] = ([], [], [], ["asbestos", "sharps"], [])
    neighbour.push(
        *(
            report_op(seq=number, position=position(lat=HERE[0] + spot * METRE), hazards=found)
            for number, (spot, found) in enumerate(zip(spots, hazards, strict=True), 1)
        )
    )
    cases = wait_for("the cases", lambda: found if len(found := officer.cases()) == len(spots) else None, 60)
    wait_for("the hotspot", lambda: officer.get("hotspots")["items"], 60)
    for case, kind in zip(
        sorted(cases, key=lambda case: not case["hazards"]), ("clear", "inspect", "sign"), strict=False
    ):
        crew = str(council.users["crew"])
        officer.post(f"cases/{case['id']}/jobs", {"kind": kind, "text": "Mind the gate.", "crew_id": crew})
    return council


@pytest.fixture(scope="module")
def walk(
    browser: Browser, separate_processes: Running, council: Council, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Walk]:
    """The phone of that council's crew, signed in, with everything on it."""
    context = browser.new_context(**phone_options(separate_processes.url))
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto("/crew")
    page.get_by_label("Email").fill(council.email("crew"))
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("link", name=re.compile("Clear · "))).to_be_visible()
    page.goto("/crew#/map")
    expect(page.locator(".map .road").first).to_be_attached()
    yield Walk(context, council, camera_photo(tmp_path_factory.mktemp("photo")))
    context.close()


@pytest.fixture
def smallest(walk: Walk) -> Iterator[Walk]:
    """The same phone with the smallest screen there is."""
    usual, walk.screen = walk.screen, SMALLEST
    yield walk
    walk.screen = usual


@pytest.fixture(autouse=True)
def no_complaints(request: pytest.FixtureRequest) -> Iterator[Complaints | None]:
    """Nothing on the console, and no broken content policy, but what a test forgives."""
    walk: Walk = request.getfixturevalue("walk")
    complaints = Complaints(walk.context)
    yield complaints
    walk.context.set_offline(False)
    walk.context.unroute_all()
    assert complaints.left == []


# ---- the crew's app -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", STATES)
def test_the_crews_app_is_for_everybody(walk: Walk, no_complaints: Complaints, name: str) -> None:
    no_complaints.forgive(NO_NETWORK)
    if "sign" in name:
        no_complaints.forgive("status of 401")
    STATES[name](walk)
    assert inspect(walk.page) == []


@pytest.mark.parametrize(
    "name",
    [
        "home",
        "capture filled",
        "place picker",
        "waiting needs you",
        "job done",
        "map",
        "hotspots",
        "one hotspot",
    ],
)
def test_the_focus_can_be_seen_wherever_tab_goes(walk: Walk, no_complaints: Complaints, name: str) -> None:
    no_complaints.forgive(NO_NETWORK)
    STATES[name](walk)
    assert focus_troubles(walk.page) == []


@pytest.mark.parametrize("name", ["hotspots", "one hotspot"])
def test_a_map_of_hotspots_is_for_everybody_on_the_smallest_phone(smallest: Walk, name: str) -> None:
    STATES[name](smallest)
    for look in ("light", "dark"):
        wear(smallest.page, look)
        assert violations(smallest.page) == [], look


def test_the_map_leaves_the_first_hotspots_in_sight(smallest: Walk) -> None:
    STATES["hotspots"](smallest)
    expect(smallest.page.get_by_role("link", name="Rank 1")).to_be_in_viewport(ratio=0.9)


def test_a_mark_lies_beside_the_buttons_and_opens_to_a_gloved_thumb_that_misses_it(walk: Walk) -> None:
    page = walk.fresh()
    # The map shows the person too: with them as far to the east as to the south, the place lies where the buttons are.
    east = {**HARTSHILL, "longitude": HARTSHILL["longitude"] + 900 * METRE}
    walk.context.set_geolocation(east)  # type: ignore[arg-type]
    expect(page.get_by_role("link", name="Rank 1")).to_contain_text("0.5 mi")
    page.evaluate("location.hash = '#/hotspots'")
    mark = mark_on(page, "Map of the hotspots", FIRST_HOTSPOT).bounding_box()
    assert mark
    for button in page.get_by_role("region", name="Map of the hotspots").get_by_role("button").all():
        taken = button.bounding_box()
        assert taken
        assert mark["x"] >= taken["x"] + taken["width"], button
    page.touchscreen.tap(mark["x"] + mark["width"] / 2, mark["y"] + mark["height"] / 2 + TARGET / 2 - 1)
    expect(page.get_by_role("heading", name="Hotspot 1")).to_be_visible()


def test_a_mark_stays_under_the_thumb_while_the_person_moves(walk: Walk) -> None:
    page = walk.fresh()
    expect(page.get_by_role("link", name="Rank 1")).to_contain_text("mi")
    page.evaluate("location.hash = '#/hotspots'")
    mark = mark_on(page, "Map of the hotspots", FIRST_HOTSPOT).element_handle()
    assert mark
    person = page.get_by_role("region", name="Map of the hotspots").locator(".me")
    before = person.bounding_box()
    walk.context.set_geolocation({**HARTSHILL, "longitude": HARTSHILL["longitude"] + 300 * METRE})  # type: ignore[arg-type]
    wait_for("the person's mark to move", lambda: person.bounding_box() != before or None, 20)
    assert mark.evaluate("mark => mark.isConnected")


def test_a_report_needs_only_the_keyboard(walk: Walk) -> None:
    page = walk.fresh()
    # Enter presses a button as it goes down: whoever begins to look for the camera only then looks too late, and the
    # browser has closed it again.
    page.on("filechooser", lambda _: None)
    expect(page.get_by_text("As the council had it")).to_be_visible()
    tab_to(page, "Report a fly-tip")
    expect(page.get_by_role("button", name="Report a fly-tip")).to_be_focused()
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(walk.photo)
    expect(page.get_by_role("img", name="Photo 1")).to_be_visible()
    tab_to(page, "Tyres")
    page.keyboard.press("Space")
    tab_to(page, "Bag")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("Item", exact=True)).to_be_checked()
    tab_to(page, "Save report")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Saved on this phone")).to_be_focused()
    tab_to(page, "Done")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Tipwatch")).to_be_focused()


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has this name has the focus."""
    names = []
    for _ in range(60):
        page.keyboard.press("Tab")
        named: str = page.evaluate(
            "() => { const one = document.activeElement; return (one.labels?.[0] ?? one).textContent.trim(); }"
        )
        names.append(named)
        if named == name:
            return
    raise AssertionError(f"Tab never came to {name!r}, only to {names}")


# ---- pages beside the app -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def visitor(browser: Browser, separate_processes: Running) -> Iterator[BrowserContext]:
    """Somebody who is not signed in."""
    context = browser.new_context(**phone_options(separate_processes.url))
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.mark.parametrize("path", ["/", "/sign-in", "/api/docs", "/nowhere", "/sign-in/no-such-link", "/crew"])
def test_a_page_is_for_everybody(visitor: BrowserContext, path: str) -> None:
    complaints = Complaints(visitor)
    complaints.forgive("status of 4(01|04|10)")
    page = visitor.new_page()
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert inspect(page, crew=path == "/crew") == []
    assert focus_troubles(page) == []
    page.close()
    assert complaints.left == []


def test_a_refused_sign_in_is_for_everybody(visitor: BrowserContext) -> None:
    complaints = Complaints(visitor)
    complaints.forgive("status of 401")
    for path in ("/sign-in", "/crew"):
        page = visitor.new_page()
        page.goto(path)
        page.get_by_label("Email").fill("nobody@north.example")
        page.get_by_label("Password", exact=True).fill("wrong horse battery")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_be_visible()
        assert inspect(page, crew=path == "/crew") == []
        page.close()
    assert complaints.left == []


def test_links_that_work_once_are_for_everybody(
    visitor: BrowserContext, separate_processes: Running, council: Council
) -> None:
    complaints = Complaints(visitor)
    complaints.forgive("status of 4(00|01|10|22)")
    token = _one_time_link(separate_processes, council)
    page = visitor.new_page()
    page.goto(f"/sign-in/{token}")
    assert inspect(page, crew=False) == []
    page.get_by_label("New password").fill("short")
    page.get_by_role("button", name="Save and sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert inspect(page, crew=False) == []
    page.goto("/crew#enrol=no-such-code")
    page.get_by_role("button", name="Set up this phone").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert inspect(page) == []
    page.close()
    assert complaints.left == []


def _one_time_link(running: Running, council: Council) -> str:
    with running.app.app_context(), transaction(council.id) as session:
        return access.make_link(
            session, session.get_one(User, (council.id, council.users["admin"])), "reset", now()
        )


def test_every_page_comes_with_its_policy(separate_processes: Running) -> None:
    for path in ("/", "/crew", "/sign-in", "/api/docs", "/nowhere"):
        policy = requests.get(f"{separate_processes.url}{path}", timeout=30).headers[
            "Content-Security-Policy"
        ]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
