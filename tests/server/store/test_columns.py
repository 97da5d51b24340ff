"""Columns know their types from the start: statements are made while modules are still being imported."""

from __future__ import annotations

import subprocess
import sys

LOOK = """
import sqlalchemy as sa
from server.store.deferred import DeferredTask
from server.store.transaction import Counter
for table in (DeferredTask, Counter):
    print(type(table.__table__.c.authority_id.type) is sa.Uuid)
"""


def test_whose_a_row_is_has_its_type_before_councils_are_known() -> None:
    """Without one, an id in a statement made then is handed to SQLite as it is, which refuses it."""
    done = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True"]
