"""The Celery application of workers: `celery -A workers.app worker`, which does what beat's starts and more."""

from __future__ import annotations

from server.app import create_app
from workers.beat import celery, settings
from workers.tasks import bind

flask_app = create_app(settings, celery=celery)
bind(celery, flask_app)
