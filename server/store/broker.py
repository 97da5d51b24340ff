"""The Celery application that both sides share: the web process sends by name, workers run."""

from __future__ import annotations

from typing import Any

from celery import Celery

from server.config import Settings, counts_in_redis
from server.store import folder_queue

# What a person waits for: a report's place, its photos, and the sweep that sends again what was lost.
QUEUE = "tipwatch"
# What takes long and may: lists built anew, reports placed anew, what the clock starts. Workers of its own do it.
LONG_QUEUE = "tipwatch-long"
# Which of it is taken first. An officer asked for it and looks at the screen; or it is part of what was begun, whose
# list would else come after those of a whole night; or it waits for its turn. Redis has keys of its own for just these.
ASKED_FOR, BEGUN, IN_TURN = 0, 3, 6
LONG = {
    "tipwatch.hotspots.asked": ASKED_FOR,
    "tipwatch.hotspots.find_part": BEGUN,
    "tipwatch.hotspots.join_parts": BEGUN,
    "tipwatch.hotspots.*": IN_TURN,
    "tipwatch.places.place_again": IN_TURN,
    "tipwatch.nightly_hotspots": IN_TURN,
    "tipwatch.daily_checkpoint": IN_TURN,
    "tipwatch.expire_uploads": IN_TURN,
    "tipwatch.forget_done": IN_TURN,
    "tipwatch.settle_held": IN_TURN,
    "tipwatch.tidy_residents": IN_TURN,
}
# Looking costs one listing of a folder that is nearly always empty.
FOLDER_POLLING_S = 0.2


def make_celery(settings: Settings) -> Celery:
    """Celery on Redis, or on messages as files inside the data folder where nothing else is installed."""
    folder_url = f"{folder_queue.SCHEME}://localhost"
    celery = Celery("tipwatch", broker=folder_url if _in_folder(settings) else settings.broker_url)
    celery.conf.update(
        task_default_queue=QUEUE,
        # A worker that is told of no queue serves both.
        task_queues={name: {"exchange": name, "routing_key": name} for name in (QUEUE, LONG_QUEUE)},
        task_routes={name: {"queue": LONG_QUEUE, "priority": turn} for name, turn in LONG.items()},
        task_ignore_result=True,
        task_acks_late=False,
        task_serializer="json",
        accept_content=["json"],
        timezone="UTC",
        enable_utc=True,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_prefetch_multiplier=1,
        # A pool would take one more from Redis while all its processes are at work, which nothing could come before.
        worker_disable_prefetch=counts_in_redis(settings.broker_url),
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_connection_timeout=2,
        broker_transport_options=_transport_options(settings),
    )
    return celery


def _in_folder(settings: Settings) -> bool:
    return settings.broker_url.startswith("filesystem")


def _transport_options(settings: Settings) -> dict[str, Any]:
    turns = {"priority_steps": [ASKED_FOR, BEGUN, IN_TURN]}
    if _in_folder(settings):
        folder = str(settings.data_dir / "broker")
        return turns | {"folder": folder, "polling_interval": FOLDER_POLLING_S}
    # A worker whose acknowledgement was lost together with Redis waited for room to take the next message, without end.
    # What it took is not Redis's to remember anyway: the task's row is.
    return turns | {"socket_connect_timeout": 2, "socket_timeout": 5, "ack_emulation": False}
