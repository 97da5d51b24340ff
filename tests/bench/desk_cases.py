"""Five years of a busy council, written in bulk: cases with their reports, histories, notes, jobs and words."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.cases.models import Case, Job, JobResult
from server.cases.need import hazard_codes_of, need_of
from server.cases.opening import cell_of
from server.cases.outcome import outcome_of
from server.cases.words import CaseWord, words_in, words_of_reference
from server.intake.models import Report, ReportPosition, ReportStanding
from server.intake.receipt import receipt_code
from server.photos.models import Photo
from server.store.events import Event, Stream, chain_hash
from server.store.notes import Note
from workers.geocoding.grid import from_grid

YEARS = 5
BATCH = 2000
SOUTH_WEST = (420_000, 280_000)
ACROSS_M = 30_000
# So many of the spots are watched: from the second year on crews put up a camera or a sign there at one visit in four.
WATCHED = 1 / 40
AT_WATCHED = ("camera", "sign", *["clear"] * 6)
_FIRST = (
    "Oldbury", "Folly", "Marsh", "Packington", "Coleshill", "Church", "Station", "Mill", "Chapel", "Victoria", "Park",
    "Watling", "Nuneaton", "Coventry", "Tamworth", "Birmingham", "Atherstone", "Castle", "Manor", "Orchard",
)  # fmt: skip
_SECOND = ("Road", "Lane", "Street", "Close", "Avenue", "Drive", "Way", "Hill")
_VILLAGES = (
    "Hartshill", "Corley", "Mancetter", "Polesworth", "Dordon", "Kingsbury", "Fillongley", "Arley", "Ansley",
    "Baddesley", "Grendon", "Shustoke", "Maxstoke", "Curdworth", "Water Orton", "Hurley", "Baxterley",
)  # fmt: skip
_WASTE = (
    "other_household_waste",
    "black_bags_household",
    "tyres",
    "white_goods",
    "green",
    "constr_demol_excav",
)
_HAZARDS = (("road_danger",), ("animal",), ("sharps",), ("chemicals",), ("asbestos",))
_NOTES = (
    "Two men in a white tipper seen by the neighbour at number {number}", "Letters with a name found in bag {number}",
    "Landowner told, gate code {number}", "Crew could not get past the parked cars, try again after {number}",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seeded:
    """What to ask for: some of the cases, by id and by what they are found by; and those at watched spots."""

    case_ids: list[uuid.UUID]
    references: list[str]
    receipt_codes: list[str]
    watched: list[uuid.UUID]


def write_cases(
    session: Session, size: int, users: dict[str, uuid.UUID], until: datetime, seed: int = 1
) -> Seeded:
    """Write `size` cases opened over the years before `until`, in bulk; their histories hold three events each."""
    rng, authority_id = random.Random(seed), session.info["authority_id"]
    spots = [(rng.uniform(0, ACROSS_M), rng.uniform(0, ACROSS_M)) for _ in range(size // 60)]
    seeded = Seeded([], [], [], [])
    for start in range(0, size, BATCH):
        tables: dict[Any, list[dict[str, Any]]] = {}
        for number in range(start, min(start + BATCH, size)):
            opened_at = until - timedelta(days=365 * YEARS) * (1 - number / size)
            case = _case(rng, number, opened_at, until, rng.choice(spots))
            for table, row in _rows(rng, case, users):
                tables.setdefault(table, []).append({"authority_id": authority_id, **row})
            seeded.case_ids.append(case["id"])
            seeded.references.append(case["reference"])
            seeded.receipt_codes.append(receipt_code(case["report_id"]))
            seeded.watched.extend([case["id"]] if case["watched"] else [])
        # In the order of what refers to what; a case's words and histories refer to it.
        for table in (
            Case,
            Report,
            ReportPosition,
            ReportStanding,
            Photo,
            Job,
            JobResult,
            Note,
            CaseWord,
            Stream,
            Event,
        ):
            session.connection().execute(
                sa.insert(table.metadata.tables[table.__tablename__]), tables.get(table, [])
            )
    return seeded


def _case(
    rng: random.Random, number: int, opened_at: datetime, until: datetime, spot: tuple[float, float]
) -> dict[str, Any]:
    """What is known of one case, with `report_id`, and whether its spot is `watched`, beside its columns."""
    age = until - opened_at
    days = rng.lognormvariate(1, 0.9)
    closed_at = opened_at + timedelta(days=days)
    state = "closed" if closed_at < until and rng.random() < 0.985 else "accepted"
    state = "new" if state != "closed" and age < timedelta(days=6) else state
    repeat = rng.random() < 0.55
    offset = spot if repeat else (rng.uniform(0, ACROSS_M), rng.uniform(0, ACROSS_M))
    easting, northing = (
        corner + where + rng.gauss(0, 20) for corner, where in zip(SOUTH_WEST, offset, strict=True)
    )
    # The same spot is always called the same.
    place = random.Random(f"{offset}")
    village = place.choice(_VILLAGES)
    road = f"{place.choice(_FIRST)} {place.choice(_SECOND)}"
    watched = repeat and place.random() < WATCHED and age < timedelta(days=365 * (YEARS - 1))
    return {
        "id": uuid.UUID(int=rng.getrandbits(128), version=4),
        "report_id": uuid.UUID(int=rng.getrandbits(128), version=4),
        "reference": f"NW-{opened_at.year % 100:02d}-{number + 1:06d}", "opened_at": opened_at, "state": state,
        "closed_at": closed_at if state == "closed" else None, "label": f"{road}, {village}", "village": village,
        "closed_because": rng.choice((*["close"] * 9, "not_ours")) if state == "closed" else None,
        "easting": easting, "northing": northing, "hazards": list(rng.choice(_HAZARDS)) if rng.random() < 0.06 else [],
        "witnessed": rng.random() < 0.04, "waste": rng.choice(_WASTE), "watched": watched,
        "source": rng.choices(("crew", "resident"), (6, 4))[0],
    }  # fmt: skip


def _rows(
    rng: random.Random, case: dict[str, Any], users: dict[str, uuid.UUID]
) -> Iterator[tuple[Any, dict[str, Any]]]:
    lat, lon = from_grid(case["easting"], case["northing"])
    grid = {
        "lat": lat,
        "lon": lon,
        "easting": case["easting"],
        "northing": case["northing"],
        "accuracy_m": 8.0,
    }
    yield Case, _case_row(case) | grid
    yield from _report_rows(case, grid)
    if rng.random() < 0.4:
        yield Photo, {
            "id": uuid.UUID(int=rng.getrandbits(128), version=4), "report_id": case["report_id"], "case_id": case["id"],
            "sha256": f"{rng.getrandbits(256):064x}", "bytes": 2_000_000, "mime": "image/jpeg", "state": "verified",
            "verified_at": case["opened_at"], "showable": True, "rev": 0, "exif": {"taken_at": None},
        }  # fmt: skip
    words = words_of_reference(case["reference"]) | words_in(f"{case['label']} CV10 0TD")
    words |= words_in(receipt_code(case["report_id"]))
    if rng.random() < 0.3:
        text = rng.choice(_NOTES).format(number=rng.randrange(2000))
        words |= words_in(text)
        yield Note, {
            "id": uuid.UUID(int=rng.getrandbits(128), version=4), "subject_kind": "case", "subject_id": case["id"],
            "text": text, "salt": "0" * 32, "by": f"user:{users['officer']}", "at": case["opened_at"],
        }  # fmt: skip
    if case["state"] != "new" and rng.random() < 0.4:
        yield from _job_rows(rng, case, users["crew"])
    for word in words:
        yield CaseWord, {"case_id": case["id"], "word": word}
    yield from _history(case, users["officer"])


def _case_row(case: dict[str, Any]) -> dict[str, Any]:
    same = (
        "id", "reference", "opened_at", "state", "closed_at", "closed_because", "label", "hazards", "witnessed",
        "waste", "source",
    )  # fmt: skip
    areas = [
        {"kind": "ward", "code": f"W{_VILLAGES.index(case['village'])}", "name": f"{case['village']} Ward"}
    ]
    return {name: case[name] for name in same} | {
        "kind": "fly_tip", "category": "fly_tip", "first_seen_at": case["opened_at"], "last_seen_at": case["opened_at"],
        "labelled": False, "cell": cell_of(case["easting"], case["northing"]), "ward_code": areas[0]["code"],
        "report_count": 1, "severity": 1, "flags": [], "rev": 0,
        "need": need_of(case["hazards"], case["witnessed"], False, False),
        "hazard_codes": hazard_codes_of(case["hazards"]),
        "outcome": outcome_of(case["closed_because"], case["opened_at"], case["closed_at"]),
        "place": {
            "label": case["label"], "road": {"name": case["label"], "distance_m": 6.0, "source": "os_open_roads"},
            "locality": {"name": case["village"], "distance_m": 410.0, "source": "os_open_names"},
            "postcode": {"code": "CV10 0TD", "distance_m": 85.0}, "areas": areas, "grid_reference": "SP 30965 97615",
            "easting": case["easting"], "northing": case["northing"], "plus_code": "9C4WHFG4+6R",
            "in_area_served": True,
        },
    }  # fmt: skip


def _report_rows(case: dict[str, Any], grid: dict[str, float]) -> Iterator[tuple[Any, dict[str, Any]]]:
    position_id, at = uuid.uuid5(case["report_id"], "position"), case["opened_at"]
    yield Report, {
        "id": case["report_id"], "receipt_code": receipt_code(case["report_id"]), "source": case["source"],
        "kind": "fly_tip", "category": "fly_tip", "seen_at": at, "received_at": at, "description": "Bags by the gate",
        "where": "", "waste": [case["waste"]], "size": "small_van_load", "land": "highway", "hazards": case["hazards"],
        "witnessed": case["witnessed"], "payload": "{}", "payload_sha256": "0" * 64, "salt": "0" * 32,
    }  # fmt: skip
    yield ReportPosition, {
        "id": position_id, "report_id": case["report_id"], **grid, "source": "gps", "fixed_at": at, "received_at": at,
    }  # fmt: skip
    yield ReportStanding, {
        "id": case["report_id"], "case_id": case["id"], "position_id": position_id, "placed_position_id": position_id,
        "placed_at": at, "suggested_cases": [], "flags": [], "rev": 0,
    }  # fmt: skip


def _job_rows(
    rng: random.Random, case: dict[str, Any], crew: uuid.UUID
) -> Iterator[tuple[Any, dict[str, Any]]]:
    job_id = uuid.UUID(int=rng.getrandbits(128), version=4)
    done_at = case["closed_at"]
    kind = AT_WATCHED[job_id.int % len(AT_WATCHED)] if case["watched"] else "clear"
    yield Job, {
        "id": job_id, "case_id": case["id"], "crew_id": crew, "kind": kind, "state": "done" if done_at else "open",
        "text": "As soon as you can", "given_at": case["opened_at"], "due_at": case["opened_at"] + timedelta(days=3),
        "done_at": done_at, "rev": 0,
    }  # fmt: skip
    if done_at:
        yield JobResult, {
            "id": uuid.uuid5(job_id, "result"), "job_id": job_id, "result": "done", "reason": "",
            "received_at": done_at, "payload": "{}", "salt": "0" * 32, "flags": [],
        }  # fmt: skip


def _history(case: dict[str, Any], officer: uuid.UUID) -> Iterator[tuple[Any, dict[str, Any]]]:
    """A chain in the shape of the real one; nobody verifies it here."""
    told: list[tuple[str, dict[str, Any]]] = [
        ("case.opened", {"reference": case["reference"]}),
        ("case.report_joined", {"because": "opened by this report"}),
        ("case.decided", {"decision": "accept"}),
    ]
    previous = "0" * 64
    by = f"user:{officer}"
    for seq, (kind, facts) in enumerate(told, 1):
        body = json.dumps({"facts": facts})
        previous = chain_hash(previous, body)
        yield Event, {
            "id": uuid.uuid5(case["id"], str(seq)), "stream_id": case["id"], "seq": seq, "at": case["opened_at"],
            "kind": kind, "by": by, "body": body, "hash": previous,
        }  # fmt: skip
    yield Stream, {
        "id": case["id"], "kind": "case", "count": len(told), "head": previous, "checkpointed_head": "0" * 64,
    }  # fmt: skip
