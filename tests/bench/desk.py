"""How quickly the officer's desk answers with a hundred thousand cases in it."""

from __future__ import annotations

import itertools
import multiprocessing
import random
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from flask.testing import FlaskClient

from server.app import create_app
from server.config import Settings
from server.hotspots.service import build, write
from server.store.clock import rfc3339
from server.store.database import db
from server.store.transaction import transaction
from server.web_process import keep_what_is_loaded
from tests.bench.desk_cases import YEARS, Seeded, write_cases
from tests.bench.figures import Figure, milliseconds, percentile
from tests.bench.grounds import KINDS, Ground, ground
from tests.builders import Council, sign_in

ABOUT = (
    "100,000 cases of five years, with their reports, histories, notes, jobs, photos and search words. Measured is the "
    "server's own time for a whole answer, one request at a time: a list always comes with its counts. Typing is one "
    "search for each letter. A hotspot with measures has two or more cameras and signs of four years, and tells what "
    "came before and after each. The middle one of all answers, and what 95 in 100 keep below."
)
SIZE = 100_000
ROUNDS = 40
BUDGET_S = 0.150
MAX_LETTERS = 12


def measure() -> list[Figure]:
    """Lists, searches, cases, hotspots and figures on both databases."""
    return [figure for kind in KINDS for figure in _desk(kind)]


def _desk(kind: str) -> list[Figure]:
    with ground(kind) as here:
        seeded = _filled(here)
        with here.stack.app() as app:
            officer = sign_in(app, here.council, "officer")
            asked = _asked(seeded, officer)
            keep_what_is_loaded()
            return [
                _figure(what, kind, officer, list(itertools.islice(addresses, ROUNDS)))
                for what, addresses in asked.items()
            ]


def _filled(here: Ground) -> Seeded:
    """Fill the database by a process of its own: no server has in its memory what all these cases were made of."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as another:
        return another.submit(_fill, here.kind, here.stack.settings, here.council).result()


def _fill(kind: str, settings: Settings, council: Council) -> Seeded:
    at = datetime.now(UTC).replace(microsecond=0)
    with create_app(settings).app_context():
        with transaction(council.id) as session:
            if kind == "PostgreSQL":
                # What is made here refers to what is made here: not to check that saves minutes.
                session.connection().execute(sa.text("SET LOCAL session_replication_role = replica"))
            seeded = write_cases(session, SIZE, council.users, at)
        with transaction(council.id) as session:
            write(session, build(session, at), at)
        if kind == "PostgreSQL":
            # As its own housekeeping does after so many new rows.
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(sa.text("VACUUM ANALYZE"))
    return seeded


def _figure(what: str, kind: str, officer: FlaskClient, addresses: list[str]) -> Figure:
    """Ask for each address and say how long that took; the first answers only warm the caches."""
    for address in addresses[:3]:
        officer.get(address)
    times = []
    for address in addresses:
        begun = time.perf_counter()
        response = officer.get(address)
        times.append(time.perf_counter() - begun)
        assert response.status_code == 200, f"{address}: {response.text}"
    middle, most = percentile(times, 0.5), percentile(times, 0.95)
    value = f"{milliseconds(middle)}, {milliseconds(most)}"
    return Figure(what, kind, value, f"p95 under {milliseconds(BUDGET_S)}", most < BUDGET_S)


def _asked(seeded: Seeded, officer: FlaskClient) -> dict[str, Iterator[str]]:
    """For each thing an officer does, the addresses it asks for, without end."""
    rng = random.Random(7)
    some = [rng.randrange(SIZE) for _ in range(200)]
    filters = (
        "ward=W3", "hazard=asbestos&ward=W7", "witness=1&state=closed", "repeat=1&state=new", "older_than_days=30",
        "waste=tyres&source=resident&ward=W1&sort=oldest", "kind=incident", "hazard=sharps&state=open",
    )  # fmt: skip
    typed = ("oldbury road", "watling street cor", "mill lane baxterley", "white tipper", "station maxstoke")
    letters = [text[:end] for text in typed for end in range(1, min(len(text), MAX_LETTERS) + 1)]
    rng.shuffle(letters)
    ids = [str(seeded.case_ids[index]) for index in some]
    places = [row["id"] for row in officer.get("/api/v1/hotspots?min=5").get_json()["items"][:20]]
    measured = _with_measures(seeded, officer)
    since = datetime.now(UTC).date() - timedelta(days=100)
    by = ("month", "ward", "kind", "waste", "source")
    all_years = quote(rfc3339(datetime.now(UTC) - timedelta(days=365 * YEARS + 1)))
    return {
        "The queue, new cases by need": itertools.repeat("/api/v1/cases?state=new"),
        "All cases, newest first": itertools.repeat("/api/v1/cases"),
        "The tenth page of closed cases": itertools.repeat(_tenth_page(officer)),
        "Filters": _cases(itertools.cycle(filters)),
        "Search by reference": _searches([seeded.references[index] for index in some]),
        "Search by receipt code": _searches([seeded.receipt_codes[index] for index in some]),
        "Search by place, letter by letter": _searches(letters),
        "Search by common words": _searches(["road", "lane", "hartshill road", "church lane", "o", "s c"]),
        "A case whole": (f"/api/v1/cases/{case_id}" for case_id in ids),
        "What lies around a case": (f"/api/v1/cases/{case_id}/nearby" for case_id in ids),
        "Open jobs": itertools.repeat("/api/v1/jobs"),
        "The list of hotspots": itertools.repeat("/api/v1/hotspots?min=5"),
        "A hotspot's page": (f"/api/v1/hotspots/{place}" for place in itertools.cycle(places)),
        "The page of one with measures": (f"/api/v1/hotspots/{place}" for place in itertools.cycle(measured)),
        "Did it work, since any day": (
            f"/api/v1/hotspots/{place}/effect?start={since}" for place in itertools.cycle(places)
        ),
        "The overview of a year": (f"/api/v1/insight/overview?by={name}" for name in itertools.cycle(by)),
        "The overview of five years": (
            f"/api/v1/insight/overview?by={name}&from={all_years}" for name in itertools.cycle(by)
        ),
    }


def _with_measures(seeded: Seeded, officer: FlaskClient) -> list[str]:
    """The ids of hotspots at which two measures or more are told of."""
    watched = {str(case_id) for case_id in seeded.watched}
    rows = officer.get("/api/v1/hotspots?min=5&limit=1000").get_json()["items"]
    places = [row["id"] for row in rows if watched.intersection(row["members"])]
    found = [id_ for id_ in places if len(officer.get(f"/api/v1/hotspots/{id_}").get_json()["effects"]) >= 2]
    assert found, "no hotspot has two measures"
    return found


def _cases(queries: Iterator[str]) -> Iterator[str]:
    return (f"/api/v1/cases?{query}" for query in queries)


def _searches(words: list[str]) -> Iterator[str]:
    return _cases(f"q={quote(text)}" for text in itertools.cycle(words))


def _tenth_page(officer: FlaskClient) -> str:
    address = "/api/v1/cases?state=closed"
    for _ in range(9):
        page: Any = officer.get(address).get_json()
        address = f"/api/v1/cases?state=closed&cursor={page['next']}"
    return address
