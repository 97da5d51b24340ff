"""Where things are measured: real stacks on each database, as they are in use, with a council in them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from server.migrate import upgrade
from tests.builders import Council, make_council
from tests.faults.phone import Phone
from tests.services.postgres_server import PostgresDatabases, running_postgres
from tests.services.redis_server import running_redis
from tests.services.stack import Stack, stack_on

KINDS = ("SQLite", "PostgreSQL")


@dataclass(frozen=True, slots=True)
class Ground:
    """A stack with a council in it; `kind` says on which database."""

    kind: str
    stack: Stack
    council: Council

    def phone(self, seed: int = 1) -> Phone:
        """A phone that is signed in; the web process must be running."""
        phone = Phone(self.stack.url, self.council, random.Random(seed))
        phone.sign_in()
        return phone


@contextmanager
def ground(kind: str, environ: Mapping[str, str] | None = None) -> Iterator[Ground]:
    """A stack on a fresh database that keeps what it was told, with the settings of real use; nothing started."""
    given = dict(environ or {})
    with TemporaryDirectory(prefix="tipwatch-bench-") as name:
        folder = Path(name)
        if kind == "SQLite":
            with stack_on(
                folder, f"sqlite:///{folder}/data/tipwatch.sqlite3", "filesystem://", given
            ) as stack:
                yield _settled(kind, stack, folder)
        else:
            with running_postgres(durable=True) as postgres, running_redis(folder) as redis:
                databases = PostgresDatabases(postgres.url)
                url = databases.url_of(databases.create())
                with stack_on(folder, url, redis.url, given) as stack:
                    yield _settled(kind, stack, folder)


def _settled(kind: str, stack: Stack, folder: Path) -> Ground:
    upgrade(stack.settings)
    with stack.app() as app:
        return Ground(kind, stack, make_council(app, folder))
