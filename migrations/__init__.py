"""Alembic migrations: numbered, one head, the same on SQLite and PostgreSQL."""
