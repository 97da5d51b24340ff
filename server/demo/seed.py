"""The plan of the demo's 910 cases: where, when, what, and how far each has come. Pure: `now` and seed go in.

The eleven repeat places and their counts are those of a published hot-spot list; the rest is made to the shares
of England's fly-tipping statistics (2024/25: 62 % household waste, highways 37 %, small van 31 %, car boot 27 %,
tipper or larger 4 %).
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Literal
from zoneinfo import ZoneInfo

from server.demo import borough
from server.demo.sites import Site, lone_sites, repeat_sites
from server.demo.wording import describe
from workers.geocoding.grid import from_grid, to_grid_many

TOTAL = 910
MONTHS = 9

State = Literal["new", "accepted", "closed"]
Source = Literal["crew", "resident"]

_LOCAL = ZoneInfo("Europe/London")
_FRESH = timedelta(days=14)
_LATEST = timedelta(minutes=20)

_WASTE = {
    "other_household_waste": 0.42, "black_bags_household": 0.20, "constr_demol_excav": 0.075,
    "white_goods": 0.06, "green": 0.05, "other_commercial_waste": 0.045, "tyres": 0.04,
    "black_bags_commercial": 0.03, "other_electrical": 0.02, "vehicle_parts": 0.02, "asbestos": 0.01,
    "chemical_drums_oil_fuel": 0.008, "animal_carcass": 0.007, "clinical": 0.002, "other_unidentified": 0.013,
}  # fmt: skip
_SIZE = {
    "small_van_load": 0.31, "car_boot_or_less": 0.27, "transit_van_load": 0.17, "single_item": 0.16,
    "single_black_bag": 0.05, "tipper_lorry_load": 0.03, "significant_multi_loads": 0.01,
}  # fmt: skip
_LAND = {
    "highway": 0.37, "council_land": 0.18, "footpath_bridleway": 0.16, "back_alleyway": 0.08,
    "agricultural": 0.08, "private_residential": 0.05, "commercial_industrial": 0.02, "watercourse_bank": 0.02,
    "railway": 0.005, "other_unidentified": 0.035,
}  # fmt: skip
_HAZARD_OF_WASTE = {
    "asbestos": "asbestos", "clinical": "sharps", "chemical_drums_oil_fuel": "chemicals",
    "animal_carcass": "animal",
}  # fmt: skip
# Hour of the day by the local clock: how likely.
_CREW_HOURS = {6: 1, 7: 5, 8: 6, 9: 5, 10: 5, 11: 4, 12: 2, 13: 4, 14: 3}
_RESIDENT_HOURS = {7: 4, 8: 5, 9: 4, 10: 4, 12: 4, 15: 3, 16: 4, 17: 6, 18: 5, 19: 3, 21: 1}


@dataclass(frozen=True, slots=True)
class PlannedCase:
    """One case of the demo and the one report behind it.

    Positions in WGS84 degrees and in grid metres (the grid point of those very degrees); `seen_at` in UTC;
    `accuracy_m` None where a resident set a pin; `days_to_clear` only where `state` is closed; `place` is the
    index of its repeat place in `borough.REPEAT_PLACES`.
    """

    report_id: uuid.UUID
    lat: float
    lon: float
    easting: float
    northing: float
    seen_at: datetime
    kind: str
    category: str
    waste: tuple[str, ...]
    size: str
    land: str
    hazards: tuple[str, ...]
    witnessed: bool
    description: str
    source: Source
    accuracy_m: float | None
    state: State
    days_to_clear: float | None
    place: int | None


def planned_cases(now: datetime, seed: int = 1) -> list[PlannedCase]:
    """The demo's 910 fly-tips of the nine months before `now` (aware), earliest first.

    The same `now` and seed give the same plan.
    """
    rng = Random(seed)
    repeats = repeat_sites(rng)
    sites = repeats + lone_sites(rng, TOTAL - len(repeats), repeats)
    wastes, sizes, lands = _contents(rng, sites)
    sources = _sources(rng, sites)
    times = _times(rng, sites, sources, now)
    facts = zip(sites, _positions(sites), times, wastes, sizes, lands, sources, strict=True)
    cases = [_case(rng, now, *each) for each in facts]
    return sorted(cases, key=lambda case: (case.seen_at, case.report_id))


def nine_months_before(now: datetime) -> datetime:
    """The same day and time nine calendar months earlier (the 28th for days that some months lack)."""
    months = now.year * 12 + now.month - 1 - MONTHS
    return now.replace(year=months // 12, month=months % 12 + 1, day=min(now.day, 28))


def _case(
    rng: Random, now: datetime, site: Site, position: tuple[float, float, float, float], seen_at: datetime,
    waste: str, size: str, land: str, source: Source,
) -> PlannedCase:  # fmt: skip
    lat, lon, easting, northing = position
    state, days_to_clear = _progress(rng, now - seen_at)
    return PlannedCase(
        report_id=uuid.UUID(int=rng.getrandbits(128), version=4), lat=lat, lon=lon, easting=easting,
        northing=northing, seen_at=seen_at, kind="fly_tip", category="fly_tip",
        waste=_with_second(rng, waste, size), size=size, land=land, hazards=_hazards(rng, site, waste, land),
        witnessed=rng.random() < 0.04, description=describe(rng, waste, size, land), source=source,
        accuracy_m=_accuracy(rng, site, source),
        state=state, days_to_clear=days_to_clear, place=site.place,
    )  # fmt: skip


def _contents(rng: Random, sites: Sequence[Site]) -> tuple[list[str], list[str], list[str]]:
    """Waste, size and land of each site.

    Repeat places get no hazardous waste, single bags are bags, and highway means by a road.
    """
    lone = [index for index, site in enumerate(sites) if site.place is None]
    wastes = _dealt(rng, _WASTE, len(sites), dict.fromkeys(_HAZARD_OF_WASTE, lone))
    bags = [index for index, waste in enumerate(wastes) if waste.startswith("black_bags")]
    sizes = _dealt(rng, _SIZE, len(sites), {"single_black_bag": bags})
    roadside = [index for index, site in enumerate(sites) if site.on_road]
    lands = _dealt(rng, _LAND, len(sites), {"highway": roadside})
    return wastes, sizes, lands


def _dealt(
    rng: Random, shares: Mapping[str, float], count: int, only: Mapping[str, Iterable[int]]
) -> list[str]:
    """`count` codes in the given shares (to the nearest one), shuffled; `only` names who may have a code."""
    dealt: dict[int, str] = {}
    for code, allowed in only.items():
        free = [index for index in allowed if index not in dealt]
        dealt.update(dict.fromkeys(rng.sample(free, round(shares[code] * count)), code))
    rest = [code for code, share in shares.items() if code not in only for _ in range(round(share * count))]
    most_common = next(code for code in shares if code not in only)
    rest += [most_common] * (count - len(dealt) - len(rest))
    rng.shuffle(rest)
    left = iter(rest)
    return [dealt[index] if index in dealt else next(left) for index in range(count)]


def _with_second(rng: Random, waste: str, size: str) -> tuple[str, ...]:
    if size in ("single_black_bag", "single_item") or rng.random() > 0.3:
        return (waste,)
    second = rng.choice(("black_bags_household", "other_household_waste", "green", "white_goods"))
    return (waste,) if second == waste else (waste, second)


def _hazards(rng: Random, site: Site, waste: str, land: str) -> tuple[str, ...]:
    """Hazards that follow from the waste, and now and then danger to traffic.

    None at repeat places, whose scores are to tie.
    """
    found = [_HAZARD_OF_WASTE[waste]] if waste in _HAZARD_OF_WASTE else []
    if site.place is None and land == "highway" and rng.random() < 0.06:
        found.append("road_danger")
    return tuple(found)


def _sources(rng: Random, sites: Sequence[Site]) -> list[Source]:
    return ["crew" if site.place is not None or rng.random() < 0.6 else "resident" for site in sites]


def _accuracy(rng: Random, site: Site, source: Source) -> float | None:
    """Metres, as phones tell it. At repeat places always good enough to count."""
    if site.place is not None:
        return round(rng.uniform(3, 14), 1)
    if source == "crew":
        return round(min(3 + rng.expovariate(1 / 7), 60), 1)
    return None if rng.random() < 0.4 else round(min(5 + rng.expovariate(1 / 15), 90), 1)


def _progress(rng: Random, age: timedelta) -> tuple[State, float | None]:
    """State and days until cleared for a case of that age: a few days as a rule, and some drag on."""
    days = max(0.1, rng.lognormvariate(math.log(2.6), 0.8))
    cleared = timedelta(days=days) < age and rng.random() < (0.25 if age < _FRESH else 0.97)
    if cleared:
        return "closed", round(days, 2)
    if age < timedelta(days=3):
        return ("accepted" if rng.random() < 0.25 else "new"), None
    return ("accepted" if age > _FRESH or rng.random() < 0.7 else "new"), None


def _times(rng: Random, sites: Sequence[Site], sources: Sequence[Source], now: datetime) -> list[datetime]:
    """When each case was seen: repeat places by their table, the others evenly over the nine months."""
    start = nine_months_before(now)
    lone = sum(site.place is None for site in sites)
    slots = iter(rng.sample(range(lone), lone))
    times = []
    for site, source in zip(sites, sources, strict=True):
        if site.place is not None:
            moment = now - timedelta(days=borough.REPEAT_PLACES[site.place].days_ago[site.visit])
        else:
            moment = start + (now - start) * ((next(slots) + rng.random()) / lone)
        times.append(_at_likely_hour(rng, moment, source, start, now))
    return times


def _at_likely_hour(
    rng: Random, moment: datetime, source: Source, start: datetime, now: datetime
) -> datetime:
    """The local day of `moment`, at an hour when crews or residents report; kept within the window."""
    likely = _CREW_HOURS if source == "crew" else _RESIDENT_HOURS
    hour = rng.choices(list(likely), list(likely.values()))[0]
    clock = time(hour, rng.randrange(60), rng.randrange(60))
    day = moment.astimezone(_LOCAL).date()
    seen_at = _local(day, clock)
    if seen_at > now - _LATEST:
        seen_at = _local(day - timedelta(days=1), clock)
    elif seen_at < start:
        seen_at = _local(day + timedelta(days=1), clock)
    return seen_at


def _local(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, tzinfo=_LOCAL).astimezone(UTC)


def _positions(sites: Sequence[Site]) -> list[tuple[float, float, float, float]]:
    """Latitude and longitude to six decimals, and the grid point of those."""
    degrees = [from_grid(site.easting, site.northing) for site in sites]
    lats = [round(lat, 6) for lat, _ in degrees]
    lons = [round(lon, 6) for _, lon in degrees]
    eastings, northings = to_grid_many(lats, lons)
    return list(zip(lats, lons, eastings.tolist(), northings.tolist(), strict=True))
