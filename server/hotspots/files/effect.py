"""`tipwatch hotspots effect`: did a camera, sign, gate or patrol work? On any file of dated points."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import click
import numpy as np

from server.errors import Problem
from server.hotspots.effects import MEASURES
from server.hotspots.files.commands import (
    as_of_option,
    bad_rows,
    input_option,
    json_option,
    last_day,
    plain_problems,
    report_bad_rows,
    within,
)
from server.hotspots.files.read import COLUMNS, PointsFile, read_points
from workers.clustering.effect import RING_M, WINDOW_DAYS, effect_near
from workers.clustering.points import points_around

FIGURES = (
    "Prints: word (fell, moved nearby, no clear change), because, start, days, and of the place, and of the ring from "
    f"it to {RING_M:.0f} m, before and after (counts in equal times), ratio (after over before, against the controls), "
    "low and high (its 95 % interval); controls (other places compared with), controls_before, controls_after, "
    "displacement (the weighted displacement quotient)."
)


@click.command("effect", epilog=f"{FIGURES} {COLUMNS}")
@input_option
@click.option("--at", nargs=2, type=float, metavar="LAT LON", help="The place, in WGS84 degrees.")
@click.option(
    "--at-metres", nargs=2, type=float, metavar="EASTING NORTHING", help="The place, on the points' grid."
)
@click.option("--start", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The day on which it began.")
@click.option("--days", type=click.IntRange(28, 366), default=WINDOW_DAYS, show_default=True,
              help="Days before and after to compare; after the start no more than have passed.")  # fmt: skip
@click.option("--kind", type=click.Choice(MEASURES), default="patrol", show_default=True, help="What began.")
@click.option("--radius", "radius_m", type=click.FloatRange(0, min_open=True), default=100.0, show_default=True,
              help="Metres from the place's middle to its points, at most.")  # fmt: skip
@as_of_option
@json_option
def effect_command(
    path: Path, at: tuple[float, float] | None, at_metres: tuple[float, float] | None, start: datetime, days: int,
    kind: str, radius_m: float, as_of: Any, as_json: bool,
) -> None:  # fmt: skip
    """Did it work? A place before and after a day, against other places and the ring around it.

    The other places are those of the year before that day: none is chosen by what came after.
    """
    with plain_problems():
        file = read_points(path)
        report_bad_rows(file)
        last = last_day(file.points, as_of)
        known = within(file, last).points
        centre = _centre(file, at, at_metres)
        began = start.date()
        nearby = partial(points_around, known, centre)
        found = effect_near(nearby, centre, began, last, radius_m=radius_m, days=days)
    if as_json:
        facts = {"kind": kind} | asdict(found) | {"start": began.isoformat(), "as_of": last.isoformat()}
        click.echo(json.dumps(facts | {"bad_rows": bad_rows(file)}))
        return
    ring = f"Around it: {found.ring.before} before and {found.ring.after} after."
    click.echo(f"{kind.capitalize()} since {began}: {found.word}. {found.because} {ring}")


def _centre(
    file: PointsFile, at: tuple[float, float] | None, at_metres: tuple[float, float] | None
) -> tuple[float, float]:
    """The place in metres of the points' grid. Problem unless it is given in one way and lies on the grid."""
    if (at is None) == (at_metres is None):
        raise Problem("invalid_request", "Say where the place is: either --at LAT LON or --at-metres.")
    if at is None:
        assert at_metres is not None
        return at_metres
    eastings, northings = file.frame.to_metres([at[0]], [at[1]])
    east, north = float(eastings[0]), float(northings[0])
    if not (np.isfinite(east) and np.isfinite(north)):
        raise Problem(
            "invalid_request", f"--at {at[0]} {at[1]} is not on the points' grid, {file.frame.name}."
        )
    return east, north
