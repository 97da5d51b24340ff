"""Migrations: one head, equal to the models on both databases, each one up, down and up again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from server.config import Settings
from server.migrate import alembic_config, downgrade, upgrade
from server.store.database import db
from server.tables import import_models


def revisions(settings: Settings) -> list[str]:
    """Every revision, oldest first."""
    scripts = ScriptDirectory.from_config(alembic_config(settings))
    return [script.revision for script in scripts.walk_revisions()][::-1]


def schema_of(settings: Settings) -> dict[str, object]:
    """What is in a database, less Alembic's own table."""
    engine = sa.create_engine(settings.database_url)
    inspector = sa.inspect(engine)
    named = (
        inspector.get_multi_indexes(), inspector.get_multi_foreign_keys(),
        inspector.get_multi_check_constraints(), inspector.get_multi_unique_constraints(),
    )  # fmt: skip
    found: dict[str, object] = {
        key[1]: [
            sorted(f"{each['name']} {each['type']} {each['nullable']}" for each in columns),
            *(sorted(str(each["name"]) for each in kind.get(key, ())) for kind in named),
        ]
        for key, columns in inspector.get_multi_columns().items()
        if key[1] != "alembic_version"
    }
    found["triggers"] = triggers_of(engine)
    engine.dispose()
    return found


def triggers_of(engine: sa.Engine) -> list[str]:
    """The names of the triggers, and of the functions behind them."""
    query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    if engine.dialect.name == "postgresql":
        query = (
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal UNION ALL "
            "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        )
    with engine.connect() as connection:
        return sorted(connection.execute(sa.text(query)).scalars())


def test_there_is_one_head_and_a_straight_line_to_it(empty: Settings) -> None:
    scripts = ScriptDirectory.from_config(alembic_config(empty))
    assert len(scripts.get_heads()) == len(scripts.get_bases()) == 1
    assert all(not script.is_branch_point for script in scripts.walk_revisions())


def test_the_head_is_what_the_models_say(empty: Settings) -> None:
    import_models()
    upgrade(empty)
    engine = sa.create_engine(empty.database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []
    engine.dispose()


def test_the_heads_constraints_are_those_of_the_models(empty: Settings) -> None:
    """Alembic does not compare checks: by name, so that none is forgotten or left over."""
    import_models()
    upgrade(empty)
    engine = sa.create_engine(empty.database_url)
    inspector = sa.inspect(engine)
    for table in db.metadata.sorted_tables:
        modelled = {
            str(each.name) for each in table.constraints if isinstance(each, sa.CheckConstraint) and each.name
        }
        assert {str(each["name"]) for each in inspector.get_check_constraints(table.name)} == modelled, (
            table.name
        )
    engine.dispose()


def test_each_migration_goes_up_down_and_up_again(empty: Settings) -> None:
    before, schema = "base", schema_of(empty)
    for revision in revisions(empty):
        upgrade(empty, revision)
        schema_after = schema_of(empty)
        downgrade(empty, before)
        assert schema_of(empty) == schema, f"down from {revision}"
        upgrade(empty, revision)
        assert schema_of(empty) == schema_after, f"up again to {revision}"
        before, schema = revision, schema_after


def test_all_of_them_go_down_to_nothing_and_up_to_the_same(empty: Settings) -> None:
    upgrade(empty)
    whole = schema_of(empty)
    downgrade(empty, "base")
    assert schema_of(empty) == {"triggers": []}
    upgrade(empty)
    assert schema_of(empty) == whole


def test_migrating_what_is_migrated_changes_nothing(empty: Settings) -> None:
    upgrade(empty)
    before = schema_of(empty)
    upgrade(empty)
    assert schema_of(empty) == before
