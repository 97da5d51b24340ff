"""The Celery application of beat: `celery -A workers.beat beat`. It loads nothing of what the tasks do."""

from __future__ import annotations

from server.config import load_settings
from server.store.broker import make_celery
from workers.schedule import schedule

settings = load_settings()
celery = make_celery(settings)
celery.conf.beat_schedule = schedule(
    float(settings.sweep_every_s), asks_outside=bool(settings.outside_services)
)
celery.conf.beat_max_loop_interval = 5
