"""`tipwatch import` and `tipwatch geocode`."""

from __future__ import annotations

import dataclasses
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import current_app
from sqlalchemy.orm import Session

from server.access.service import authority_named
from server.output import application, as_json_option, say
from server.places.imports import import_areas, import_boundary_line, import_names
from server.places.search import Match, search
from server.places.service import locate
from server.places.vintages import Brought, bring_in, gazetteer_changed
from server.store.clock import now
from server.store.transaction import reading, transaction
from workers.geocoding.place import Place
from workers.geocoding.sources.areas import AREA_KINDS
from workers.geocoding.sources.files import Account, WrongFile
from workers.geocoding.sources.registry import SHARED_SOURCES, SharedSource

PATH = click.argument("path", type=click.Path(exists=True, path_type=Path))
AUTHORITY = click.option(
    "--authority", "slug", help="The council's slug; may be left out when there is only one."
)
GEOCODE_LIMIT = 10
FIGURES = ("grid_reference", "plus_code", "lat_lon")
LINE_EVERY_S = 10.0
BAR = 30


@click.command("gazetteer")
@PATH
@AUTHORITY
@as_json_option
def gazetteer(path: Path, slug: str | None, as_json: bool) -> None:
    """Import the council's own names from a CSV.

    Columns: kind (road, locality, postcode, landmark), name, lat and lon or geometry (WKT), source.
    """
    _import_own(import_names, path, slug, "names", as_json)


@click.command("areas")
@PATH
@AUTHORITY
@click.option("--kind", type=click.Choice(AREA_KINDS), help="What all areas of the file are.")
@click.option("--code", "code_column", help="The column that holds the code, where it is called otherwise.")
@click.option("--name", "name_column", help="The column that holds the name, where it is called otherwise.")
@as_json_option
def areas(
    path: Path, slug: str | None, kind: str | None, code_column: str | None, name_column: str | None, as_json: bool
) -> None:  # fmt: skip
    """Import polygons from GeoJSON or GeoPackage: wards, parishes, police beats, protection orders, the outline.
    The first outline is the council's own; later ones, with other codes, are its neighbours'.

    Columns: kind (authority, ward, parish, beat, pspo), code, name; those of the Office for National Statistics
    (WD24CD, WD24NM and the like) are known.
    """

    def read(session: Session, path: Path, account: Account) -> Account:
        return import_areas(session, path, account, kind=kind, code=code_column, name=name_column)

    _import_own(read, path, slug, "areas", as_json)


@click.command("boundary-line")
@PATH
@AUTHORITY
@click.option("--code", help="The council's GSS code, such as E07000218; not needed once its outline is in.")
@as_json_option
def boundary_line(path: Path, slug: str | None, code: str | None, as_json: bool) -> None:
    """Import the council's outline, wards, parishes and neighbours from the GeoPackage of Boundary-Line."""

    def read(session: Session, path: Path, account: Account) -> Account:
        return import_boundary_line(session, path, code, account)

    _import_own(read, path, slug, "areas", as_json)


def _shared_command(shared: SharedSource) -> click.Command:
    @click.command(shared.word, help=f"Import {shared.title}, for all councils: {shared.expected}.")
    @PATH
    @click.option("--vintage", help="What to call this edition; the day of its newest file when left out.")
    @as_json_option
    def command(path: Path, vintage: str | None, as_json: bool) -> None:
        _import_shared(shared, path, vintage, as_json)

    return command


open_names = _shared_command(SHARED_SOURCES["open-names"])
open_roads = _shared_command(SHARED_SOURCES["open-roads"])
code_point = _shared_command(SHARED_SOURCES["code-point"])
postcode_directory = _shared_command(SHARED_SOURCES["postcode-directory"])
open_uprn = _shared_command(SHARED_SOURCES["open-uprn"])
open_usrn = _shared_command(SHARED_SOURCES["open-usrn"])
naptan = _shared_command(SHARED_SOURCES["naptan"])


def _import_shared(shared: SharedSource, path: Path, vintage: str | None, as_json: bool) -> None:
    with application(), _telling(quiet=as_json) as told:
        data_dir = current_app.config["SETTINGS"].data_dir
        try:
            done = bring_in(data_dir, shared.word, path, vintage=vintage, at=now(), told=told)
        except WrongFile as error:
            raise click.ClickException(str(error)) from error
    _say_problems(done.problems, done.left_out)
    facts = {"source": done.source, "vintage": done.vintage, "rows": done.rows, "left_out": done.left_out,
             "problems": done.problems, "already": done.already}  # fmt: skip
    say(facts, _brought_words(shared, done), as_json=as_json)


def _brought_words(shared: SharedSource, done: Brought) -> str:
    if done.already:
        return f"{shared.title} {done.vintage} is in already."
    return f"{shared.title} {done.vintage}: {done.rows} rows are in, {done.left_out} were left out."


def _import_own(
    read: Callable[[Session, Path, Account], Account], path: Path, slug: str | None, what: str, as_json: bool
) -> None:
    with application(), _telling(quiet=as_json) as told:
        with reading(None) as session:
            authority_id = authority_named(session, slug).id
        account = Account(told)
        try:
            with transaction(authority_id) as session:
                read(session, path, account)
                gazetteer_changed(session, now())
        except WrongFile as error:
            raise click.ClickException(str(error)) from error
    _say_problems(account.problems, account.left_out)
    words = f"{account.rows} {what} are in, {account.left_out} rows were left out."
    say(
        {what: account.rows, "left_out": account.left_out, "problems": account.problems},
        words,
        as_json=as_json,
    )


def _say_problems(problems: list[str], left_out: int) -> None:
    for problem in problems:
        click.echo(problem, err=True)
    if left_out > len(problems):
        click.echo(f"and {left_out - len(problems)} rows more", err=True)


@contextmanager
def _telling(*, quiet: bool) -> Iterator[Callable[[str, float], None]]:
    """Says how far an import is: a bar on a terminal, gone at its end, else a line now and then; nothing if `quiet`."""
    on_terminal, said_at = sys.stderr.isatty(), time.monotonic()

    def tell(name: str, share: float) -> None:
        nonlocal said_at
        if quiet:
            return
        if on_terminal:
            filled = round(min(1.0, share) * BAR)
            click.echo(f"\r[{'#' * filled}{'.' * (BAR - filled)}] {name}\x1b[K", err=True, nl=False)
        elif time.monotonic() - said_at >= LINE_EVERY_S:
            said_at = time.monotonic()
            click.echo(f"{name}: {share:.0%} read", err=True)

    try:
        yield tell
    finally:
        if on_terminal and not quiet:
            # What is said next begins a line of its own.
            click.echo("\r\x1b[K", err=True, nl=False)


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("where", nargs=-1, required=True)
@AUTHORITY
@as_json_option
def geocode(where: tuple[str, ...], slug: str | None, as_json: bool) -> None:
    """Say where a position is, or find a place.

    WHERE: latitude and longitude, a grid reference, a plus code, a postcode or a name.
    """
    with application():
        with reading(None) as session:
            authority_id = authority_named(session, slug).id
        with reading(authority_id) as session:
            try:
                matches = search(session, " ".join(where), GEOCODE_LIMIT)
            except ValueError as error:
                raise click.ClickException(str(error)) from error
            best = matches[0] if matches else None
            if best is not None and best.kind in FIGURES and best.lat is not None and best.lon is not None:
                place = locate(session, best.lat, best.lon)
                say(place.as_json(), _in_words(place), as_json=as_json)
                return
    items = [dataclasses.asdict(match) for match in matches]
    words = "\n".join(map(_in_words, matches)) or "Nothing of that name is known."
    say({"items": items}, words, as_json=as_json)


def _in_words(found: Place | Match) -> str:
    """A line for a place, and one more for what a person should know of it, where the first does not say it."""
    line = f"{found.label}  {found.grid_reference or ''}".rstrip()
    return line if found.note in (None, found.label) else f"{line}\n{found.note}"
