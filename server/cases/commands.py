"""`tipwatch case`."""

from __future__ import annotations

import click
import sqlalchemy as sa

from server.access.service import authority_named
from server.cases.models import Case
from server.cases.view import case_whole
from server.output import application, as_json_option, say
from server.store.transaction import reading


@click.group()
def case() -> None:
    """Cases."""


@case.command("show")
@click.argument("reference")
@click.option("--authority", "slug", help="The council's slug; may be left out when there is only one.")
@as_json_option
def show(reference: str, slug: str | None, as_json: bool) -> None:
    """Show a case and its history by its REFERENCE."""
    with application():
        with reading(None) as session:
            authority_id = authority_named(session, slug).id
        with reading(authority_id) as session:
            found = session.scalars(sa.select(Case).where(Case.reference == reference.upper())).first()
            if found is None:
                raise click.ClickException(f"There is no case {reference}.")
            whole = case_whole(session, found)
    history = "\n".join(
        f"{event['at']}  {event['kind']}  {event['by']}  {event['hash'][:12]}" for event in whole["events"]
    )
    words = (
        f"{whole['reference']}  {whole['state']}  {whole['label']}  ({whole['reports']} reports)\n{history}"
    )
    say(whole, words, as_json=as_json)
