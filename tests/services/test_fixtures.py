"""The services that other tests stand on are real, fresh for each test, and gone afterwards."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
import redis
import sqlalchemy as sa

from server.access.models import Authority
from server.app import create_app
from server.store.database import db
from tests.services.postgres_server import running_postgres
from tests.services.redis_server import running_redis
from tests.services.settings import settings_for


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_a_fresh_migrated_database(database_url: str, turn: int) -> None:
    engine = sa.create_engine(database_url)
    with engine.begin() as connection:
        assert "report" in sa.inspect(connection).get_table_names()
        connection.execute(sa.text("CREATE TABLE only_here (turn INTEGER)"))
    engine.dispose()


@pytest.mark.parametrize("turn", [1, 2])
def test_nothing_is_read_over_a_connection_that_another_test_left_open(
    database_url: str, tmp_path: Path, turn: int
) -> None:
    left = {"id": uuid.uuid4(), "slug": f"turn-{turn}", "name": "Left behind", "reference_prefix": "LB"}
    app = create_app(settings_for(database_url, tmp_path))
    with app.app_context(), db.engine.begin() as connection:
        assert connection.execute(sa.select(Authority)).all() == []
        connection.execute(sa.insert(Authority).values(**left, demo=False))


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_an_empty_redis(redis_url: str, turn: int) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("turn", turn)


def test_redis_can_be_killed_and_started_again(tmp_path: Path) -> None:
    with running_redis(tmp_path) as server:
        server.kill()
        assert not server.answers()
        server.start()
        assert server.answers()


def test_postgres_can_be_killed_and_started_again_with_its_data() -> None:
    with running_postgres(durable=True) as server:
        engine = sa.create_engine(
            server.url.replace("postgresql:", "postgresql+psycopg:"), poolclass=sa.NullPool
        )
        with engine.begin() as connection:
            connection.execute(sa.text("CREATE TABLE kept (id INTEGER)"))
        server.kill()
        assert not server.answers()
        server.start()
        assert "kept" in sa.inspect(engine).get_table_names()
    assert not server.folder.exists()
