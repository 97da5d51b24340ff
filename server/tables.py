"""Every module that defines tables, for migrations and for the check that models and migrations agree."""

from __future__ import annotations

from importlib import import_module

MODULES = (
    "server.store.transaction", "server.store.events", "server.store.checkpoints", "server.store.deferred",
    "server.store.notes", "server.access.models", "server.places.models", "server.places.outside.models",
    "server.photos.models", "server.intake.models", "server.cases.models", "server.cases.words",
    "server.hotspots.models", "server.residents.models",
)  # fmt: skip


def import_models() -> None:
    """Import them all, so that the metadata is whole."""
    for name in MODULES:
        import_module(name)
