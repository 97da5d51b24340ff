"""Going through the form as a person does, by what the page says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page


def press(page: Page, button: str) -> None:
    """Press what sends a form, and wait for the page that answers it: with script, the form goes a moment later."""
    with page.expect_navigation():
        page.get_by_role("button", name=button).click()


def go_on(page: Page) -> None:
    """Press "Continue"."""
    press(page, "Continue")


def states(page: Page, photo: Path, *, by_map: bool = False) -> Iterator[str]:
    """Walk from the first page to the confirmation, stopping in every state of every page once it is loaded."""
    for state in _walk(page, photo, by_map=by_map):
        page.wait_for_load_state()
        yield state


def _walk(page: Page, photo: Path, *, by_map: bool) -> Iterator[str]:
    page.goto("/report")
    yield "start"
    page.get_by_role("button", name="Start now").click()
    yield "what"
    go_on(page)
    yield "what, with an error"
    page.get_by_label("Rubbish that somebody has dumped").check()
    page.get_by_label("Tell us more").fill("A fridge and six tyres")
    go_on(page)
    page.get_by_label("Tyres").check()
    yield "waste"
    go_on(page)
    yield "where"
    yield from _where(page, by_map=by_map)
    yield "photos"
    page.get_by_label("Choose photos").set_input_files(photo)
    press(page, "Add these photos")
    yield "photos, with one"
    press(page, "Add these photos")
    yield "photos, with an error"
    go_on(page)
    page.get_by_label("Yes").check()
    go_on(page)
    yield "witness, with an error"
    page.get_by_label("No").check()
    go_on(page)
    yield "contact"
    page.get_by_label("Yes, if you have a question").check()
    go_on(page)
    yield "contact, with an error"
    page.get_by_label("Email address").fill("pat@example.com")
    go_on(page)
    yield "check"
    press(page, "Send report")
    yield "sent"


def _where(page: Page, *, by_map: bool) -> Iterator[str]:
    """Answer "where is it?" by a street that is looked up, or by the pin of the map."""
    if by_map:
        page.get_by_role("button", name="Point on a map").click()
        page.get_by_role("application").wait_for()
        page.get_by_role("button", name="North").click()
        page.get_by_text("The pin: ").wait_for()
        yield "where, on the map"
    else:
        page.get_by_label("Street, village or postcode").fill("nowhere")
        press(page, "Find")
        yield "where, not found"
        page.get_by_label("Street, village or postcode").fill("oldbury")
        press(page, "Find")
        page.get_by_label("Oldbury Road, Hartshill").check()
        yield "where, found"
    go_on(page)
