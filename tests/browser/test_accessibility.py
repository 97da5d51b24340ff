"""Every screen and state of the crew's app, and every page beside it, for everybody: axe, size, contrast, keyboard."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from server.access import service as access
from server.access.models import User
from server.store.clock import now
from server.store.transaction import transaction
from tests.browser.axe import focus_troubles, inspect
from tests.browser.people import Person
from tests.browser.phone import HARTSHILL, NO_NETWORK, PATIENCE_MS, Complaints, phone_options
from tests.browser.pictures import camera_photo
from tests.browser.stacks import Running
from tests.builders import HERE, PASSWORD, Council, make_council, position, report_op
from tests.services.processes import wait_for

METRE = 1 / 111_195
FAR_NORTH = 500.0


class Walk:
    """A signed-in phone that goes from screen to screen; one tab for each state."""

    def __init__(self, context: BrowserContext, council: Council, photo: Path) -> None:
        self.context = context
        self.council = council
        self.photo = photo
        self.page = context.pages[0]

    def fresh(self, path: str = "/crew") -> Page:
        """A new tab at `path`, the one before closed."""
        page = self.context.new_page()
        self.page.close()
        self.page = page
        page.goto(path)
        self.context.set_geolocation(HARTSHILL)  # type: ignore[arg-type]
        return page

    def shoot(self, button: str) -> None:
        """Tap what opens the camera, and take the photo."""
        with self.page.expect_file_chooser() as chooser:
            self.page.get_by_role("button", name=button, exact=True).click()
        chooser.value.set_files(self.photo)
        expect(self.page.get_by_role("img", name="Photo 1")).to_be_visible()

    def capture(self) -> Page:
        """The form of a new report, nothing chosen yet."""
        page = self.fresh()
        page.get_by_role("button", name="Report a fly-tip").click()
        expect(page.get_by_text("GPS, 8 m")).to_be_visible()
        return page


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


@pytest.fixture(autouse=True)
def no_complaints(request: pytest.FixtureRequest) -> Iterator[Complaints | None]:
    """Nothing on the console, and no broken content policy, but what a test forgives."""
    walk: Walk = request.getfixturevalue("walk")
    complaints = Complaints(walk.context)
    yield complaints
    walk.context.set_offline(False)
    walk.context.unroute_all()
    assert complaints.left == []


# ---- states of the crew's app ---------------------------------------------------------------------------------------

State = Callable[[Walk], None]
STATES: dict[str, State] = {}


def state(reach: State) -> State:
    """Register how a state of the app is reached."""
    STATES[reach.__name__.removeprefix("_").replace("_", " ")] = reach
    return reach


def screen(name: str, path: str, wait_for_text: str) -> None:
    """Register a screen that is reached by its address."""

    def reach(walk: Walk) -> None:
        expect(walk.fresh(f"/crew#/{path}").get_by_text(wait_for_text).first).to_be_visible()

    STATES[name] = reach


screen("home", "", "As the council had it")
screen("something else", "other", "What do you see?")
screen("waiting, nothing", "waiting", "Nothing is waiting.")
screen("jobs", "jobs", "Inspect · ")
screen("cases", "cases", "asbestos")
screen("hotspots", "hotspots", "3 cases")
screen("settings", "settings", "Safe from clean-up")
screen("no such screen", "elsewhere", "That address leads nowhere")
screen("no report begun", "report", "There is no unsaved report")
screen("no such job", "job/nowhere", "No longer your job")
screen("no such case", "case/nowhere", "No longer open")
screen("no such hotspot", "hotspots/nowhere", "No longer a hotspot")
screen("nothing sent under that address", "sent/nowhere", "Not on this phone")


@state
def _home_with_a_draft_left_behind(walk: Walk) -> None:
    page = walk.capture()
    page.get_by_label("Tyres", exact=True).click()
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_text("A report you have not saved")).to_be_visible()


@state
def _capture_empty(walk: Walk) -> None:
    _home_with_a_draft_left_behind(walk)
    walk.page.get_by_role("button", name="Throw away").click()
    walk.page.get_by_role("button", name="Report a fly-tip").click()
    expect(walk.page.get_by_text("GPS, 8 m")).to_be_visible()


@state
def _capture_filled(walk: Walk) -> None:
    page = walk.capture()
    walk.shoot("Take a photo")
    for choice in ("Tyres", "Rubble", "Small van"):
        page.get_by_label(choice, exact=True).click()
    page.get_by_role("button", name="More kinds").click()
    for fold in ("Anything dangerous?", "Note, witness, land"):
        page.get_by_text(fold).click()
    page.get_by_label("Note").fill("Behind the gate. " * 20)
    page.get_by_label("Yes, it was seen").click()
    page.get_by_role("button", name="Photo 1").click()


@state
def _capture_with_a_join_suggestion(walk: Walk) -> None:
    page = walk.capture()
    expect(page.get_by_role("heading", name="Is it one of these?")).to_be_visible()


@state
def _hazard_screen(walk: Walk) -> None:
    page = walk.capture()
    page.get_by_text("Anything dangerous?").click()
    page.get_by_label("Asbestos", exact=True).last.click()
    expect(page.get_by_role("dialog")).to_be_visible()


@state
def _something_that_is_no_photo(walk: Walk) -> None:
    page = walk.capture()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="From phone").click()
    chooser.value.set_files({"name": "notes.txt", "mimeType": "text/plain", "buffer": b"notes"})
    expect(page.get_by_text("Not every photo could be taken")).to_be_visible()


@state
def _place_picker(walk: Walk) -> None:
    page = walk.capture()
    page.get_by_role("link", name=re.compile("GPS, 8 m")).click()
    expect(page.locator(".map .road").first).to_be_attached()


@state
def _place_typed_wrongly(walk: Walk) -> None:
    _place_picker(walk)
    walk.page.get_by_label("Or type a grid reference").fill("by the bridge")
    walk.page.get_by_role("button", name="Use this reference").click()
    expect(walk.page.get_by_role("alert")).to_be_visible()


@state
def _saved(walk: Walk) -> None:
    walk.context.set_offline(True)
    page = walk.capture()
    page.get_by_label("Tyres", exact=True).click()
    page.get_by_role("button", name="Save report").click()
    expect(page.get_by_role("heading", name="Saved on this phone")).to_be_visible()


@state
def _waiting_without_signal(walk: Walk) -> None:
    _saved(walk)
    page = walk.fresh("/crew#/waiting")
    expect(page.get_by_text("The council cannot be reached just now")).to_be_visible()
    expect(page.get_by_role("list", name="Waiting")).to_be_visible()


@state
def _one_thing_that_waits(walk: Walk) -> None:
    _waiting_without_signal(walk)
    walk.page.get_by_role("list", name="Waiting").get_by_role("link").first.click()
    expect(walk.page.get_by_role("heading", name="As saved")).to_be_visible()


@state
def _waiting_until_signed_in_again(walk: Walk) -> None:
    _saved(walk)
    walk.context.route("**/api/v1/session", lambda route: _refuse(route, 401, "signed_out"))
    walk.context.set_offline(False)
    page = walk.fresh("/crew#/waiting")
    expect(page.get_by_role("list", name="Waiting").get_by_text("Paused: sign in").first).to_be_visible()


@state
def _signing_in_again(walk: Walk) -> None:
    walk.context.route("**/api/v1/session", lambda route: _refuse(route, 401, "signed_out"))
    page = walk.fresh("/crew#/sign-in")
    expect(page.get_by_role("heading", name="Sign in again")).to_be_visible()


@state
def _waiting_needs_you(walk: Walk) -> None:
    _saved(walk)
    walk.context.route("**/api/v1/sync/push", _reject)
    walk.context.set_offline(False)
    page = walk.fresh("/crew#/waiting")
    expect(page.get_by_role("list", name="Waiting").get_by_text("Needs you").first).to_be_visible()


@state
def _one_job(walk: Walk) -> None:
    page = walk.fresh("/crew#/jobs")
    page.get_by_role("link", name=re.compile("Clear · ")).click()
    expect(page.get_by_text("Do not touch. Keep 5 m away.")).to_be_visible()
    page.get_by_text("Write a note").click()


@state
def _job_done(walk: Walk) -> None:
    _one_job(walk)
    walk.shoot("Cleared")


@state
def _job_not_there(walk: Walk) -> None:
    _one_job(walk)
    walk.page.get_by_role("button", name="Not there").click()
    expect(walk.page.get_by_role("button", name="Save: not there")).to_be_visible()


@state
def _job_cannot_be_done(walk: Walk) -> None:
    _one_job(walk)
    walk.page.get_by_role("button", name="Can’t: why").click()
    walk.page.get_by_role("button", name="Save: can’t do it").click()
    expect(walk.page.get_by_role("alert")).to_be_visible()


@state
def _one_case(walk: Walk) -> None:
    page = walk.fresh("/crew#/cases")
    page.get_by_role("link", name=re.compile("asbestos", re.IGNORECASE)).click()
    expect(page.get_by_role("heading", name="Open case")).to_be_visible()


@state
def _one_hotspot(walk: Walk) -> None:
    page = walk.fresh("/crew#/hotspots")
    page.get_by_role("link", name="Rank 1").click()
    expect(page.get_by_role("heading", name="Hotspot 1")).to_be_visible()


@state
def _map(walk: Walk) -> None:
    page = walk.fresh("/crew#/map")
    expect(page.locator(".map .road").first).to_be_attached()
    expect(page.locator(".map .mark-on-map").first).to_be_visible()


def _refuse(route: Route, status: int, code: str) -> None:
    problem = {"type": "about:blank", "title": "Sign in", "status": status, "code": code}
    route.fulfill(status=status, content_type="application/problem+json", body=json.dumps(problem))


def _reject(route: Route) -> None:
    """Answer a push as a server that can take none of it."""
    problem = {"title": "The report is missing something", "status": 422, "code": "invalid_payload"}
    ops: list[dict[str, Any]] = (route.request.post_data_json or {})["ops"]
    results = [{"op_id": op["op_id"], "verdict": "rejected", "problem": problem} for op in ops]
    route.fulfill(json={"results": results, "server_time": "2026-11-22T07:00:00Z"})


@pytest.mark.parametrize("name", STATES)
def test_the_crews_app_is_for_everybody(walk: Walk, no_complaints: Complaints, name: str) -> None:
    no_complaints.forgive(NO_NETWORK)
    if "sign" in name:
        no_complaints.forgive("status of 401")
    STATES[name](walk)
    assert inspect(walk.page) == []


@pytest.mark.parametrize(
    "name", ["home", "capture filled", "place picker", "waiting needs you", "job done", "map"]
)
def test_the_focus_can_be_seen_wherever_tab_goes(walk: Walk, no_complaints: Complaints, name: str) -> None:
    no_complaints.forgive(NO_NETWORK)
    STATES[name](walk)
    assert focus_troubles(walk.page) == []


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
