"""create_app: configuration, database, errors, limits, and the blueprints, each with exactly one audience."""

from __future__ import annotations

import logging
from importlib import import_module
from typing import Any

from celery import Celery
from flask import Flask, current_app, request
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader
from werkzeug.middleware.proxy_fix import ProxyFix

from server.access.limits import start_limits
from server.access.request import identify
from server.access.rules import ANYONE, allow, enforce
from server.config import Settings, load_settings
from server.description import API_BLUEPRINTS
from server.errors import register_errors
from server.store.broker import make_celery
from server.store.clock import Clock, system_clock
from server.store.compression import compress_answers
from server.store.database import db, engine_options
from server.store.deferred import Sender
from server.store.files import FileStore
from server.store.requests import close_files_of_forms, refuse_cut_off_bodies
from server.store.security import add_security_headers

# Importing them registers op types and feeds, in the order of the life of a report.
REGISTERING = (
    "server.intake.ops", "server.cases.ops", "server.cases.feed", "server.cases.photos", "server.cases.shown",
    "server.hotspots.feed", "server.hotspots.shown",
    "server.residents.uploads",
)  # fmt: skip
PAGE_BLUEPRINTS = (
    "server.access.pages", "server.residents.pages", "server.residents.photo_pages", "server.residents.where_data",
    "server.residents.status_pages", "server.residents.offline_pages", "server.residents.about_pages",
    "server.description", "server.pwa", "server.health",
)  # fmt: skip


def create_app(
    settings: Settings | None = None, *, clock: Clock = system_clock, celery: Celery | None = None
) -> Flask:
    """Build the web application. Tests pass their own settings, clock and Celery."""
    settings = settings or load_settings()
    app = Flask("server", static_folder="static")
    app.config.update(_flask_config(settings), SETTINGS=settings, CLOCK=clock)
    app.extensions["tipwatch_sender"] = Sender(celery or make_celery(settings))
    app.extensions["tipwatch_files"] = FileStore(settings.data_dir / "files")
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    db.init_app(app)
    register_errors(app)
    start_limits(app, settings)
    refuse_cut_off_bodies(app)
    close_files_of_forms(app)
    identify(app)
    enforce(app)
    compress_answers(app)
    add_security_headers(app, settings)
    _register_blueprints(app)
    _find_templates_of_govuk_frontend(app)
    app.context_processor(_page_context)
    logging.getLogger("server").setLevel(logging.INFO)
    return app


def _flask_config(settings: Settings) -> dict[str, Any]:
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(settings.database_url, settings.web_processes),
        "MAX_CONTENT_LENGTH": 2 * 1024 * 1024,
    }


def _register_blueprints(app: Flask) -> None:
    for name in REGISTERING:
        import_module(name)
    for name in API_BLUEPRINTS:
        app.register_blueprint(import_module(name).blp)
    for name in PAGE_BLUEPRINTS:
        app.register_blueprint(import_module(name).pages)
    # The route that Flask adds by itself needs its line in the table of access rules too.
    for_files: Any = app.view_functions["static"]
    app.view_functions["static"] = allow(ANYONE)(lambda **arguments: for_files(**arguments))


def _find_templates_of_govuk_frontend(app: Flask) -> None:
    components = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    app.jinja_loader = ChoiceLoader([app.jinja_loader, components])  # type: ignore[list-item]


def _page_context() -> dict[str, Any]:
    """What every page shows: the demo band and the path it was asked for."""
    settings: Settings = current_app.config["SETTINGS"]
    return {"demo": settings.demo, "path": request.path}
