"""Every screen and state of the crew's app, and how somebody gets there."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.maps import FIRST_HOTSPOT, mark_on
from tests.browser.phone import HARTSHILL, SCREEN
from tests.builders import Council


class Walk:
    """A signed-in phone that goes from screen to screen; one tab for each state."""

    def __init__(self, context: BrowserContext, council: Council, photo: Path) -> None:
        self.context = context
        self.council = council
        self.photo = photo
        self.page = context.pages[0]
        self.screen = SCREEN

    def fresh(self, path: str = "/crew") -> Page:
        """A new tab at `path`, the one before closed."""
        page = self.context.new_page()
        self.page.close()
        self.page = page
        page.set_viewport_size(self.screen)
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
    expect(page.get_by_text("Draft, not saved: Fly-tip")).to_be_visible()


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
def _job_with_a_draft_left_behind(walk: Walk) -> None:
    _job_done(walk)
    walk.page.get_by_role("button", name="Back").click()
    expect(walk.page.get_by_text("Draft, not saved: Cleared")).to_be_visible()


@state
def _home_with_a_jobs_draft_left_behind(walk: Walk) -> None:
    _job_with_a_draft_left_behind(walk)
    expect(walk.fresh().get_by_text("Draft, not saved: Cleared")).to_be_visible()


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
def _hotspots(walk: Walk) -> None:
    page = walk.fresh("/crew#/hotspots")
    expect(page.get_by_text("3 cases")).to_be_visible()
    mark_on(page, "Map of the hotspots", FIRST_HOTSPOT)


@state
def _one_hotspot(walk: Walk) -> None:
    page = walk.fresh("/crew#/hotspots")
    page.get_by_role("link", name="Rank 1").click()
    expect(page.get_by_role("heading", name="Hotspot 1")).to_be_visible()
    mark_on(page, "Map of this place", FIRST_HOTSPOT)


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
