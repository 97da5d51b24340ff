"""One PostgreSQL database that is as new for each test: emptied, which takes a tenth of the time of making one."""

from __future__ import annotations

import psycopg
from psycopg import sql

from tests.services.postgres_server import PostgresDatabases

# Rows that were deleted still take room, which slows down every look through a table.
USES = 60

# Everything but rows that a test may have changed: columns, triggers, constraints and indexes.
_SHAPE = """
    SELECT md5(string_agg(line, '|' ORDER BY line)) FROM (
        SELECT concat(attrelid::regclass, '.', attname, atttypid, attnotnull) AS line FROM pg_attribute
            WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
        UNION ALL SELECT concat(tgrelid::regclass, tgname, tgenabled) FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL SELECT concat(conrelid::regclass, conname) FROM pg_constraint
        UNION ALL SELECT concat(indexrelid::regclass, indisvalid) FROM pg_index
            WHERE indexrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
    ) AS lines
"""
_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"


class FreshPostgres:
    """A copy of `template`, a migrated database without rows, that is made fresh for each use."""

    def __init__(self, databases: PostgresDatabases, template: str) -> None:
        self._databases, self._template = databases, template
        self._name = f"{template}_fresh"
        self._uses = 0
        self._shape = ""

    def url(self) -> str:
        """The address of the database, fresh."""
        if self._uses == 0 or self._uses >= USES or not self._emptied():
            self._make()
        self._uses += 1
        return self._databases.url_of(self._name)

    def drop(self) -> None:
        """Remove it."""
        self._databases.drop(self._name)
        self._uses = 0

    def _make(self) -> None:
        self.drop()
        self._databases.create(template=self._template, name=self._name)
        with self._databases.connected(self._name) as connection:
            self._shape = self._shape_of(connection)

    def _emptied(self) -> bool:
        """Take every row out; False where that does not make it as it was."""
        with self._databases.connected(self._name) as connection:
            connection.execute(_OTHERS)
            if self._shape_of(connection) != self._shape:
                return False
            # Neither the order of the tables nor the triggers that keep the record stand in the way.
            connection.execute("SET session_replication_role = replica")
            for (table,) in connection.execute(_TABLES).fetchall():
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
        return True

    @staticmethod
    def _shape_of(connection: psycopg.Connection[tuple[str, ...]]) -> str:
        found = connection.execute(_SHAPE).fetchone()
        assert found is not None
        return found[0]
