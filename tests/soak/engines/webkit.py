"""WebKit, the engine of every iPhone: WebKitGTK's MiniBrowser, driven by Selenium.

Under automation it keeps its storage for one session only, so between the steps its window is closed and a new one
opened, which ends the app and its outbox as closing the browser does.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from selenium.common.exceptions import NoSuchWindowException, WebDriverException
from selenium.webdriver import WebKitGTK
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

from tests.services.guarded import GuardedServer
from tests.services.processes import wait_for

PATIENCE_S = 90
DISPLAY = ":87"
# What would open the system's file dialog stays in the page instead, for the driver to fill.
NO_DIALOG = """
const open = HTMLInputElement.prototype.click;
HTMLInputElement.prototype.click = function () {
  if (this.type === 'file') document.body.append(this); else open.call(this);
};
"""


class WebKit:
    """A phone with WebKit."""

    def __init__(self, driver: WebKitGTK, url: str) -> None:
        self._driver = driver
        self._url = url

    def sign_in(self, email: str, password: str) -> None:
        """Sign in, and wait until the app is on the phone."""
        self._open("/crew")
        self._wait_for("//label[contains(., 'Email')]")
        self._field("email").send_keys(email)
        self._field("password").send_keys(password)
        self._tap("Sign in")
        self._wait_for("//*[contains(text(), 'As the council had it')]")
        self._driver.execute_async_script("navigator.serviceWorker.ready.then(() => arguments[0](true))")

    def save(self, photo: Path) -> str:
        """Report a fly-tip with this photo; returns the receipt code."""
        self._open("/crew")
        self._wait_for("//button[contains(., 'Report a fly-tip')]")
        self._driver.execute_script(NO_DIALOG)
        self._tap("Report a fly-tip")
        self._wait_for("//input[@type='file']").send_keys(str(photo))
        self._wait_for("//img[@alt='Photo 1']")
        for choice in ("Tyres", "Item"):
            self._wait_for(f"//label[contains(., '{choice}')]").click()
        self._tap("Save report")
        self._wait_for("//h1[contains(., 'Saved on this phone')]")
        return str(self._driver.find_element(By.CSS_SELECTOR, ".code").text).strip()

    def send(self) -> None:
        """Open the app and wait until what was saved is safe."""
        self._open("/crew#/waiting")
        self._wait_for("//*[contains(., 'Safe, phone copy can go')]")

    def _open(self, path: str) -> None:
        """In a new window, the old one closed: the app starts cold."""
        driver, old = self._driver, self._driver.current_window_handle
        driver.switch_to.new_window("window")
        fresh = driver.current_window_handle
        driver.switch_to.window(old)
        with suppress(NoSuchWindowException):
            driver.close()
        driver.switch_to.window(fresh)
        driver.get(self._url + path)

    def _field(self, name: str) -> WebElement:
        return self._driver.find_element(By.CSS_SELECTOR, f"input[type={name}]")

    def _tap(self, words: str) -> None:
        self._wait_for(f"//button[contains(., '{words}')]").click()

    def _wait_for(self, path: str) -> WebElement:
        waiting = WebDriverWait(self._driver, PATIENCE_S, ignored_exceptions=[WebDriverException])
        return waiting.until(lambda driver: driver.find_element(By.XPATH, path))


@contextmanager
def opened(url: str, folder: Path) -> Iterator[WebKit]:
    """WebKit with an empty storage, on a screen of its own. Raises RuntimeError when something is not there."""
    browser = next(iter(sorted(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))), None)
    driver = shutil.which("WebKitWebDriver")
    if browser is None or driver is None or shutil.which("Xvfb") is None:
        raise RuntimeError("WebKit is not there. On Debian: apt-get install webkit2gtk-driver xvfb")
    screen = GuardedServer(
        ["Xvfb", DISPLAY, "-screen", "0", "800x1000x24", "-nolisten", "tcp"], folder / "xvfb.log"
    )
    screen.start()
    try:
        wait_for("the screen", Path(f"/tmp/.X11-unix/X{DISPLAY[1:]}").exists)
        options = Options()
        options.binary_location = str(browser)
        options.add_argument("--automation")
        service = Service(
            driver, env={**os.environ, "DISPLAY": DISPLAY, "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1"}
        )
        window = WebKitGTK(options=options, service=service)
        try:
            window.set_script_timeout(PATIENCE_S)
            yield WebKit(window, url)
        finally:
            window.quit()
    finally:
        screen.kill()
