"""One engine for each address over a whole run: the statements that it has compiled for one test serve the next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event

Make = Callable[[str | None, dict[str, Any], Flask], Engine]


class KeptEngines:
    """Stands where Flask-SQLAlchemy makes engines."""

    def __init__(self, make: Make) -> None:
        self._make = make
        self._kept: dict[str, Engine] = {}
        self._opened: list[Any] = []

    def engine(self, bind_key: str | None, options: dict[str, Any], app: Flask) -> Engine:
        """The engine for the address in `options`, made for whoever asks first."""
        url = str(options["url"])
        if url not in self._kept:
            self._kept[url] = self._make(bind_key, options, app)
            event.listen(self._kept[url], "connect", lambda connection, _: self._opened.append(connection))
        return self._kept[url]

    def close(self) -> None:
        """Close every connection, also those that nobody has given back: what they led to is about to be replaced."""
        for engine in self._kept.values():
            engine.dispose()
        while self._opened:
            self._opened.pop().close()
