"""The real app on a phone of the shared Chromium, behind the proxy: signed in within a second, killed in less."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Browser, BrowserContext, Page, expect

from server.access.request import COOKIE
from tests.browser.phone import HARTSHILL, NO_NETWORK, PATIENCE_MS, Complaints, Hands, phone_options
from tests.services.processes import wait_for

# What a browser prints by itself over each answer that is not a success, and what comes of a test that wants no worker.
BAD_ANSWER = "Failed to load resource"
NO_WORKER = r"Service Worker registration blocked|of undefined \(reading 'waiting'\)"
SAFE = "Safe, phone copy can go"

# Every database connection the page opens, so that a test can close one under the app as iOS does; how many
# transactions are open, and in `window.hold` which of the next that write what waits never ends; and, while
# `window.full`, transactions that end as a full phone's do: with every request done, and no room to commit them.
# (DevTools can narrow a browser's storage, but this Chromium's database does not heed that.)
STORAGE_IN_HAND = """
window.connections = [];
const open = IDBFactory.prototype.open;
IDBFactory.prototype.open = function (...given) {
  const request = open.apply(this, given);
  request.addEventListener('success', () => window.connections.push(request.result));
  return request;
};
window.transactions = 0;
window.hold = Infinity;
window.held = false;
const begin = IDBDatabase.prototype.transaction;
IDBDatabase.prototype.transaction = function (stores, mode, ...given) {
  const tx = begin.call(this, stores, mode, ...given);
  const ended = () => { window.transactions -= 1; };
  window.transactions += 1;
  tx.addEventListener('complete', ended);
  tx.addEventListener('abort', ended);
  if (mode === 'readwrite' && [].concat(stores).includes('ops') && --window.hold === 0) {
    const goOn = () => { window.held = true; tx.objectStore('ops').count().onsuccess = goOn; };
    goOn();
  }
  return tx;
};
const put = IDBObjectStore.prototype.put;
const pending = new WeakMap();
IDBObjectStore.prototype.put = function (...given) {
  const request = put.apply(this, given);
  if (!window.full) return request;
  const tx = this.transaction;
  pending.set(tx, (pending.get(tx) ?? 0) + 1);
  request.addEventListener('success', () => {
    pending.set(tx, pending.get(tx) - 1);
    if (pending.get(tx) > 0) return;
    Object.defineProperty(tx, 'error', { value: new DOMException('no room', 'QuotaExceededError') });
    tx.abort();
  });
  return request;
};
"""


# The clock that Playwright offers is one for all tabs of a phone.
HURRY = """
const began = Date.now();
const now = Date.now;
Date.now = () => began + (now() - began) * FACTOR;
const wait = window.setTimeout;
window.setTimeout = (act, ms = 0, ...given) => wait(act, ms / FACTOR, ...given);
"""


STOP_BETWEEN_TRANSACTIONS = """path => {
  const stop = () => {
    if (window.transactions > 0) return void setTimeout(stop, 5);
    // Nothing else runs in this tab until the answer is there.
    const call = new XMLHttpRequest();
    call.open('GET', path, false);
    call.send();
  };
  setTimeout(stop);
}"""


class ChromiumPhone(Hands):
    """One phone: storage and cookies of its own, and as many tabs as are opened. `page` is its oldest open tab."""

    def __init__(
        self, browser: Browser, base_url: str, cookie: str | None, options: dict[str, Any] | None = None
    ) -> None:
        self._browser = browser
        self.base_url = base_url
        self.position: dict[str, float] | None = dict(HARTSHILL)
        self.saved: list[str] = []
        self._context = browser.new_context(**(phone_options(base_url) | (options or {})))
        self._context.set_default_timeout(PATIENCE_MS)
        self._context.add_init_script(STORAGE_IN_HAND)
        self.complaints = Complaints(self._context)
        for expected in (NO_NETWORK, BAD_ANSWER, NO_WORKER):
            self.complaints.forgive(expected)
        if cookie is not None:
            self.take_cookie(cookie)

    @property
    def context(self) -> BrowserContext:
        """The phone's own storage and cookies."""
        return self._context

    def take_cookie(self, cookie: str) -> None:
        """Be signed in with this session."""
        self._context.add_cookies([{"name": COOKIE, "value": cookie, "url": self.base_url, "httpOnly": True}])

    def open(self, path: str = "/crew", *, hurry: int = 1) -> Page:
        """Open the app in a new tab, in which time runs so many times as fast."""
        page = self._context.new_page()
        if hurry > 1:
            page.add_init_script(HURRY.replace("FACTOR", str(hurry)))
        page.goto(path)
        return page

    def ready(self) -> Page:
        """Open the app, and wait until it knows who is here and has its lists: from then on nothing need be near."""
        page = self.open()
        expect(page.get_by_text("As the council had it")).to_be_visible()
        # The map comes last of all that comes down.
        wait_for(
            "all that comes down",
            lambda: "map" in page.evaluate(IN_STORE, ["meta", "readonly", "getAllKeys"]),
            60,
        )
        return page

    def close(self) -> None:
        """Throw the phone away."""
        self._context.close()

    # ---- what happens to it -----------------------------------------------------------------------------------------

    def kill(self) -> None:
        """End the app as the system does when memory runs short: its processes are gone at once, with nothing run."""
        page = self.page
        with page.expect_event("crash"):
            for process in self._renderers():
                process.kill()
        page.close()

    def process_of(self, page: Page) -> psutil.Process:
        """The process a tab runs in, to be stopped and continued as a frozen tab is."""
        before = {process: process.cpu_times().user for process in self._renderers()}
        page.evaluate("for (const end = performance.now() + 300; performance.now() < end;);")
        return max(before, key=lambda process: process.cpu_times().user - before[process])

    def stop_between_transactions(self, page: Page, path: str) -> None:
        """Have a tab do nothing but wait for the answer to a GET of `path`, begun once its database is at rest."""
        page.evaluate(STOP_BETWEEN_TRANSACTIONS, path)

    def hold_transaction(self, page: Page, which: int) -> None:
        """Have one of the next transactions of a tab that write what waits never end: the first is 1."""
        page.evaluate("which => { window.hold = which; }", which)

    def _renderers(self) -> list[psutil.Process]:
        session = self._browser.new_browser_cdp_session()
        running = session.send("SystemInfo.getProcessInfo")["processInfo"]
        session.detach()
        return [psutil.Process(one["id"]) for one in running if one["type"] == "renderer"]

    def look_again(self, page: Page | None = None) -> None:
        """Come back into coverage: the phone tells its pages that there is a network."""
        (page or self.page).evaluate("dispatchEvent(new Event('online'))")

    def fill(self, full: bool = True) -> None:
        """Have no room left on the phone, or again enough."""
        self.page.evaluate("full => { window.full = full; }", full)

    def wipe(self) -> None:
        """Lose all that the app has stored, as phones do with what they take for a cache; cookies stay."""
        kinds = "indexeddb,local_storage,cache_storage,service_workers"
        # Whatever the page was reading just then ends so.
        self.complaints.forgive("Force close delete origin|AbortError")
        session = self._context.new_cdp_session(self.page)
        session.send("Storage.clearDataForOrigin", {"origin": self.base_url, "storageTypes": kinds})
        session.detach()

    def rows(self, store: str) -> list[dict[str, Any]]:
        """What the phone keeps in one of its stores."""
        found: list[dict[str, Any]] = self.page.evaluate(IN_STORE, [store, "readonly", "getAll"])
        return found

    # ---- what a crew member does and sees ---------------------------------------------------------------------------

    def report(self, photo: Path | None = None, kind: str = "Tyres") -> str:
        """Report something, and go home when "Saved on this phone" is there; the receipt code."""
        page = self.page
        if photo is None:
            self.fix()
            page.get_by_role("button", name="Report a fly-tip", exact=True).click()
        else:
            self.shoot("Report a fly-tip", photo)
            expect(page.get_by_role("img", name="Photo 1")).to_be_visible()
        code = self.save_report(kind, "Item")
        page.get_by_role("button", name="Done").click()
        return code

    def from_album(self, *photos: Path) -> None:
        """Add photos that are on the phone already to the report being made."""
        with self.page.expect_file_chooser() as chooser:
            self.page.get_by_role("button", name="From phone").click()
        chooser.value.set_files(photos)

    def waiting(self, count: int, page: Page | None = None) -> None:
        """Hold that the phone says how many things have not arrived."""
        expect((page or self.page).get_by_role("link", name=f"{count} waiting")).to_be_visible()

    def says(self, text: str, count: int | None = None) -> None:
        """Hold that the list of what was saved says this."""
        self.go("waiting")
        found = self.page.get_by_text(text)
        if count is None:
            expect(found.first).to_be_visible()
        else:
            expect(found).to_have_count(count)

    def wait_until_safe(self, count: int = 1) -> None:
        """Wait until so many things are called safe, coming into coverage now and then."""
        self.go("waiting")
        safe = self.page.get_by_text(SAFE)

        def look() -> bool:
            if safe.count() == count:
                return True
            self.look_again()
            self.page.wait_for_timeout(200)
            return False

        wait_for(f"{count} things safe", look, 60)


IN_STORE = """([store, mode, act, ...given]) => new Promise((resolve, reject) => {
  const opening = indexedDB.open('tipwatch');
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const db = opening.result;
    const tx = db.transaction(store, mode);
    const request = tx.objectStore(store)[act](...given);
    tx.oncomplete = () => { db.close(); resolve(request.result); };
    tx.onabort = () => { db.close(); reject(tx.error); };
  };
})"""
