"""The application as gunicorn serves it in these tests: connections count as dead after one second, not thirty."""

from __future__ import annotations

from server.app import create_app
from server.photos import routes

routes.STALLED_S = 1.0
app = create_app()
