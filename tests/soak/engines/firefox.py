"""Firefox, driven by puppeteer-core over WebDriver BiDi; closed for good between the steps."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.services.node import environ, install

HERE = Path(__file__).parent
NAMES = ("firefox-esr", "firefox")
STEP_S = 240


class Firefox:
    """A phone with Firefox and a profile of its own."""

    def __init__(self, program: str, url: str, profile: Path) -> None:
        self._program = program
        self._url = url
        self._profile = profile

    def sign_in(self, email: str, password: str) -> None:
        """Sign in, and wait until the app is on the phone."""
        self._step("sign-in", email, password)

    def save(self, photo: Path) -> str:
        """Report a fly-tip with this photo; returns the receipt code."""
        return self._step("save", str(photo))

    def send(self) -> None:
        """Open the app and wait until what was saved is safe."""
        self._step("send")

    def _step(self, step: str, *arguments: str) -> str:
        command = ["node", str(HERE / "firefox.mjs"), step, self._url, str(self._profile), *arguments]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=STEP_S, check=False,
            env={**environ(), "FIREFOX": self._program},
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{step}: {done.stderr.strip()[-2000:]}")
        return done.stdout.strip()


@contextmanager
def opened(url: str, folder: Path) -> Iterator[Firefox]:
    """Firefox, not started yet. Raises RuntimeError when it is not there."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        raise RuntimeError("Firefox is not on the PATH. On Debian: apt-get install firefox-esr")
    install(HERE.parent)
    profile = folder / "firefox"
    profile.mkdir()
    yield Firefox(program, url, profile)
