"""What a place's surroundings explain, through the service: a known answer, worked out by hand."""

from __future__ import annotations

import math
import uuid
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from server.places.models import GazetteerName
from server.store.transaction import transaction
from tests.builders import drain
from tests.server.cases.desk.office import Office
from tests.server.hotspots.ground import START, listed
from tests.server.hotspots.many import add_cases, case_row
from workers.geocoding.grid import to_grid

# The council's only postcode, and a place 300 m east of it.
POSTCODE = to_grid(52.5757, -1.5440) or (math.nan, math.nan)
EAST, NORTH = POSTCODE[0] + 300, POSTCODE[1]
# Metres from the place at which something was seen: three times in it, four times around it, twice far away.
SEEN = ((0, 0), (0, 0), (0, 0), (800, 0), (-800, 0), (0, 800), (0, -800), (0, 5_000), (0, 5_000))
GRID = 0.03  # densities are summed on a grid of cells
DISC_M2 = math.pi * 100**2
BOX_M2 = 1_600 * 5_800
BELL = math.exp(-1 / 2) / (2 * math.pi)  # the height of a kernel of one metre, one metre from its middle


@pytest.fixture
def office(office: Office) -> Office:
    """Nine cases, and no list yet."""
    with office.app.app_context():
        add_cases(office.council.id, [
            case_row(uuid.uuid4(), EAST + east_m, NORTH + north_m, START - timedelta(days=day))
            for day, (east_m, north_m) in enumerate(SEEN, 1)
        ])  # fmt: skip
    return office


def two_places(office: Office) -> tuple[dict[str, Any], dict[str, Any]]:
    """The list built now: the place hit three times, and the one hit twice."""
    assert office.officer.post("/api/v1/hotspots/runs").status_code == 202
    drain(office.app)
    thrice, twice = listed(office)
    assert (thrice["count"], twice["count"]) == (3, 2)
    return thrice, twice


def normal(z: float) -> float:
    """The share of a normal distribution below z."""
    return (1 + math.erf(z / math.sqrt(2))) / 2


def tail(count: int, mean: float) -> float:
    """The probability of at least so many where `mean` are expected, term by term."""
    return 1 - sum(math.exp(-mean) * mean**few / math.factorial(few) for few in range(count))


@pytest.mark.parametrize(("homes", "by_cases", "by_homes"), [(True, 0.45, 0.5), (False, 0.95, 0.0)])
def test_what_is_expected_of_a_place_is_what_its_surroundings_have(
    office: Office, homes: bool, by_cases: float, by_homes: float
) -> None:
    """By the cases around it and, where addresses are known, by these; one in twenty is spread evenly over the box."""
    if not homes:
        with office.app.app_context(), transaction(office.council.id) as session:
            session.execute(sa.delete(GazetteerName).where(GazetteerName.kind == "postcode"))
    thrice, twice = two_places(office)
    # The box around all cases reaches one kernel to the west, east and south of the place, and far to the north.
    inside = (normal(1) - normal(-1)) * (normal(5_000 / 800) - normal(-1))
    around = by_cases * 4 * BELL / 800**2 / inside + by_homes * 6 * BELL / 300**2 + 0.05 * 6 / BOX_M2
    assert thrice["expected"] == pytest.approx(DISC_M2 * around, rel=GRID)
    assert twice["expected"] == pytest.approx(DISC_M2 * 0.05 * 7 / BOX_M2, rel=GRID)
    for row in (thrice, twice):
        assert row["p"] == pytest.approx(tail(row["count"], row["expected"]), rel=1e-3)
    # A place is sought anywhere: of so many by chance there are count times the tail of one less, for each of the nine
    # cases. The less likely of two is as good as nine times that, or as the other with half as many if that is better.
    sought = {id(row): row["count"] * tail(row["count"] - 1, row["expected"]) for row in (thrice, twice)}
    less, more = sorted((thrice, twice), key=lambda row: sought[id(row)])
    assert more["q"] == pytest.approx(len(SEEN) / 2 * sought[id(more)], rel=1e-3)
    assert less["q"] == pytest.approx(min(len(SEEN) * sought[id(less)], more["q"]), rel=1e-3)
    page = office.officer.get(f"/api/v1/hotspots/{thrice['id']}").get_json()
    assert [page[name] for name in ("expected", "p", "q", "usual")] == [
        *(thrice[name] for name in ("expected", "p", "q")),
        False,
    ]
    said = "Other cases around it (kernel of 800 m, made whole at the edge of all cases, the place itself left out)"
    blended = ", blended with the density of addresses (kernel of 300 m)"
    assert page["background"] == said + (blended if homes else "")
