"""Building an authority's list: its cases in the window, bounded places, identities that last."""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import shapely
import sqlalchemy as sa
from sqlalchemy.orm import Session, defer

from server.cases.marks import mark_hotspots
from server.cases.models import Case
from server.cases.opening import local_day
from server.errors import Problem
from server.hotspots.labels import tell_apart
from server.hotspots.models import Hotspot, HotspotRun
from server.intake.schemas import AHEAD_BY
from server.places.models import GazetteerName
from server.places.service import gazetteers
from server.store.events import SYSTEM, Actor, append_event
from server.store.transaction import changes_quietly, lock, touch
from workers.clustering.background import Background, Chance, chances, largest_by_chance, said, upper_share
from workers.clustering.density import Floats
from workers.clustering.identity import KnownPlace, ListedPlace, match_places
from workers.clustering.places import HotPlace, auto_half_life, find_places
from workers.clustering.points import Point, Points, positions
from workers.clustering.trend import word_on_record
from workers.geocoding.gazetteer import Gazetteer
from workers.geocoding.grid import from_grid

WINDOW_DAYS = 365
# Of how many cases on, and up to, what chance gives is drawn with each list.
DRAW_FROM, DRAW_UP_TO = 20, 5_000
SEED = 1
# From so many cases on a list rests after each run.
RESTS_FROM_CASES = 10_000
RADIUS_M = 100
MIN_COUNT = 2
# Closed because there was nothing of ours there: not a hit.
NOT_A_HIT = ("duplicate", "not_ours")


class CasePoint(NamedTuple):
    """What the clustering needs of one case."""

    kind: str
    label: str
    point: Point


@dataclass(frozen=True, slots=True)
class Built:
    """A list not written down yet: kind -> places, best first, and of place (kind, index) what it is held against and
    what it is called if new. `by_chance`: kind -> the largest place that chance alone would give."""

    as_of: datetime
    half_life_days: int | None
    input_sha256: str
    cases: int
    places: dict[str, list[HotPlace]]
    chances: dict[tuple[str, int], Chance]
    background: str
    by_chance: dict[str, Any]
    first_labels: dict[tuple[str, int], str]


@dataclass(frozen=True, slots=True)
class CasesRead:
    """What a list is built from: the cases of the `window_days` up to `as_of`. `points`: by kind, ids ascending;
    `labels`: case id -> what people call its place; `crowded`: of the whole that these are a part of, unless they are
    all."""

    as_of: datetime
    window_days: int
    half_life_days: float | None
    input_sha256: str
    number: int
    points: dict[str, Points]
    labels: dict[str, str]
    crowded: float | None = None

    def places_of(self, points: Points) -> list[HotPlace]:
        """The places of these points, by the rules of this list."""
        return find_places(
            points, radius_m=RADIUS_M, min_count=MIN_COUNT, half_life_days=self.half_life_days,
            as_of=local_day(self.as_of), since=local_day(self.as_of - timedelta(days=self.window_days)),
            crowded=self.crowded,
        )  # fmt: skip


def build(
    session: Session, as_of: datetime, window_days: int = WINDOW_DAYS, kind: str | None = None
) -> Built:
    """Work out the open authority's list from its cases (of one `kind`) of the days up to `as_of`. Only reads."""
    cases = read_cases(session, as_of, window_days, kind)
    return describe(session, cases, find_all(cases))


def find_all(cases: CasesRead) -> dict[str, list[HotPlace]]:
    """The places of all cases by kind, best first."""
    return {kind: cases.places_of(points) for kind, points in cases.points.items()}


def read_cases(
    session: Session, as_of: datetime, window_days: int = WINDOW_DAYS, kind: str | None = None
) -> CasesRead:
    """The open authority's cases (of one `kind`) that a list of the days up to `as_of` is built from."""
    rows = _cases_in_window(session, as_of, window_days, kind)
    points = {
        kind: Points.of(row.point for row in rows if row.kind == kind)
        for kind in sorted({row.kind for row in rows})
    }
    return CasesRead(
        as_of, window_days, auto_half_life(len(rows) * 365 / window_days), _digest(rows), len(rows), points,
        {row.point.id: row.label for row in rows},
    )  # fmt: skip


def describe(session: Session, cases: CasesRead, places: dict[str, list[HotPlace]]) -> Built:
    """The list of these places by kind, with what each is held against and called if new. Only reads."""
    homes = _postcodes(session)
    found = {
        (kind, index): chance
        for kind, points in cases.points.items()
        for index, chance in enumerate(chances(points, places[kind], radius_m=RADIUS_M, addresses=homes))
    }
    gazetteer = gazetteers.of(session)
    first_labels = {
        (kind, index): _label(place, cases.labels, gazetteer)
        for kind, listed in places.items()
        for index, place in enumerate(listed)
    }
    by_chance = {kind: _by_chance(points, homes) for kind, points in cases.points.items()}
    half_life = int(cases.half_life_days) if cases.half_life_days else None
    return Built(
        cases.as_of, half_life, cases.input_sha256, cases.number, places, found, said(homes is not None), by_chance,
        first_labels,
    )  # fmt: skip


def _postcodes(session: Session) -> Floats | None:
    """(n, 2) grid metres of the authority's postcodes: where people live; None where none were imported."""
    shapes = session.scalars(sa.select(GazetteerName.geometry).where(GazetteerName.kind == "postcode")).all()
    if not shapes:
        return None
    spots: Floats = shapely.get_coordinates(shapely.from_wkt(list(shapes)))
    return spots


def _by_chance(points: Points, homes: Floats | None) -> dict[str, Any] | None:
    """The largest place that chance alone would give, of 199 draws; None for too few cases or too many to draw."""
    if not DRAW_FROM <= len(points) <= DRAW_UP_TO:
        return None
    position, origin = positions(points)
    background = Background(position, None if homes is None else homes - origin)
    largest = largest_by_chance(background, RADIUS_M, seed=SEED)
    return {
        "draws": len(largest),
        "seed": SEED,
        "median": upper_share(largest, 0.5),
        "p95": upper_share(largest, 0.95),
    }


def hits(kind: str | None, after: datetime, up_to: datetime) -> list[sa.ColumnElement[bool]]:
    """Which cases (of one `kind`) a list counts: those on the map, of the time after a moment up to another."""
    return [
        Case.easting.is_not(None),
        Case.first_seen_at > after,
        # A phone's clock may be a little ahead.
        Case.first_seen_at <= up_to + AHEAD_BY,
        sa.or_(Case.closed_because.is_(None), Case.closed_because.not_in(NOT_A_HIT)),
        *([Case.kind == kind] if kind else []),
    ]


def _cases_in_window(
    session: Session, as_of: datetime, window_days: int, kind: str | None
) -> list[CasePoint]:
    query = sa.select(
        Case.id,
        Case.kind,
        Case.label,
        Case.easting,
        Case.northing,
        Case.first_seen_at,
        Case.severity,
        Case.accuracy_m,
    ).where(*hits(kind, as_of - timedelta(days=window_days), as_of))
    return [
        CasePoint(row.kind, row.label, Point(
            str(row.id), row.easting, row.northing, local_day(row.first_seen_at), float(row.severity), row.accuracy_m,
        ))
        for row in session.execute(query.order_by(Case.id))
    ]  # fmt: skip


def _digest(rows: Sequence[CasePoint]) -> str:
    lines = sorted("|".join(map(str, row.point)) for row in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _label(place: HotPlace, labels: dict[str, str], gazetteer: Gazetteer) -> str:
    """The most common place name among the members; the centre's when each has its own."""
    names = Counter(labels[member] for member in place.members)
    name, times = min(names.items(), key=lambda pair: (-pair[1], pair[0]))
    return name if times > 1 else gazetteer.reverse(place.easting, place.northing).label


def write(session: Session, built: Built, at: datetime) -> HotspotRun:
    """Write the list down: what continues keeps its id and label, members are marked, the run is logged."""
    lock(session, "hotspots")
    changes_quietly(session, Hotspot)
    newest = newest_run(session)
    if newest is not None and newest.as_of > built.as_of:
        return newest  # two builds ran at once, and this one saw less
    known = list(session.scalars(sa.select(Hotspot)))
    before = members_by_hotspot(session)
    members = {key: frozenset(ids) for key, ids in before.items()}
    changes: list[dict[str, Any]] = []
    hotspot_of: dict[str, uuid.UUID] = {}
    for kind in sorted({*built.places, *(hotspot.kind for hotspot in known)}):
        mine = [hotspot for hotspot in known if hotspot.kind == kind]
        changes += _write_kind(session, built, kind, mine, members, hotspot_of, at)
    run = HotspotRun(
        id=uuid.uuid4(), as_of=built.as_of, finished_at=at, window_days=WINDOW_DAYS, radius_m=RADIUS_M,
        min_count=MIN_COUNT, half_life_days=built.half_life_days, input_sha256=built.input_sha256,
        cases=built.cases, background=built.background, by_chance=built.by_chance, changes=changes,
    )  # fmt: skip
    session.add(run)
    session.flush()
    facts = {"run_id": run.id, "cases": run.cases, "input_sha256": run.input_sha256, "changes": changes}
    append_event(session, ("authority", run.authority_id), "hotspots.listed", facts, by=SYSTEM, at=at)
    changed = _changed_members(before, hotspot_of)
    _show_anew(session, before, changed)
    mark_hotspots(session, changed)
    return run


def _write_kind(
    session: Session, built: Built, kind: str, known: list[Hotspot], members: dict[uuid.UUID, frozenset[str]],
    hotspot_of: dict[str, uuid.UUID], at: datetime,
) -> list[dict[str, Any]]:  # fmt: skip
    places = built.places.get(kind, [])
    matching = match_places(
        [as_known(row, members.get(row.id, ())) for row in known],
        [ListedPlace(place.easting, place.northing, frozenset(place.members)) for place in places],
    )
    by_id = {str(row.id): row for row in known}
    rows = []
    for index, (place, kept) in enumerate(zip(places, matching.ids, strict=True)):
        row = by_id.pop(kept) if kept else _new_hotspot(session, kind, built.first_labels[kind, index], at)
        _describe(row, place, index, built.chances[kind, index], local_day(built.as_of))
        rows.append(row)
        hotspot_of.update(dict.fromkeys(place.members, row.id))
    tell_apart({row.id: row for row in (*known, *rows)}.values(), lambda: gazetteers.of(session))
    for gone in by_id.values():
        gone.state, gone.rank, gone.position = "dormant", None, None
    session.flush()
    return [
        {
            "kind": event.kind,
            "old": event.old,
            "new": str(rows[event.new].id) if event.new is not None else None,
        }
        for event in matching.events
    ]


def as_known(hotspot: Hotspot, members: Iterable[str]) -> KnownPlace:
    """A hotspot on record with its cases' ids, as new places are matched with it."""
    centre = hotspot.easting, hotspot.northing
    return KnownPlace(str(hotspot.id), *centre, frozenset(members), hotspot.state == "dormant", hotspot.named)


def _new_hotspot(session: Session, kind: str, label: str, at: datetime) -> Hotspot:
    row = Hotspot(id=uuid.uuid4(), kind=kind, label=label, created_at=at)
    session.add(row)
    return row


def _describe(row: Hotspot, place: HotPlace, index: int, chance: Chance, as_of: date) -> None:
    row.state, row.rank, row.position = "listed", place.rank, index
    row.easting, row.northing = place.easting, place.northing
    row.lat, row.lon = from_grid(place.easting, place.northing)
    row.extent_m, row.count, row.score = place.extent_m, place.count, place.score
    row.trend = word_on_record(place.trend, place.count, local_day(row.created_at), as_of)
    row.expected, row.p, row.q = chance.expected, chance.p, chance.q
    row.first, row.last = place.first, place.last


def give_name(
    session: Session, hotspot_id: uuid.UUID, label: str, if_match: str, by: Actor, at: datetime
) -> Hotspot:
    """Give a hotspot the name that people use, for good. Raises Problem not_found, or changed_meanwhile when
    it was given another since the revision that `if_match` names. Writes nothing when it is called so already."""
    hotspot = session.get(Hotspot, (session.info["authority_id"], hotspot_id), with_for_update=True)
    if hotspot is None:
        raise Problem("not_found", "There is no such hotspot in your council")
    if not hotspot.is_as_seen(if_match):
        raise Problem(
            "changed_meanwhile", f"The hotspot has changed meanwhile and is called {hotspot.label} now"
        )
    name = label.strip()
    if not name:
        raise Problem("invalid_request", "Give the place a name", {"label": ["Give the place a name"]})
    if name != hotspot.label or not hotspot.named:
        facts = {"hotspot_id": hotspot.id, "label": name, "was": hotspot.label}
        append_event(session, ("authority", hotspot.authority_id), "hotspot.named", facts, by=by, at=at)
        hotspot.label, hotspot.named = name, True
    return hotspot


def members_by_hotspot(
    session: Session, only: Sequence[uuid.UUID] | None = None
) -> dict[uuid.UUID, list[str]]:
    """The ids of each hotspot's cases (or of `only` these hotspots'), earliest seen first."""
    grouped: dict[uuid.UUID, list[str]] = {}
    wanted = Case.hotspot_id.is_not(None) if only is None else Case.hotspot_id.in_(only)
    query = sa.select(Case.hotspot_id, Case.id).where(wanted)
    for hotspot_id, case_id in session.execute(query.order_by(Case.first_seen_at, Case.id)):
        assert hotspot_id is not None
        grouped.setdefault(hotspot_id, []).append(str(case_id))
    return grouped


def _changed_members(
    before: dict[uuid.UUID, list[str]], hotspot_of: dict[str, uuid.UUID]
) -> dict[uuid.UUID, uuid.UUID | None]:
    """Only cases whose membership changed are written, so that only they go to the phones again."""
    was = {case_id: hotspot_id for hotspot_id, members in before.items() for case_id in members}
    return {
        uuid.UUID(case_id): hotspot_of.get(case_id)
        for case_id in sorted({*was, *hotspot_of})
        if was.get(case_id) != hotspot_of.get(case_id)
    }


def _show_anew(
    session: Session, before: dict[uuid.UUID, list[str]], changed: dict[uuid.UUID, uuid.UUID | None]
) -> None:
    """Phones show of what kind a place's cases are and when they were: others make it another, though as many."""
    moved = {str(case_id) for case_id in changed}
    places = {hotspot_id for hotspot_id, members in before.items() if not moved.isdisjoint(members)}
    places |= {hotspot_id for hotspot_id in changed.values() if hotspot_id is not None}
    for hotspot in session.scalars(sa.select(Hotspot)):
        if hotspot.id in places:
            touch(session, hotspot)


def rest(session: Session, at: datetime) -> timedelta | None:
    """How long a change waits now before the list is built anew for it; None: it need not wait.

    A large list rests after each run for a second per thousand cases, so that reports that keep coming in keep no
    worker busy with it all day.
    """
    run = newest_run(session)
    if run is None or run.cases < RESTS_FROM_CASES:
        return None
    whole = timedelta(milliseconds=run.cases)
    return whole if at < run.finished_at + whole else None


def newest_run(session: Session) -> HotspotRun | None:
    """The run that made the present list, or None before the first. Its `changes` are read only when asked for."""
    newest = sa.select(HotspotRun).order_by(HotspotRun.finished_at.desc()).limit(1)
    return session.scalars(newest.options(defer(HotspotRun.changes))).first()
