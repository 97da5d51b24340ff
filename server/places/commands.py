"""`tipwatch import` and `tipwatch geocode`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
from sqlalchemy.orm import Session

from server.access.service import authority_named
from server.output import application, as_json_option, say
from server.places.imports import Imported, WrongFile, import_areas, import_names
from server.places.service import locate
from server.store.transaction import reading, transaction


@click.command("gazetteer")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--authority", "slug", help="The council's slug; may be left out when there is only one.")
@as_json_option
def gazetteer(file: Path, slug: str | None, as_json: bool) -> None:
    """Import names from a CSV: kind (road, locality, postcode), name, lat and lon or geometry (WKT), source."""
    _import(import_names, file, slug, "names", as_json)


@click.command("areas")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--authority", "slug", help="The council's slug; may be left out when there is only one.")
@as_json_option
def areas(file: Path, slug: str | None, as_json: bool) -> None:
    """Import polygons from a GeoJSON: kind (authority, ward, parish, beat, pspo), code, name."""
    _import(import_areas, file, slug, "areas", as_json)


def _import(
    read: Callable[[Session, Path], Imported], file: Path, slug: str | None, what: str, as_json: bool
) -> None:
    with application():
        with reading(None) as session:
            authority_id = authority_named(session, slug).id
        try:
            with transaction(authority_id) as session:
                done = read(session, file)
        except WrongFile as error:
            raise click.ClickException(str(error)) from error
    for problem in done.problems:
        click.echo(problem, err=True)
    words = f"{done.rows} {what} are in, {len(done.problems)} rows were left out."
    say({what: done.rows, "problems": done.problems}, words, as_json=as_json)


@click.command()
@click.argument("lat", type=float)
@click.argument("lon", type=float)
@click.option("--authority", "slug", help="The council's slug; may be left out when there is only one.")
@as_json_option
def geocode(lat: float, lon: float, slug: str | None, as_json: bool) -> None:
    """Say where a position (WGS84 degrees) is."""
    with application():
        with reading(None) as session:
            authority_id = authority_named(session, slug).id
        with reading(authority_id) as session:
            place = locate(session, lat, lon).as_json()
    words = f"{place['label']}  {place['grid_reference'] or 'outside Great Britain'}"
    say(place, words, as_json=as_json)
