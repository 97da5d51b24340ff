"""`tipwatch demo`."""

from __future__ import annotations

import sys

import click
from flask import current_app

from server.demo.service import NotTheDemo, Progress, seed_demo
from server.output import application, as_json_option, say
from server.store.clock import now


@click.command()
@as_json_option
def demo(as_json: bool) -> None:
    """Make sure that the demo borough is there, with its people and nine months of cases."""
    with application():
        if not current_app.config["SETTINGS"].demo:
            raise click.ClickException("The demo is switched off here. Set TIPWATCH_DEMO=1 to have it.")
        try:
            outcome = seed_demo(now(), progress=_progress())
        except NotTheDemo as refusal:
            raise click.ClickException(str(refusal)) from refusal
    facts = {
        "authority_id": outcome.authority_id, "already_there": outcome.already_there,
        "cases": outcome.cases, "hotspots": outcome.hotspots,
    }  # fmt: skip
    words = (
        f"The demo borough is ready: {outcome.cases} cases written, {outcome.hotspots} places keep being hit."
    )
    say(facts, "The demo borough is here already." if outcome.already_there else words, as_json=as_json)


def _progress() -> Progress:
    """One line that counts up on a terminal, and a line for each quarter elsewhere; never on standard output."""
    on_terminal = sys.stderr.isatty()
    told = 0

    def tell(done: int, total: int) -> None:
        nonlocal told
        if on_terminal:
            click.echo(f"\rDemo borough: {done} of {total} cases", nl=done == total, err=True)
        elif done * 4 // total > told:
            told = done * 4 // total
            click.echo(f"Demo borough: {done} of {total} cases", err=True)

    return tell
