"""A real gunicorn with a council behind it, and the server that the black-box suite is pointed at."""

from __future__ import annotations

import os
import shutil
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from server.access.request import COOKIE
from server.app import create_app
from server.photos.service import file_store
from server.store.database import db
from tests.contract.tus.target import Target
from tests.contract.tus.wire import Wire
from tests.server.photos.council import UPLOADS, Council, found_council, in_base64
from tests.services.guarded import GuardedServer, free_port
from tests.services.processes import wait_for
from tests.services.settings import settings_for


@dataclass(frozen=True, slots=True)
class Served:
    """The server under test, and a look behind it."""

    wire: Wire
    server: GuardedServer
    council: Council

    def original(self, photo_id: uuid.UUID) -> bytes:
        """The stored bytes of a photo."""
        with self.council.app.app_context():
            return (
                file_store()
                .original(self.council.authority_id, self.council.photo(photo_id)["sha256"])
                .read_bytes()
            )

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.server.start()
        wait_for("gunicorn", self._answers, 60)

    def _answers(self) -> bool:
        try:
            return self.wire.ask("OPTIONS", UPLOADS).status == 204
        except OSError:
            return False


@pytest.fixture(scope="module")
def served(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """gunicorn as `tipwatch serve` runs it."""
    folder = tmp_path_factory.mktemp("tus")
    url = f"sqlite:///{shutil.copyfile(migrated_sqlite, folder / 'tipwatch.sqlite3')}"
    app = create_app(settings_for(url, folder))
    council = found_council(app, "northwold")
    port = free_port()
    command = [
        "env", f"TIPWATCH_DATABASE_URL={url}", f"TIPWATCH_DATA_DIR={folder}", f"PYTHONPATH={os.getcwd()}",
        sys.executable, "-m", "gunicorn", "tests.contract.tus.served:app", "--bind", f"127.0.0.1:{port}",
        "--worker-class", "gthread", "--workers", "2", "--threads", "8", "--log-level", "warning",
    ]  # fmt: skip
    headers = {"Cookie": f"{COOKIE}={council.cookies['crew']}", "Sec-Fetch-Site": "same-origin"}
    served = Served(Wire(port, headers), GuardedServer(command, folder / "gunicorn.log"), council)
    served.start()
    yield served
    served.server.kill()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="module")
def target(request: pytest.FixtureRequest) -> Target:
    """The server whose tus is held against the specification: that of TIPWATCH_TUS_URL, else ours.

    TIPWATCH_TUS_HEADERS: what it wants besides, one `Name: value` a line.
    """
    if url := os.environ.get("TIPWATCH_TUS_URL"):
        lines = os.environ.get("TIPWATCH_TUS_HEADERS", "").splitlines()
        named = (line.partition(":") for line in lines)
        return Target(url, {name.strip(): value.strip() for name, _, value in named}, _any_metadata)
    served: Served = request.getfixturevalue("served")
    return Target(f"http://127.0.0.1:{served.wire.port}{UPLOADS}", served.wire.headers, _announced_to(served))


def _any_metadata(_content: bytes) -> str:
    return f"filename {in_base64(uuid.uuid4())}"


def _announced_to(served: Served) -> Callable[[bytes], str]:
    """Our server takes only photos that a report has named."""
    return lambda content: f"photo_id {in_base64(served.council.expect(content))}"
