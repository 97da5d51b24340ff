"""How often one address may try: Flask-Limiter, counting in Redis where there is one, else in the process."""

from __future__ import annotations

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from server.config import Settings, counts_in_redis

SIGN_IN_LIMIT = "30 per minute; 200 per hour"
PUBLIC_REPORT_LIMIT = "20 per hour; 60 per day"
PUBLIC_READ_LIMIT = "120 per minute"

limiter = Limiter(key_func=get_remote_address, default_limits=[])


def start_limits(app: Flask, settings: Settings) -> None:
    """Attach the limits to `app`; a lost Redis falls back to counting in the process."""
    redis = counts_in_redis(settings.broker_url)
    app.config.setdefault("RATELIMIT_STORAGE_URI", settings.broker_url if redis else "memory://")
    app.config.setdefault("RATELIMIT_IN_MEMORY_FALLBACK_ENABLED", redis)
    app.config.setdefault("RATELIMIT_HEADERS_ENABLED", True)
    limiter.init_app(app)
