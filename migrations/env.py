"""How Alembic reaches the database: one transaction for each run, on an engine of its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context

from server.store.database import WRITING, db
from server.tables import import_models

import_models()
url = context.config.attributes["database_url"]
engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
with engine.connect().execution_options(**{WRITING: True}) as connection:
    context.configure(connection=connection, target_metadata=db.metadata, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
