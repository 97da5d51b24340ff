"""`tipwatch hotspots`."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import click

from server.access.service import authority_named
from server.cases.opening import LOCAL
from server.hotspots.areas import areas_asked
from server.hotspots.files.commands import evaluate, rank, surface_command
from server.hotspots.files.effect import effect_command
from server.hotspots.service import build, write
from server.hotspots.view import area_rows, as_csv, as_geojson, run_whole
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


for command in (rank, surface_command, evaluate, effect_command):
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
    "--as-of",
    "last_day",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The last day that counts. [default: today]",
)
@click.option("--ward", help="Only places in this ward, by its code or name.")
@click.option("--parish", help="Only places in this parish, by its code or name.")
@click.option("--beat", help="Only places in this police beat, by its code or name.")
@click.option(
    "--format", "written", type=click.Choice(("table", "csv", "geojson")), default="table", show_default=True,
    help="A table to read, CSV for a spreadsheet, or GeoJSON for a map.",
)  # fmt: skip
@as_json_option
def show(
    slug: str | None, kind: str, min_count: int, window_days: int | None, last_day: datetime | None,
    written: str, as_json: bool, **areas: str | None,
) -> None:  # fmt: skip
    """Show the list, best first; equal places share a rank, and a place has the same rank in every area's list.

    Columns of the table: rank, count, trend, label; of CSV also the figures behind the rank, and the ward, parish
    and beat that the place's centre lies in.
    """
    with application():
        with reading(None) as session:
            authority_id = authority_named(session, slug).id
        with reading(authority_id) as session:
            within = areas_asked(session, areas)
            question = Question(kind, min_count, window_days, _end_of(last_day), within)
            rows, run = hotspot_list(session, question, now())
    if written == "csv" and not as_json:
        click.echo(as_csv(rows, run), nl=False)
        return
    if written == "geojson" and not as_json:
        click.echo(json.dumps(as_geojson(rows)))
        return
    words = "\n".join(
        f"{row['rank']:>4}  {row['count']:>4}  {row['trend']:<8}  {row['label']}" for row in rows
    )
    facts = {"items": rows, "run": run, "within": area_rows(within)}
    say(facts, words or "No place is on the list.", as_json=as_json)


def _end_of(day: datetime | None) -> datetime | None:
    """The moment at which a local day ends; None for none."""
    return None if day is None else (day + timedelta(days=1)).replace(tzinfo=LOCAL).astimezone(UTC)
