"""`tipwatch hotspots rank|surface|evaluate`: on any file of dated points, without a database."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar

import click
import numpy as np
import shapely
from numpy.typing import NDArray

from server.errors import Problem
from server.hotspots.files.evaluate import Trial, back_test
from server.hotspots.files.read import COLUMNS, PointsFile, read_boundary, read_points
from server.hotspots.files.view import (
    CELL_COLUMNS,
    WRITERS,
    as_csv,
    as_geojson,
    as_table,
    cell_rows,
    place_rows,
)
from workers.clustering.background import Background, chances, largest_by_chance, said, upper_share
from workers.clustering.incidents import first_reports
from workers.clustering.places import (
    DECAY_FROM_PER_YEAR,
    HALF_LIFE_DAYS,
    auto_half_life,
    find_places,
)
from workers.clustering.points import Points, positions
from workers.clustering.raster import Raster
from workers.clustering.surface import FIXED, Mixture, surface

Command = TypeVar("Command", bound=Callable[..., Any])

# More than so many points in the window, and what chance gives is only drawn when asked for.
DRAW_UP_TO = 10_000

input_option: Callable[[Command], Command] = click.option(
    "--input", "path", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV file of dated points; the columns are named above.",
)  # fmt: skip
as_of_option: Callable[[Command], Command] = click.option(
    "--as-of",
    "as_of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The last day that counts. [default: of the file]",
)
json_option: Callable[[Command], Command] = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document."
)
collapse_option: Callable[[Command], Command] = click.option(
    "--collapse", is_flag=True, help="Score incidents: leave out repeats within 30 m and 7 days first."
)


class HalfLife(click.ParamType[Any]):
    """`auto`, `none` or a number of days."""

    name = "auto|DAYS|none"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float | str | None:
        """A number of days, None for no decay, or "auto"."""
        if value in ("auto", None) or isinstance(value, float):
            return value  # type: ignore[no-any-return]
        if value == "none":
            return None
        try:
            days = float(value)
        except ValueError:
            days = 0.0
        if days <= 0:
            self.fail(f"{value!r} is neither auto, none nor a number of days above 0.", param, ctx)
        return days


@contextmanager
def plain_problems() -> Iterator[None]:
    """A Problem ends the command with its words."""
    try:
        yield
    except Problem as problem:
        raise click.ClickException(problem.detail) from problem


def report_bad_rows(file: PointsFile) -> None:
    """Say on stderr which rows were left out and why."""
    for line, reason in file.bad_rows[:20]:
        click.echo(f"Line {line} left out: {reason}.", err=True)
    if len(file.bad_rows) > 20:
        click.echo(f"{len(file.bad_rows) - 20} more rows were left out.", err=True)


def bad_rows(file: PointsFile) -> list[dict[str, Any]]:
    """The rows left out, for JSON."""
    return [{"line": line, "reason": reason} for line, reason in file.bad_rows]


def last_day(points: Points, as_of: Any) -> date:
    """The day asked for, else the last of the points."""
    day: date = as_of.date() if as_of else points.day.max().item()
    return day


def within(file: PointsFile, last: date, days: int | None = None) -> PointsFile:
    """The file's points of the `days` up to `last`, or of all days up to it. Problem when there is none."""
    points = file.points
    chosen = points.day <= np.datetime64(last)
    if days is not None:
        chosen &= points.day > np.datetime64(last - timedelta(days=days))
    if not chosen.any():
        raise Problem("invalid_request", f"The file has no point in the time up to {last}.")
    return _only(file, chosen)


def to_score(file: PointsFile, collapse: bool) -> PointsFile:
    """The file's points, or the first of each incident: of all days, so that none seems to begin with a window."""
    return _only(file, first_reports(file.points)) if collapse else file


def scored(collapse: bool) -> str:
    """What `to_score` gives, in a word."""
    return "incidents" if collapse else "points"


def _only(file: PointsFile, chosen: NDArray[np.bool_]) -> PointsFile:
    labels = tuple(label for label, kept in zip(file.labels, chosen, strict=True) if kept)
    return PointsFile(file.points.take(chosen), labels, file.frame, file.bad_rows)


@click.command("rank", epilog=COLUMNS)
@input_option
@as_of_option
@click.option(
    "--window-days", type=click.IntRange(1), default=365, show_default=True, help="Days up to the last."
)
@click.option("--radius", "radius_m", type=click.FloatRange(0, min_open=True), default=100.0, show_default=True,
              help="Metres from a place's centre to its members, at most.")  # fmt: skip
@click.option(
    "--min", "min_count", type=click.IntRange(1), default=3, show_default=True, help="Fewest points."
)
@click.option("--half-life", type=HalfLife(), default="auto", show_default=True, help="Days in which a point's "
              f"weight halves; auto: {HALF_LIFE_DAYS:.0f} from {DECAY_FROM_PER_YEAR:,} points a year on, else "
              "none.")  # fmt: skip
@click.option("--top", type=click.IntRange(1), help="Only so many places. [default: all]")
@click.option("--background", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="CSV of addresses "
              "or postcodes (lat, lon or easting, northing): where people are, for `expected`.")  # fmt: skip
@click.option("--draws", type=click.IntRange(0), help=f"Draws for the largest place by chance. [default: 199 up to "
              f"{DRAW_UP_TO:,} points, else 0]")  # fmt: skip
@click.option("--seed", type=int, default=1, show_default=True, help="Of the draws.")
@click.option(
    "--format", "written", type=click.Choice(("json", *WRITERS)), default="table", show_default=True
)
@collapse_option
@json_option
def rank(
    path: Path, as_of: Any, window_days: int, radius_m: float, min_count: int, half_life: float | str | None,
    top: int | None, background: Path | None, draws: int | None, seed: int, written: str, collapse: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Places that keep being hit, best first.

    Ranked by score: each point's severity, halved for every half-life of its age. Equal count and score share a rank.
    `expected` is the count that the place's surroundings explain, `p` the Poisson tail of its count at that
    one spot, `q` (Benjamini–Hochberg, of one point less, over all points that a place was sought around) the share of
    such places that chance would give: above 0.1 the place is usual for its area.
    """
    with plain_problems():
        file = read_points(path)
        report_bad_rows(file)
        last = last_day(file.points, as_of)
        chosen = within(to_score(file, collapse), last, window_days)
        homes = _addresses(background, file) if background else None
    points = chosen.points
    days = auto_half_life(len(points) * 365 / window_days) if half_life == "auto" else half_life
    assert not isinstance(days, str)
    places = find_places(points, radius_m=radius_m, min_count=min_count, half_life_days=days, as_of=last)
    rows = place_rows(chosen, places, chances(points, places, radius_m=radius_m, addresses=homes))[:top]
    if not as_json and written != "json":
        what = f"{len(points)} {scored(collapse)} scored"
        click.echo(
            f"Places ({what}), best first:" if written == "table" else f"{what}.", err=written != "table"
        )
        click.echo(WRITERS[written](rows))
        return
    origin = positions(points)
    around = Background(origin[0], None if homes is None else homes - origin[1])
    times = draws if draws is not None else (199 if len(points) <= DRAW_UP_TO else 0)
    run = {
        "as_of": last.isoformat(), "window_days": window_days, "radius_m": radius_m, "min": min_count,
        "half_life_days": days, "points": len(points), "scored": scored(collapse), "places": len(places),
        "grid": chosen.frame.name,
        "background": said(homes is not None), "by_chance": _by_chance(around, radius_m, seed, times),
    }  # fmt: skip
    click.echo(json.dumps({"items": rows, "run": run, "bad_rows": bad_rows(chosen)}))


def _by_chance(background: Background, radius_m: float, seed: int, draws: int) -> dict[str, Any] | None:
    if draws == 0:
        return None
    largest = largest_by_chance(background, radius_m, seed=seed, draws=draws)
    return {
        "draws": draws,
        "seed": seed,
        "median": upper_share(largest, 0.5),
        "p95": upper_share(largest, 0.95),
    }


def _addresses(path: Path, file: PointsFile) -> np.ndarray[Any, Any]:
    """(n, 2) metres of the addresses, which must be on the points' grid."""
    homes = read_points(path, dated=False)
    if homes.frame != file.frame:
        raise Problem(
            "invalid_request",
            f"{path.name} is on the {homes.frame.name}, the points on the {file.frame.name}.",
        )
    return np.column_stack([homes.points.easting, homes.points.northing])


def boundary_option(required: bool) -> Callable[[Command], Command]:
    """The area that cells are in."""
    otherwise = "" if required else " [default: the convex hull of the points]"
    return click.option(
        "--boundary", required=required, type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help=f"GeoJSON of the area (polygons in WGS84 degrees, or in metres of the points' grid).{otherwise}",
    )  # fmt: skip


cell_option: Callable[[Command], Command] = click.option(
    "--cell",
    "cell_m",
    type=click.FloatRange(1),
    default=50.0,
    show_default=True,
    help="Side of a cell in metres.",
)


def raster_over(file: PointsFile, boundary: Path | None, cell_m: float) -> Raster:
    """The cells of the area, or of the convex hull of the points. Problem when there are none or too many."""
    if boundary is not None:
        area = read_boundary(boundary, file.frame)
    else:
        spots = shapely.multipoints(np.column_stack([file.points.easting, file.points.northing]))
        area = shapely.convex_hull(spots).buffer(2 * cell_m)
    try:
        return Raster.over(area, cell_m)
    except ValueError as error:
        raise Problem("invalid_request", str(error)) from error


@click.command("surface", epilog=COLUMNS)
@input_option
@boundary_option(required=True)
@cell_option
@as_of_option
@click.option("--mixture", type=click.Choice(("auto", "fixed")), default="auto", show_default=True, help="auto: "
              "kernels weighted by what foretold the last months best, if that holds; fixed: three.")  # fmt: skip
@click.option("--top", type=click.IntRange(1), help="Only so many cells. [default: all]")
@click.option(
    "--format", "written", type=click.Choice(("json", "csv", "geojson")), default="csv", show_default=True
)
@collapse_option
@json_option
def surface_command(
    path: Path,
    boundary: Path,
    cell_m: float,
    as_of: Any,
    mixture: str,
    top: int | None,
    written: str,
    collapse: bool,
    as_json: bool,
) -> None:
    """Every cell inside the boundary, best first.

    Columns: x, y (metres of the middle), lat, lon, score: the points to expect in the cell in the next 30 days.
    """
    with plain_problems():
        file = read_points(path)
        report_bad_rows(file)
        last = last_day(file.points, as_of)
        raster = raster_over(file, boundary, cell_m)
        known = within(to_score(file, collapse), last).points
        try:
            found = surface(raster, known, last, Mixture(FIXED, fitted=False) if mixture == "fixed" else None)
        except ValueError as error:
            raise Problem("invalid_request", str(error)) from error
    rows = cell_rows(raster, found.score, file.frame, top)
    if written != "json" and not as_json:
        click.echo(f"{len(known)} {scored(collapse)} scored.", err=True)
    if written == "csv" and not as_json:
        click.echo(as_csv(rows, CELL_COLUMNS), nl=False)
    elif written == "geojson" and not as_json:
        click.echo(as_geojson(rows))
    else:
        weights = [
            {
                "bandwidth_m": component.bandwidth_m,
                "half_life_days": component.half_life_days,
                "weight": weight,
            }
            for component, weight in sorted(found.mixture.weights.items(), key=lambda pair: -pair[1])
        ]
        run = {
            "as_of": last.isoformat(), "cell_m": cell_m, "points": len(known),
            "scored": scored(collapse), "cells": raster.size, "area_m2": raster.area_m2,
            "grid": file.frame.name, "fitted": found.mixture.fitted, "mixture": weights,
        }  # fmt: skip
        click.echo(json.dumps({"items": rows, "run": run, "bad_rows": bad_rows(file)}))


@click.command("evaluate", epilog=COLUMNS)
@input_option
@boundary_option(required=False)
@cell_option
@as_of_option
@click.option(
    "--train-months", type=click.IntRange(1), default=5, show_default=True, help="Fewest months known."
)
@click.option(
    "--folds", "most", type=click.IntRange(1), default=7, show_default=True, help="Latest months foretold."
)
@collapse_option
@click.option("--thin", type=click.FloatRange(0, 1, min_open=True), default=1.0, show_default=True, help="Keep a "
              "random share of the points, as a smaller council would have.")  # fmt: skip
@click.option("--draws", type=click.IntRange(1), help="Thinned samples. [default: 8 when thinned, else 1]")
@click.option(
    "--seed", type=int, default=1, show_default=True, help="Of the samples and of the order of equal cells."
)
@json_option
def evaluate(
    path: Path, boundary: Path | None, cell_m: float, as_of: Any, train_months: int, most: int, collapse: bool,
    thin: float, draws: int | None, seed: int, as_json: bool,
) -> None:  # fmt: skip
    """Back-test our surface and list, and what they have to beat, on the months of the file.

    Each month is foretold from what was known on its eve. Surfaces: hit rate and PAI at 1 % and 5 % of the area. Lists
    of 20 places against the three months after: hits within 100 m, PAI, precision (places hit again), overlap with the
    month before.
    """
    with plain_problems():
        file = read_points(path)
        report_bad_rows(file)
        file = within(file, last_day(file.points, as_of))
        raster = raster_over(file, boundary, cell_m)
        points = to_score(file, collapse).points
        tried = Trial(train_months, most, thin, draws or (8 if thin < 1 else 1), seed)
        surfaces, lists = back_test(raster, points, tried)
    about = {
        "points": len(points), "scored": scored(collapse), "thinned_to": thin,
        "draws": tried.draws, "seed": seed, "cell_m": cell_m, "cells": raster.size,
        "area_m2": raster.area_m2, "grid": file.frame.name,
    }  # fmt: skip
    if as_json:
        whole = {"surfaces": surfaces, "lists": lists, "run": about, "bad_rows": bad_rows(file)}
        click.echo(json.dumps(whole))
        return
    click.echo(f"Surfaces, the next month ({surfaces[0]['folds']} months, {about['scored']}), best first:")
    click.echo(as_table(surfaces, tuple(surfaces[0])))
    click.echo("\nLists of 20 places, the next three months:" if lists else "\nToo few months for lists.")
    click.echo(as_table(lists, tuple(lists[0])) if lists else "")
