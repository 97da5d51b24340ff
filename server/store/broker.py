"""The Celery application that both sides share: the web process sends by name, workers run."""

from __future__ import annotations

from typing import Any

from celery import Celery

from server.config import Settings

QUEUE = "tipwatch"


def make_celery(settings: Settings) -> Celery:
    """Celery on Redis, or on kombu's file transport inside the data folder where nothing else is installed."""
    celery = Celery("tipwatch", broker=settings.broker_url)
    celery.conf.update(
        task_default_queue=QUEUE,
        task_ignore_result=True,
        task_acks_late=False,
        task_serializer="json",
        accept_content=["json"],
        timezone="UTC",
        enable_utc=True,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_connection_timeout=2,
        broker_transport_options=_transport_options(settings),
    )
    return celery


def _transport_options(settings: Settings) -> dict[str, Any]:
    if not settings.broker_url.startswith("filesystem"):
        return {"socket_connect_timeout": 2, "socket_timeout": 5}
    folder = settings.data_dir / "broker"
    queue, control = folder / "queue", folder / "control"
    for path in (queue, control):
        path.mkdir(parents=True, exist_ok=True)
    return {
        "data_folder_in": str(queue),
        "data_folder_out": str(queue),
        "control_folder": str(control),
        "store_processed": False,
        "polling_interval": 0.5,
    }
