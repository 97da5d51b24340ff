"""What commands print: words for people, or one JSON document with `--json`; and the application they run in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from server.errors import Problem

Command = TypeVar("Command", bound=Callable[..., Any])

as_json_option: Callable[[Command], Command] = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON."
)


@contextmanager
def application() -> Iterator[None]:
    """The application, without HTTP; its connections end with it. A Problem ends the command with its words."""
    from server.app import create_app
    from server.store.database import db

    with create_app().app_context():
        try:
            yield
        except Problem as problem:
            raise click.ClickException(problem.detail) from problem
        finally:
            db.session.remove()
            db.engine.dispose()


def say(facts: dict[str, Any], words: str, *, as_json: bool) -> None:
    """Print the result of a command."""
    click.echo(json.dumps(facts, default=str) if as_json else words)
