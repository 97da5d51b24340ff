"""What is in a database when a migration comes is there afterwards, on both databases."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask

from server.migrate import downgrade, upgrade
from server.store.database import db
from tests.builders import HERE, Council, drain, make_phone, manifest, position, report_op


def test_photos_stay_as_they_were_when_their_metadata_came_and_went(app: Flask, council: Council) -> None:
    photos = [manifest(b"one"), manifest(b"two")]
    make_phone(app, council).push(report_op(photos=photos))
    settings = app.config["SETTINGS"]
    with app.app_context():
        before = _photos()
        assert {row["upload_metadata"] for row in before} == {None}
        downgrade(settings, "0012")
        assert [dict(row) | {"upload_metadata": None} for row in _photos()] == before
        upgrade(settings)
        assert _photos() == before


def test_hotspots_stay_when_the_parts_of_a_round_came_and_went(app: Flask, council: Council) -> None:
    spots = [position(HERE[0] + metres / 111_000, HERE[1]) for metres in (0, 45)]
    reports = [report_op(seq=number, position=spot) for number, spot in enumerate(spots)]
    make_phone(app, council).push(*reports)
    drain(app)
    settings = app.config["SETTINGS"]
    with app.app_context():
        before = _rows("hotspot"), _rows("hotspot_run")
        assert len(before[0]) == 1
        downgrade(settings, "0014")
        assert (_rows("hotspot"), _rows("hotspot_run")) == before
        upgrade(settings)
        assert (_rows("hotspot"), _rows("hotspot_run")) == before
        assert _rows("hotspot_part") == []


def _rows(table: str) -> list[dict[str, object]]:
    db.session.remove()
    db.engine.dispose()
    with db.engine.connect() as connection:
        return [
            dict(row._mapping) for row in connection.execute(sa.text(f"SELECT * FROM {table} ORDER BY id"))
        ]


def _photos() -> list[dict[str, object]]:
    db.session.remove()
    db.engine.dispose()
    with db.engine.connect() as connection:
        rows = [
            dict(row) for row in connection.execute(sa.text("SELECT * FROM photo ORDER BY id")).mappings()
        ]
    db.engine.dispose()
    return rows
