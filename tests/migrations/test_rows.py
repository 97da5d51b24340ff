"""What is in a database when a migration comes is there afterwards, on both databases."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask

from server.migrate import downgrade, upgrade
from server.store.database import db
from tests.builders import Council, make_phone, manifest, report_op


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


def _photos() -> list[dict[str, object]]:
    db.session.remove()
    db.engine.dispose()
    with db.engine.connect() as connection:
        rows = [
            dict(row) for row in connection.execute(sa.text("SELECT * FROM photo ORDER BY id")).mappings()
        ]
    db.engine.dispose()
    return rows
