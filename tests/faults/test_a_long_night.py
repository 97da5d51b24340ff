"""While a night's lists are built a new report has its place and its photo, as by day; a list asked for is next."""

from __future__ import annotations

import time

import pytest
import sqlalchemy as sa

from server.intake.models import ReportStanding
from server.photos.models import Photo
from server.store import deferred
from server.store.broker import LONG_QUEUE, QUEUE
from server.store.deferred import HOTSPOTS_ASKED, REBUILD_HOTSPOTS, DeferredTask
from server.store.transaction import reading, transaction
from tests.faults.conftest import Town
from tests.faults.counts import count_everything, open_tasks, wait_until_done
from tests.faults.paused import FIRST_OF_ALL, paused_at
from tests.services.processes import wait_for

pytestmark = pytest.mark.proof
# Within this a worker has taken whatever it takes beside the list that it builds.
SETTLED_S = 1.0
BUILDING = "workers.tasks.hotspots:read_cases:before"


def test_a_new_report_is_placed_while_a_list_is_being_built(town: Town) -> None:
    """Whichever process takes the list is held in the middle of it."""
    paused = {"TIPWATCH_TEST_PAUSE": BUILDING, "TIPWATCH_TEST_PAUSED": str(town.stack.folder / "paused")}
    town.stack.set_environ("worker", {**FIRST_OF_ALL, **paused})
    with paused_at(town.stack, "long-worker", BUILDING) as pause:
        town.stack.start("worker", "web", "beat")
        with town.stack.app(), transaction(town.council.id):
            for _ in range(20):
                deferred.defer(REBUILD_HOTSPOTS, town.council.id)
        pause.wait()
        phone = town.signed_in_phone()
        phone.save_report()
        phone.send_all()
        with town.stack.app():
            wait_for("the place of the new report, and its photo", lambda: _is_placed(town), 20)
        assert open_tasks(town.stack, town.council, REBUILD_HOTSPOTS) == 20, "the list is still being built"
    wait_until_done(town.stack, town.council)
    count_everything(town.stack, town.council, [phone])


def _is_placed(town: Town) -> bool:
    with reading(town.council.id) as session:
        placed = session.scalar(sa.select(ReportStanding.placed_at))
        return placed is not None and session.scalar(sa.select(Photo.state)) == "verified"


def test_each_worker_of_a_tree_takes_from_its_own_queue_alone(town: Town) -> None:
    """What is sent for one is left lying by the other."""
    town.stack.start("web", "long-worker", "beat")
    phone = town.signed_in_phone()
    phone.save_report()
    phone.send_all()
    with town.stack.app(), transaction(town.council.id):
        deferred.defer(REBUILD_HOTSPOTS, town.council.id)
    with town.stack.app():
        wait_for("the list", lambda: not open_tasks(town.stack, town.council, REBUILD_HOTSPOTS), 60)
        assert not _is_placed(town)
    assert QUEUE != LONG_QUEUE
    town.stack.start("worker")
    wait_until_done(town.stack, town.council)
    count_everything(town.stack, town.council, [phone])


@pytest.mark.parametrize(
    ("found", "worker"),
    [("embedded_town", "long-worker"), ("served_town", "long-worker"), ("served_town", "pool")],
)
def test_a_list_that_is_asked_for_is_the_next_to_be_built(
    request: pytest.FixtureRequest, found: str, worker: str
) -> None:
    """A worker in the middle of one of the night's lists has none of the others in its hands already."""
    town: Town = request.getfixturevalue(found)
    with paused_at(town.stack, worker, BUILDING) as pause, town.stack.app():
        for _ in range(4):
            _send(town, REBUILD_HOTSPOTS)
        pause.wait()
        time.sleep(SETTLED_S)
        _send(town, HOTSPOTS_ASKED)
        pause.end()
        wait_until_done(town.stack, town.council)
        with reading(town.council.id) as session:
            lists = sa.select(DeferredTask.name).where(
                DeferredTask.name.in_([HOTSPOTS_ASKED, REBUILD_HOTSPOTS])
            )
            built = session.scalars(lists.order_by(DeferredTask.done_at)).all()
    assert built == [REBUILD_HOTSPOTS, HOTSPOTS_ASKED, *[REBUILD_HOTSPOTS] * 3]


def _send(town: Town, name: str) -> None:
    """In a message of its own, as each council's list is sent."""
    with transaction(town.council.id):
        deferred.defer(name, town.council.id)
