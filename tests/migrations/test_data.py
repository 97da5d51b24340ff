"""What is in the tables when they change is there afterwards, on both databases."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from server.config import Settings
from server.migrate import downgrade, upgrade
from server.store.checkpoints import verify
from server.store.database import db
from server.store.transaction import reading
from tests.builders import HERE, Council, drain, make_phone, manifest, position, report_op, sign_in

COUNCIL = uuid.UUID("5c0f3a52-9d1e-4c0a-9a44-6f2f0b1f7a10")
AT = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


@contextmanager
def connected(settings: Settings) -> Iterator[sa.Connection]:
    """A connection to the database, committed at the end."""
    engine = sa.create_engine(settings.database_url)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def insert(connection: sa.Connection, table: str, **values: Any) -> None:
    """A row of a table as it is just now."""
    connection.execute(sa.insert(_table(connection, table)).values(**values))


def rows(settings: Settings, table: str, *columns: str) -> list[Any]:
    """The rows of a table, in order; one column bare, several as tuples."""
    with connected(settings) as connection:
        found = _table(connection, table)
        wanted = [found.c[name] for name in columns]
        result = connection.execute(sa.select(*wanted).order_by(*wanted))
        return [row[0] if len(columns) == 1 else tuple(row) for row in result]


def _table(connection: sa.Connection, name: str) -> sa.Table:
    table = sa.Table(name, sa.MetaData(), autoload_with=connection, resolve_fks=False)
    for column in table.columns:
        # SQLite tells an id's column as what it is made of.
        if column.name == "id" or column.name.endswith("_id"):
            column.type = sa.Uuid()
    return table


def a_council(connection: sa.Connection, id_: uuid.UUID = COUNCIL, slug: str = "north") -> None:
    """A council as it was from the first migration on."""
    insert(connection, "authority", id=id_, slug=slug, name=slug, reference_prefix="NW", demo=False,
           bounds=[-1.7, 52.45, -1.4, 52.65], gazetteer_version=3)  # fmt: skip


def a_name(connection: sa.Connection, kind: str, name: str) -> None:
    """A name of the council's own."""
    insert(connection, "gazetteer_name", authority_id=COUNCIL, id=uuid.uuid4(), kind=kind, name=name,
           geometry="POINT (430965 297615)", source="own")  # fmt: skip


def test_landmarks_come_to_the_names_and_go_without_taking_the_others_along(empty: Settings) -> None:
    upgrade(empty, "0009")
    with connected(empty) as connection:
        a_council(connection)
        a_name(connection, "locality", "Hartshill")
    with pytest.raises(sa.exc.IntegrityError), connected(empty) as connection:
        a_name(connection, "landmark", "Hartshill Hayes")
    upgrade(empty, "0010")
    assert rows(empty, "authority", "slug", "gazetteer_version") == [("north", 3)]
    assert rows(empty, "authority", "gazetteer_changed_at") == [None], "nothing is placed anew by that"
    with connected(empty) as connection:
        a_name(connection, "landmark", "Hartshill Hayes")
    with pytest.raises(sa.exc.IntegrityError), connected(empty) as connection:
        a_name(connection, "castle", "Hartshill Castle")
    assert rows(empty, "gazetteer_name", "kind", "name") == [
        ("landmark", "Hartshill Hayes"), ("locality", "Hartshill"),
    ]  # fmt: skip
    downgrade(empty, "0009")
    assert rows(empty, "gazetteer_name", "kind", "name") == [("locality", "Hartshill")]


def test_hotspots_that_were_listed_before_stay_with_what_is_not_known_left_open(empty: Settings) -> None:
    upgrade(empty, "0010")
    with connected(empty) as connection:
        a_council(connection)
        insert(
            connection, "hotspot_run", authority_id=COUNCIL, id=uuid.uuid4(), as_of=AT, finished_at=AT,
            window_days=365, radius_m=100, min_count=3, half_life_days=90, input_sha256="0" * 64, cases=12,
            changes=[{"kind": "created"}],
        )  # fmt: skip
        insert(
            connection, "hotspot", authority_id=COUNCIL, id=uuid.uuid4(), kind="fly_tip", state="listed",
            label="Oldbury Road, Hartshill", rank=1, position=1, easting=430_965.0, northing=297_615.6, lat=52.5755,
            lon=-1.5445, extent_m=40.0, count=5, score=3.5, trend="rising", first=date(2026, 1, 2),
            last=date(2026, 10, 31), created_at=AT, rev=7,
        )  # fmt: skip
    upgrade(empty, "0011")
    kept = [("Oldbury Road, Hartshill", 1, 5, 3.5, 7)]
    assert rows(empty, "hotspot", "label", "rank", "count", "score", "rev") == kept
    assert [bool(named) for named in rows(empty, "hotspot", "named")] == [False], "nobody had named it"
    assert rows(empty, "hotspot", "expected", "p", "q") == [(None, None, None)]
    assert rows(empty, "hotspot_run", "cases", "background") == [(12, None)]
    with connected(empty) as connection:
        connection.execute(sa.text("UPDATE hotspot SET named = TRUE, p = 0.01"))
    downgrade(empty, "0010")
    assert rows(empty, "hotspot", "label", "rank", "count", "score", "rev") == kept
    assert rows(empty, "hotspot_run", "cases") == [12]


def test_the_one_outline_there_is_becomes_the_councils_own(empty: Settings) -> None:
    several = uuid.UUID("6d1f4b63-0000-4c0a-9a44-6f2f0b1f7a10")
    upgrade(empty, "0013")
    with connected(empty) as connection:
        for council, slug in ((COUNCIL, "north"), (several, "south"), (uuid.uuid4(), "west")):
            a_council(connection, council, slug)
        for council, kind, code in (
            (COUNCIL, "authority", "E07000218"), (COUNCIL, "ward", "E05007465"),
            (several, "authority", "E07000219"), (several, "authority", "E07000220"),
        ):  # fmt: skip
            insert(connection, "area", authority_id=council, id=uuid.uuid4(), kind=kind, code=code, name=code,
                   geometry="POLYGON ((0 0, 1 0, 1 1, 0 0))")  # fmt: skip
    upgrade(empty, "0014")
    assert rows(empty, "authority", "slug", "area_code") == [
        ("north", "E07000218"), ("south", None), ("west", None),
    ]  # fmt: skip
    downgrade(empty, "0013")
    assert len(rows(empty, "area", "code")) == 4


def test_photos_stay_as_they_were_when_their_metadata_came_and_went(app: Flask, council: Council) -> None:
    photos = [manifest(b"one"), manifest(b"two")]
    make_phone(app, council).push(report_op(photos=photos))
    settings = app.config["SETTINGS"]
    with app.app_context():
        before = _whole("photo")
        assert {row["upload_metadata"] for row in before} == {None}
        downgrade(settings, "0012")
        assert [dict(row) | {"upload_metadata": None} for row in _whole("photo")] == before
        upgrade(settings)
        assert _whole("photo") == before


def test_hotspots_stay_when_the_parts_of_a_round_came_and_went(app: Flask, council: Council) -> None:
    spots = [position(HERE[0] + metres / 111_000, HERE[1]) for metres in (0, 45)]
    reports = [report_op(seq=number, position=spot) for number, spot in enumerate(spots)]
    make_phone(app, council).push(*reports)
    drain(app)
    settings = app.config["SETTINGS"]
    with app.app_context():
        before = _hotspots(), _whole("hotspot_run")
        assert len(before[0]) == 1
        downgrade(settings, "0014")
        assert (_hotspots(), _whole("hotspot_run")) == before
        upgrade(settings)
        assert (_hotspots(), _whole("hotspot_run")) == before
        assert _whole("hotspot_part") == []


def _hotspots() -> list[dict[str, Any]]:
    """All but since when they are quiet, which says nothing of the place."""
    return [{name: row[name] for name in row if name != "quiet_from"} for row in _whole("hotspot")]


def test_what_was_done_about_a_kept_op_stays_on_record_without_a_word_for_it(
    app: Flask, council: Council
) -> None:
    phone, officer = make_phone(app, council), sign_in(app, council, "officer")
    letter = {"op_id": "dead", "raw": "torn {", "problem": None, "why": "x"}
    phone.client.post("/api/v1/sync/deadletter", json={"device_id": str(phone.device_id), "items": [letter]})
    (kept,) = officer.get("/api/v1/sync/kept").get_json()["items"]
    assert officer.post(f"/api/v1/sync/kept/{kept['id']}/settle", json={"note": "Rang"}).status_code == 200
    settings = app.config["SETTINGS"]
    with app.app_context():
        (before,) = _whole("note")
        downgrade(settings, "0015")
        assert _whole("note") == [before | {"subject_kind": "report"}]
        assert [row["raw"] for row in _whole("kept_op")] == ["torn {"]
        upgrade(settings)
        assert _whole("note") == [before]
        with reading(council.id) as session:
            assert verify(session) == []


def _whole(table: str) -> list[dict[str, object]]:
    """All of a table, read over a connection that the change of its columns has not met."""
    db.session.remove()
    db.engine.dispose()
    with db.engine.connect() as connection:
        found = connection.execute(sa.text(f"SELECT * FROM {table} ORDER BY id")).mappings()
        rows_found = [dict(row) for row in found]
    db.engine.dispose()
    return rows_found
