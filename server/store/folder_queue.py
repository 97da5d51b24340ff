"""Celery messages as files in a folder, for installations without a broker: a transport of our own for kombu.

kombu's own file transport is not safe against being killed: a worker that reads a message while it is being
written ends with an error, and a process killed while writing the exchange's file leaves one with which no
worker can start. Here a message appears whole or not at all, whoever removes its file has it, and which queue
a message goes to is kept in no file.
"""

from __future__ import annotations

import json
import logging
import os
import time
import uuid
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, virtual

log = logging.getLogger(__name__)

SCHEME = "folder"
TRANSPORT_ALIASES[SCHEME] = "server.store.folder_queue:Transport"


class Channel(virtual.Channel):
    """Queues as folders inside the transport option `folder`, messages as files that sort by their time.

    Of each of the `priority_steps` above 0 a queue has a folder of its own. As on Redis, the lowest is taken first.
    """

    @cached_property
    def _options(self) -> dict[str, Any]:
        options: dict[str, Any] = self.connection.client.transport_options
        return options

    @cached_property
    def _listed(self) -> dict[Path, deque[str]]:
        return {}

    def _folder(self, queue: str, step: int) -> Path:
        return Path(self._options["folder"]) / (f"{queue}-{step}" if step else queue)

    def _folders(self, queue: str) -> list[Path]:
        return [self._folder(queue, step) for step in self._options["priority_steps"]]

    def _put(self, queue: str, message: dict[str, Any], **kwargs: Any) -> None:
        priority_of: Callable[[dict[str, Any]], int] = self._get_message_priority
        priority = priority_of(message)
        step = max(step for step in self._options["priority_steps"] if step <= priority)
        path = self._folder(queue, step) / f"{time.time_ns():020d}-{uuid.uuid4().hex}"
        partial = path.with_name(f".{path.name}")
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            partial.write_text(json.dumps(message))
            partial.rename(path)
        except OSError:
            partial.unlink(missing_ok=True)
            raise

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:
        for folder in self._folders(queue):
            message = self._next(folder)
            if message is not None:
                return message
        raise Empty

    def _next(self, folder: Path) -> dict[str, Any] | None:
        # Listed anew only when all that was listed is gone: thousands of messages are not sorted for each.
        listed = self._listed.setdefault(folder, deque())
        if not listed:
            listed.extend(_messages(folder))
        while listed:
            path = folder / listed.popleft()
            try:
                text = path.read_text()
                path.unlink()
                message: dict[str, Any] = json.loads(text)
            except FileNotFoundError:
                continue  # another worker was faster
            except ValueError:
                log.warning("a message was damaged, as after a power cut; the sweep sends its task again")
                continue
            return message
        return None

    def _size(self, queue: str) -> int:
        return sum(len(_messages(folder)) for folder in self._folders(queue))

    def _purge(self, queue: str) -> int:
        paths = [folder / name for folder in self._folders(queue) for name in _messages(folder)]
        for path in paths:
            path.unlink(missing_ok=True)
        return len(paths)


def _messages(folder: Path) -> list[str]:
    """The names of what lies in a folder, the oldest first."""
    with suppress(FileNotFoundError):
        return sorted(name for name in os.listdir(folder) if not name.startswith("."))
    return []


class Transport(virtual.Transport):
    """The transport of addresses that start with `folder://`."""

    Channel = Channel
    driver_type = "folder"
    driver_name = "folder"

    def drain_events(self, connection: Any, timeout: float | None = None, **kwargs: Any) -> None:
        """Wait no longer than one look at the folder: between two calls a worker sees that it was told to stop."""
        drain: Callable[..., None] = super().drain_events
        drain(connection, timeout=min(timeout or self.polling_interval, self.polling_interval))
