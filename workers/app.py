"""The Celery application of workers and beat: `celery -A workers.app worker`, `celery -A workers.app beat`."""

from __future__ import annotations

from server.app import create_app
from server.config import load_settings
from server.store.broker import make_celery
from workers.schedule import schedule
from workers.tasks import bind

settings = load_settings()
celery = make_celery(settings)
celery.conf.beat_schedule = schedule(
    float(settings.sweep_every_s), asks_outside=bool(settings.outside_services)
)
celery.conf.beat_max_loop_interval = 5
flask_app = create_app(settings, celery=celery)
bind(celery, flask_app)
