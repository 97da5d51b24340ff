"""`tipwatch hotspots`."""

from __future__ import annotations

import click

from server.access.service import authority_named
from server.hotspots.files.commands import evaluate, rank, surface_command
from server.hotspots.service import build, write
from server.hotspots.view import as_csv, run_whole
from server.hotspots.windows import Question, hotspot_list
from server.output import application, as_json_option, say
from server.store.clock import now
from server.store.transaction import reading, transaction

slug_option = click.option(
    "--authority", "slug", help="The council's slug; may be left out when there is only one."
)


@click.group()
def hotspots() -> None:
    """Places that keep being hit."""


for command in (rank, surface_command, evaluate):
    hotspots.add_command(command)


@hotspots.command("rebuild")
@slug_option
@as_json_option
def rebuild(slug: str | None, as_json: bool) -> None:
    """Build the list anew, now."""
    with application():
        with reading(None) as session:
            authority_id = authority_named(session, slug).id
        with reading(authority_id) as session:
            built = build(session, now())
        with transaction(authority_id) as session:
            run = run_whole(write(session, built, now()))
    say(run, f"The list was built from {run['cases']} cases.", as_json=as_json)


@hotspots.command("list")
@slug_option
@click.option("--kind", type=click.Choice(("fly_tip", "incident")), default="fly_tip", show_default=True)
@click.option(
    "--min", "min_count", type=click.IntRange(2), default=2, show_default=True, help="Fewest cases."
)
@click.option(
    "--window-days", type=click.IntRange(1, 3660), help="Cases of so many days. [default: the stored list's]"
)
@click.option(
    "--format", "written", type=click.Choice(("table", "csv")), default="table", show_default=True,
    help="A table to read, or CSV for a spreadsheet.",
)  # fmt: skip
@as_json_option
def show(
    slug: str | None, kind: str, min_count: int, window_days: int | None, written: str, as_json: bool
) -> None:
    """Show the list, best first; equal places share a rank."""
    with application():
        with reading(None) as session:
            authority_id = authority_named(session, slug).id
        with reading(authority_id) as session:
            rows, run = hotspot_list(session, Question(kind, min_count, window_days), now())
    if written == "csv" and not as_json:
        click.echo(as_csv(rows, run), nl=False)
        return
    words = "\n".join(
        f"{row['rank']:>4}  {row['count']:>4}  {row['trend']:<8}  {row['label']}" for row in rows
    )
    say({"items": rows, "run": run}, words or "No place is on the list.", as_json=as_json)
