"""Ways off the phone when the usual one is shut: the worker behind a closed app, a file, and the officer's desk."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.desk import Desk
from tests.faults.chromium_phone import ChromiumPhone
from tests.faults.crossing import Crossing
from tests.services.processes import wait_for

pytestmark = pytest.mark.proof


def test_the_worker_sends_while_the_app_is_closed(
    crossing: Crossing, phone: ChromiumPhone, photo: Path
) -> None:
    """The browser tells the worker that there is signal; nobody opens the app for it."""
    phone.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    crossing.proxy.lose()
    code = phone.report(photo)
    phone.waiting(1)
    there_is_signal = _sync_event(phone)
    phone.page.close()
    crossing.proxy.find()
    assert crossing.has_nothing_of(code)
    there_is_signal()
    crossing.wait_for(code, photo)
    phone.page.close()  # the one the browser was spoken to from
    phone.ready()
    phone.wait_until_safe()


def test_a_file_from_a_phone_that_cannot_send_is_taken_in(
    crossing: Crossing, phone: ChromiumPhone, photo: Path, tmp_path: Path
) -> None:
    """The office has it whole while the phone has no signal; with signal the phone is told so, and doubles nothing."""
    crossing.proxy.lose()
    code = phone.report(photo)
    phone.go("export")
    phone.page.get_by_role("button", name="Make the file").click()
    with phone.page.expect_download() as saved:
        phone.page.get_by_role("link", name=re.compile("Save tipwatch-unsent")).click()
    saved.value.save_as(tmp_path / "outbox.zip")
    status, said = crossing.stack.command("import", "outbox", str(tmp_path / "outbox.zip"))
    assert status == 0, said
    crossing.wait_for(code, photo)
    phone.waiting(1)
    crossing.proxy.find()
    phone.wait_until_safe()
    assert [row["verdict"] for row in phone.rows("ops")] == ["duplicate"]
    crossing.wait_for(code, photo)


def test_what_the_council_cannot_take_in_is_seen_at_the_desk(
    crossing: Crossing, phone: ChromiumPhone, browser: Browser
) -> None:
    """The crew reads what is wrong, and the officer has it word for word, whatever becomes of the phone."""
    crossing.proxy.lose()
    code = phone.report()
    phone.page.evaluate(SPOIL)
    crossing.proxy.find()
    phone.look_again()
    phone.says("Needs you")
    [row] = phone.rows("ops")

    def kept() -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = crossing.officer.get("sync/kept?limit=100")["items"]
        return [item for item in items if item["op_id"] == row["op_id"]]

    # Once, though it was pushed and then handed over as well.
    [letter] = wait_for("what the council could not take in", kept, 60)
    assert json.loads(letter["raw"])["payload"] == row["payload"]
    wait_for("the phone to note that it was handed over", lambda: phone.rows("ops")[0]["deadLetteredAt"], 60)
    assert len(kept()) == 1
    assert crossing.has_nothing_of(code)
    desk = Desk(browser, crossing.proxy.url, crossing.council)
    try:
        desk.page.goto("/desk#/phones")
        shown = desk.page.get_by_role("region", name="Kept for you to look at")
        expect(shown.get_by_role("listitem").filter(has_text=code).first).to_be_visible()
        assert desk.complaints.left == []
    finally:
        desk.close()


def _sync_event(phone: ChromiumPhone) -> Callable[[], object]:
    """What the browser does for a page that asked to be woken, once it believes that there is signal."""
    beside = phone.context.new_page()
    session = phone.context.new_cdp_session(beside)
    found: list[dict[str, Any]] = []
    session.on("ServiceWorker.workerRegistrationUpdated", lambda told: found.extend(told["registrations"]))
    session.send("ServiceWorker.enable")

    def look() -> list[dict[str, Any]]:
        beside.wait_for_timeout(50)  # in which what the browser tells is read
        return [one for one in found if one["scopeURL"] == f"{phone.base_url}/"]

    mine = wait_for("the worker", look, 60)
    told = {"origin": phone.base_url, "registrationId": mine[-1]["registrationId"], "tag": "drain"}
    return lambda: session.send("ServiceWorker.dispatchSyncEvent", {**told, "lastChance": False})


# What an app with a fault in it would have saved: a report that does not say what kind it is.
SPOIL = """() => new Promise((resolve, reject) => {
  const opening = indexedDB.open('tipwatch');
  opening.onsuccess = async () => {
    const db = opening.result;
    const read = db.transaction('ops').objectStore('ops').getAll();
    await new Promise((done) => { read.onsuccess = done; });
    const [row] = read.result;
    const { kind, ...rest } = JSON.parse(row.payload);
    const payload = JSON.stringify(rest);
    const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(payload));
    const payload_sha256 = [...new Uint8Array(hash)].map((one) => one.toString(16).padStart(2, '0')).join('');
    const tx = db.transaction('ops', 'readwrite');
    tx.objectStore('ops').put({ ...row, payload, payload_sha256 });
    tx.oncomplete = () => { db.close(); resolve(); };
    tx.onabort = () => { db.close(); reject(tx.error); };
  };
})"""
