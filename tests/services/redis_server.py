"""A throw-away Redis."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from tests.services.guarded import GuardedServer, free_port
from tests.services.processes import wait_for


class RedisServer(GuardedServer):
    """`redis-server` on a free port, keeping nothing on disk."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("redis-server")
        if not program:
            raise RuntimeError("redis-server is not on the PATH. On Debian: apt-get install redis-server")
        self.port = free_port()
        where = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(folder)]
        super().__init__([program, *where, "--save", "", "--appendonly", "no"], folder / "redis.log")

    @property
    def url(self) -> str:
        """Database 0 of this server."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it and wait until it answers. Raises TimeoutError."""
        super().start()
        wait_for("an answer of redis-server", self.answers)

    def answers(self) -> bool:
        """Whether it answers now."""
        try:
            with redis.Redis(port=self.port, socket_timeout=1) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def clear(self) -> None:
        """Forget everything."""
        with redis.Redis(port=self.port) as client:
            client.flushall()


@contextmanager
def running_redis(folder: Path) -> Iterator[RedisServer]:
    """A Redis of one's own for the length of the block, to kill and start at will."""
    server = RedisServer(folder)
    try:
        server.start()
        yield server
    finally:
        server.kill()
