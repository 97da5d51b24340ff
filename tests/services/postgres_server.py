"""A throw-away PostgreSQL cluster, or one given by TIPWATCH_TEST_POSTGRES_URL."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from tests.services.guarded import GuardedServer, free_port
from tests.services.processes import wait_for

# Nothing here outlives a test run, so nothing waits for a disk.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")


class PostgresDatabases:
    """Makes and drops databases in a cluster whose maintenance database is at `url` (postgresql://…)."""

    def __init__(self, url: str) -> None:
        self._url = url

    def create(self, template: str = "template0", name: str | None = None) -> str:
        """Make a database that is a copy of `template`, under a name of its own unless one is given; returns it."""
        name = name or f"tipwatch_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(self._url, autocommit=True) as connection:
            # Copying files is twice as fast where nobody waits for the disk; older servers know no other way.
            strategy = " STRATEGY FILE_COPY" if connection.info.server_version >= 150_000 else ""
            statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8'" + strategy)
            connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return name

    def drop(self, name: str) -> None:
        """Drop a database, whoever is still connected to it."""
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )

    def connected(self, name: str) -> psycopg.Connection[tuple[str, ...]]:
        """A connection to database `name` that commits each statement by itself."""
        return psycopg.connect(self._url, dbname=name, autocommit=True)

    def url_of(self, name: str) -> str:
        """The address of database `name`, as SQLAlchemy wants it."""
        parts = psycopg.conninfo.conninfo_to_dict(self._url)
        who = (
            f"{parts['user']}:{parts['password']}"
            if parts.get("password")
            else f"{parts.get('user', 'postgres')}"
        )
        return f"postgresql+psycopg://{who}@{parts.get('host', '127.0.0.1')}:{parts.get('port', 5432)}/{name}"


class PostgresServer(GuardedServer):
    """A cluster of its own in a new folder, on a free port, for user `tipwatch`; not durable unless asked."""

    def __init__(self, *, durable: bool = False) -> None:
        # pytest's folders are closed to other users, and PostgreSQL refuses to run as root.
        self.folder = Path(tempfile.mkdtemp(prefix="tipwatch-postgres-"))
        self._as_user = _unprivileged(self.folder)
        self.port = free_port()
        _initialise(self.folder, self._as_user)
        options = [
            f"port={self.port}",
            "listen_addresses=127.0.0.1",
            f"unix_socket_directories={self.folder}",
        ]
        settings = [part for option in (*options, *(() if durable else FAST)) for part in ("-c", option)]
        command = [*self._as_user, _program("postgres"), "-D", str(self.folder / "data"), *settings]
        super().__init__(command, self.folder / "postgres.log", stop_signal=signal.SIGINT)

    @property
    def url(self) -> str:
        """The maintenance database."""
        return f"postgresql://tipwatch@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start it and wait until it answers. Raises TimeoutError."""
        super().start()
        wait_for("an answer of PostgreSQL", self.answers, 30)

    def answers(self) -> bool:
        """Whether it answers now."""
        try:
            psycopg.connect(self.url, connect_timeout=1).close()
        except psycopg.OperationalError:
            return False
        return True

    def remove(self) -> None:
        """Kill it and remove its folder."""
        self.kill()
        shutil.rmtree(self.folder)


@contextmanager
def running_postgres(*, durable: bool = False) -> Iterator[PostgresServer]:
    """A cluster of one's own for the length of the block, to kill and start at will."""
    server = PostgresServer(durable=durable)
    try:
        server.start()
        yield server
    finally:
        server.remove()


def _program(name: str) -> str:
    """A program of PostgreSQL, which Debian keeps off the PATH. Raises RuntimeError saying what to install."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True
    )
    for folder in folders:
        if (folder / name).exists():
            return str(folder / name)
    if found := shutil.which(name):
        return found
    raise RuntimeError(f"PostgreSQL's {name} was not found. On Debian: apt-get install postgresql")


def _unprivileged(folder: Path) -> list[str]:
    """What to put before a command so that it does not run as root; gives `folder` to that user."""
    if os.getuid() != 0:
        return []
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = names.get("postgres") or names["nobody"]
    os.chown(folder, user.pw_uid, user.pw_gid)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


def _initialise(folder: Path, as_user: list[str]) -> None:
    options = ["--username=tipwatch", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
    command = [*as_user, _program("initdb"), "-D", str(folder / "data"), *options]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)
    if done.returncode:
        raise RuntimeError(f"initdb failed: {done.stderr}")
