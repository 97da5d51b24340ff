"""What the list and the surface foretell, against the bars: of a real city where its data is at hand, else of a town
made here, of which nothing more is asked than to be foretold better than by the baselines of the same run.

The data is a year of open data beside the repository, or where TIPWATCH_SHARED_DATA says; it is never copied here.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pytest
import shapely

from server.hotspots.files.commands import raster_over
from server.hotspots.files.evaluate import Trial, back_test
from server.hotspots.files.read import read_points
from tests.workers.geocoding.warwickshire import SHARED
from workers.clustering.evaluate import LIST_MONTHS, OURS, evaluate_lists, folds
from workers.clustering.incidents import first_reports
from workers.clustering.points import Points
from workers.clustering.raster import Raster

PHILADELPHIA = SHARED / "philadelphia_illegal_dumping_2024"
CELL_M = 50.0
TRAIN_MONTHS, FOLDS = 5, 7


@dataclass(frozen=True, slots=True)
class City:
    """Dated points and the cells they are in; real: the bars were measured on it."""

    points: Points
    raster: Raster
    real: bool


@pytest.fixture(scope="module")
def city() -> City:
    """The city, and a line that says which."""
    found = _philadelphia() if PHILADELPHIA.is_dir() else _made()
    where = "Philadelphia" if found.real else f"a made town, for there is no {PHILADELPHIA.name} at hand"
    sys.stderr.write(f"back-tests are made on {where}\n")
    return found


def _philadelphia() -> City:
    file = read_points(PHILADELPHIA / "illegal_dumping_2024.csv")
    return City(file.points, raster_over(file, PHILADELPHIA / "philly_limit.geojson", CELL_M), real=True)


def _made() -> City:
    """Sixty spots, each busy for some months of a year and not at one point but along 60 m of a lane, and noise."""
    random = np.random.default_rng(11)
    side, days = 6_000.0, 365
    spots, begins = random.uniform(200, side - 200, (60, 2)), random.integers(0, 250, 60)
    hits = random.integers(0, 60, 4_000)
    when = begins[hits] + random.integers(0, 180, len(hits))
    where = spots[hits] + np.column_stack(
        [random.uniform(-30, 30, len(hits)), random.normal(0, 8, len(hits))]
    )
    noise = random.uniform(0, side, (3_000, 2))
    position = np.vstack([where[when < days], noise]) + np.array([430_000.0, 290_000.0])
    day = np.concatenate([when[when < days], random.integers(0, days, len(noise))])
    number = len(position)
    points = Points(
        [str(index) for index in range(number)], position[:, 0], position[:, 1],
        np.array([date(2025, 1, 1) + timedelta(int(after)) for after in day], dtype="datetime64[D]"),
        np.ones(number), np.full(number, 5.0),
    )  # fmt: skip
    area = shapely.box(430_000, 290_000, 430_000 + side, 290_000 + side)
    return City(points, Raster.over(area, CELL_M), real=False)


def test_the_twenty_best_places_are_hit_next_quarter_more_than_any_baselines(city: City) -> None:
    scores = evaluate_lists(city.raster, city.points, folds(city.points, TRAIN_MONTHS, LIST_MONTHS, 5))
    ours = next(score for score in scores if score.method == OURS)
    assert ours.hit == max(score.hit for score in scores)
    assert ours.places == 20
    if city.real:
        assert ours.hit >= 0.054 and ours.pai >= 31 and ours.precision == 1.0
        assert ours.overlap is not None and ours.overlap >= 0.85


@dataclass(frozen=True, slots=True)
class Bar:
    """What the surface has to do: on what, how much better than the best baseline at 1 % of the area, and of the real
    city the least hit rates at 1 % and at 5 %. One thinned draw says too little for these; the page of decisions has
    what sixteen said.
    """

    thin: float
    collapse: bool
    ahead: float
    hit_1: float
    hit_5: float


BARS = {
    "reports": Bar(1.0, collapse=False, ahead=1.05, hit_1=0.25, hit_5=0.49),
    "incidents": Bar(1.0, collapse=True, ahead=1.05, hit_1=0.205, hit_5=0.45),
    "a small council's volume": Bar(0.06, collapse=False, ahead=1.0, hit_1=0, hit_5=0),
}


@pytest.mark.proof
@pytest.mark.parametrize("bar", BARS.values(), ids=BARS.keys())
def test_the_surface_foretells_next_month_better_than_the_best_baseline(city: City, bar: Bar) -> None:
    points = city.points.take(first_reports(city.points)) if bar.collapse else city.points
    trial = Trial(TRAIN_MONTHS, FOLDS, bar.thin, draws=1, seed=0)
    surfaces, _ = back_test(city.raster, points, trial)
    ours = next(row for row in surfaces if row["method"] == OURS)
    others = [row for row in surfaces if not row["method"].startswith(OURS)]
    assert ours["hit_1"] >= bar.ahead * max(row["hit_1"] for row in others)
    if city.real:
        assert ours["hit_1"] >= bar.hit_1 and ours["hit_5"] >= bar.hit_5
