"""The outbox journey on engines other than Chromium: save without signal, close, open again, send."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from server.migrate import upgrade
from tests.browser.people import Person
from tests.browser.pictures import camera_photo
from tests.builders import PASSWORD, make_council
from tests.services.stack import stack_on
from tests.soak.engines import firefox, webkit


class Browser(Protocol):
    """A phone with some browser. Each step finds it closed and leaves it closed."""

    def sign_in(self, email: str, password: str) -> None:
        """Sign in, and wait until the app is on the phone."""

    def save(self, photo: Path) -> str:
        """With the server gone: report a fly-tip with this photo; returns the receipt code."""

    def send(self) -> None:
        """With the server back: open the app and wait until what was saved is safe."""


ENGINES: dict[str, Callable[[str, Path], AbstractContextManager[Browser]]] = {
    "Firefox": firefox.opened,
    "WebKit": webkit.opened,
}


def journeys() -> Iterator[tuple[str, str | None]]:
    """Each engine by name, with what went wrong, None when nothing did."""
    for name, opened in ENGINES.items():
        try:
            _journey(opened)
        except Exception as error:  # the other engines have their turn all the same
            yield name, f"{type(error).__name__}: {error}"
        else:
            yield name, None


def _journey(opened: Callable[[str, Path], AbstractContextManager[Browser]]) -> None:
    with TemporaryDirectory(prefix="tipwatch-engine-") as name:
        folder = Path(name)
        with stack_on(folder, f"sqlite:///{folder}/data/tipwatch.sqlite3", "filesystem://") as stack:
            upgrade(stack.settings)
            with stack.app() as app:
                council = make_council(app, folder)
                officer = Person(app, council, "officer", stack.url)
            stack.start()
            photo = camera_photo(folder)
            with opened(stack.url, folder) as browser:
                browser.sign_in(council.email("crew"), PASSWORD)
                stack.kill("web")
                code = browser.save(photo)
                stack.start("web")
                browser.send()
            report = officer.wait_for_report(code, photos=1)
            assert len(officer.reports()) == 1, "the report is there more than once"
            [kept] = report["photos"]
            original = officer.bytes_of(f"photos/{kept['id']}/original")
            assert hashlib.sha256(original).digest() == hashlib.sha256(photo.read_bytes()).digest()
