"""Building what tests need, through the product's own services wherever there is one."""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient

from server.access import service as access
from server.access.models import Authority, User
from server.access.request import COOKIE
from server.intake.receipt import receipt_code
from server.places.imports import import_areas, import_names
from server.store.clock import now, rfc3339
from server.store.deferred import DeferredTask
from server.store.events import SYSTEM
from server.store.transaction import ACROSS_AUTHORITIES, reading, transaction
from workers import tasks

PASSWORD = "correct horse battery"
# A square of about 14 by 22 km around Hartshill, and three lanes in it: enough to be placed by.
WEST, SOUTH, EAST, NORTH = -1.70, 52.45, -1.40, 52.65
HERE = (52.5755, -1.5445)


@dataclass(frozen=True, slots=True)
class Council:
    """A council with one user of each role, all with PASSWORD."""

    id: uuid.UUID
    slug: str
    users: dict[str, uuid.UUID]

    def email(self, role: str) -> str:
        """The email of the user with this role."""
        return f"{role}@{self.slug}.example"


def make_council(app: Flask, tmp_path: Path, slug: str = "north", prefix: str = "NW") -> Council:
    """A council with users, an outline, a ward, three lanes and two villages."""
    authority_id = uuid.uuid4()
    with app.app_context():
        with transaction(authority_id) as session:
            session.add(
                Authority(id=authority_id, slug=slug, name=f"{slug.title()} Borough", reference_prefix=prefix)
            )
        with transaction(authority_id) as session:
            users = {role: _user(session, slug, role) for role in ("crew", "officer", "manager", "admin")}
        with transaction(authority_id) as session:
            import_names(session, _names_file(tmp_path))
            import_areas(session, _areas_file(tmp_path))
    return Council(authority_id, slug, users)


def _user(session: Any, slug: str, role: str) -> uuid.UUID:
    user = access.add_user(
        session,
        email=f"{role}@{slug}.example",
        name=f"{role.title()} of {slug}",
        role=role,
        by=SYSTEM,
        at=now(),
    )
    user.password_hash = _password_hash()
    return user.id


@cache
def _password_hash() -> str:
    """Argon2 is slow on purpose, which tests need not be."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def _names_file(folder: Path) -> Path:
    path = folder / "names.csv"
    path.write_text(
        "kind,name,lat,lon,geometry,source\n"
        'road,Oldbury Road,,,"LINESTRING(-1.5500 52.5750, -1.5445 52.5755, -1.5400 52.5760)",test\n'
        'road,Folly Lane,,,"LINESTRING(-1.6000 52.5000, -1.5900 52.5010)",test\n'
        'road,Marsh Lane,,,"LINESTRING(-1.6500 52.6000, -1.6400 52.6010)",test\n'
        "locality,Hartshill,52.5780,-1.5300,,test\n"
        "locality,Corley,52.4980,-1.5950,,test\n"
        "postcode,CV10 0TD,52.5757,-1.5440,,test\n"
    )
    return path


def _areas_file(folder: Path) -> Path:
    path = folder / "areas.geojson"
    ring = [[WEST, SOUTH], [EAST, SOUTH], [EAST, NORTH], [WEST, NORTH], [WEST, SOUTH]]
    features = [
        {"type": "Feature", "properties": {"kind": kind, "code": code, "name": name},
         "geometry": {"type": "Polygon", "coordinates": [ring]}}
        for kind, code, name in (("authority", "X01", "North"), ("ward", "X01W1", "Hartshill Ward"))
    ]  # fmt: skip
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


@dataclass(frozen=True, slots=True)
class Phone:
    """A signed-in browser with an enrolled device."""

    client: FlaskClient
    device_id: uuid.UUID

    def push(self, *ops: Any) -> list[dict[str, Any]]:
        """Push ops and return the verdicts."""
        body = {"device_id": str(self.device_id), "ops": list(ops)}
        response = self.client.post("/api/v1/sync/push", json=body)
        assert response.status_code == 200, response.text
        return list(response.get_json()["results"])

    def pull(self, cursor: str | None = None, limit: int = 500) -> dict[str, Any]:
        """One page of the pull."""
        query: dict[str, Any] = {"limit": limit} | ({"cursor": cursor} if cursor else {})
        response = self.client.get("/api/v1/sync/pull", query_string=query)
        assert response.status_code == 200, response.text
        return dict(response.get_json())

    def pull_all(self, cursor: str | None = None, limit: int = 500) -> tuple[list[dict[str, Any]], str]:
        """Every page from `cursor` on: the changes, and the cursor to go on from."""
        changes: list[dict[str, Any]] = []
        while True:
            page = self.pull(cursor, limit)
            changes += page["changes"]
            cursor = str(page["cursor"])
            if not page["more"]:
                return changes, cursor


class SetClock:
    """A clock that stands still until it is moved."""

    def __init__(self, app: Flask, moment: datetime) -> None:
        self.moment = moment
        app.config["CLOCK"] = lambda: self.moment

    def forward(self, by: timedelta) -> None:
        """Let time pass."""
        self.moment += by


def browser(app: Flask) -> FlaskClient:
    """A browser on our own pages, without a session."""
    client = app.test_client()
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    return client


def sign_in(app: Flask, council: Council, role: str) -> FlaskClient:
    """A browser on our own pages, signed in as the council's user with this role."""
    client = browser(app)
    with app.app_context(), transaction(council.id) as session:
        user = session.get_one(User, (council.id, council.users[role]))
        client.set_cookie(COOKIE, access.open_sign_in(session, user, now()))
    return client


def make_phone(app: Flask, council: Council, role: str = "crew") -> Phone:
    """A signed-in, enrolled phone."""
    client, device_id = sign_in(app, council, role), uuid.uuid4()
    body = {"id": str(device_id), "label": f"{role}'s phone"}
    response = client.post("/api/v1/devices", json=body)
    assert response.status_code == 200, response.text
    return Phone(client, device_id)


def position(
    lat: float = HERE[0], lon: float = HERE[1], accuracy_m: float | None = 8.0, source: str = "gps"
) -> dict[str, Any]:
    """A position as the wire carries it."""
    return {"lat": lat, "lon": lon, "accuracy_m": accuracy_m, "source": source, "fixed_at": text_now()}


def report_payload(**changes: Any) -> dict[str, Any]:
    """A whole `report.create` payload, with changes."""
    return {
        "id": str(uuid.uuid4()), "kind": "fly_tip", "category": "fly_tip", "seen_at": text_now(),
        "position": position(), "description": "Fridge and six tyres", "waste": ["white_goods", "tyres"],
        "size": "small_van_load", "land": "highway", "hazards": [], "witnessed": False, "joins": None,
        "photos": [], "extra": {},
    } | changes  # fmt: skip


def make_op(type_: str, entity_id: Any, payload: Any, *, seq: int = 1, **changes: Any) -> dict[str, Any]:
    """An op of a push; `payload` is turned into text and hashed."""
    text = payload if isinstance(payload, str) else json.dumps(payload)
    return {
        "op_id": str(uuid.uuid4()), "seq": seq, "type": type_, "entity_id": str(entity_id), "base_rev": None,
        "after": None, "schema": 1, "payload": text, "payload_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "device_time": text_now(), "tz_offset_min": 0, "clock_offset_ms": -840,
    } | changes  # fmt: skip


def report_op(*, seq: int = 1, **changes: Any) -> dict[str, Any]:
    """An op that creates a report; `changes` are of its payload."""
    payload = report_payload(**changes)
    return make_op("report.create", payload["id"], payload, seq=seq)


def manifest(content: bytes, **changes: Any) -> dict[str, Any]:
    """A photo as a report announces it."""
    return {
        "id": str(uuid.uuid4()),
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "mime": "image/jpeg",
    } | changes


def deferred_tasks(app: Flask, name: str) -> list[DeferredTask]:
    """The deferred tasks of this name over all councils, oldest first."""
    with app.app_context(), reading(None) as session:
        query = sa.select(DeferredTask).where(DeferredTask.name == name).order_by(DeferredTask.created_at)
        found = list(session.scalars(query, execution_options=ACROSS_AUTHORITIES))
        session.expunge_all()
        return found


def drain(app: Flask) -> int:
    """Run every deferred task, due or not, until none is left; returns how many ran."""
    for module in tasks.MODULES:
        import_module(module)
    ran = 0
    with app.app_context():
        while True:
            with reading(None) as session:
                waiting = sa.select(DeferredTask).where(
                    DeferredTask.done_at.is_(None), DeferredTask.attempts == 0
                )
                rows = list(
                    session.scalars(
                        waiting.order_by(DeferredTask.created_at).execution_options(**ACROSS_AUTHORITIES)
                    )
                )
                todo = [(row.name, row.authority_id, row.id) for row in rows]
            if not todo:
                return ran
            for name, authority_id, task_id in todo:
                tasks.run(name, authority_id, task_id)
                ran += 1


def case_of(officer: FlaskClient, report_id: Any) -> dict[str, Any]:
    """The case that an officer finds by a report's receipt code, whole."""
    code = receipt_code(uuid.UUID(str(report_id)))
    items = officer.get("/api/v1/cases", query_string={"q": code}).get_json()["items"]
    assert len(items) == 1, f"{len(items)} cases hold report {code}"
    return dict(officer.get(f"/api/v1/cases/{items[0]['id']}").get_json())


def text_now(offset: timedelta = timedelta(0)) -> str:
    """The time now, or so much later, as the wire writes it."""
    return rfc3339(datetime.now(UTC) + offset)
