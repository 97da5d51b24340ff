"""What the API is, in OpenAPI: worked out when it is asked for, as most processes never are."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, render_template
from flask_smorest import Api

from server.access.rules import ANYONE, allow
from server.errors import ProblemSchema

API_BLUEPRINTS = (
    "server.access.routes", "server.access.people", "server.access.phones", "server.places.routes",
    "server.photos.routes", "server.intake.routes", "server.intake.desk", "server.sync.routes",
    "server.cases.routes", "server.cases.jobs", "server.hotspots.routes", "server.hotspots.nearby",
    "server.insight.routes", "server.residents.routes", "server.residents.desk",
)  # fmt: skip

pages = Blueprint("description", __name__, url_prefix="/api")


class _ProblemApi(Api):  # type: ignore[misc]
    """flask-smorest with our one error shape in place of its own."""

    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        """It answers no request: it only describes."""


@pages.get("/openapi.json")
@allow(ANYONE)
def openapi_json() -> Response:
    """The description, for programs."""
    return jsonify(described())


@pages.get("/docs")
@allow(ANYONE)
def docs() -> str:
    """The description, for people."""
    return render_template("api_docs.html", spec=described())


@cache
def described() -> dict[str, Any]:
    """The OpenAPI document: every operation of the API with what it takes and answers."""
    app = Flask(__name__)
    app.config.update(API_TITLE="Tipwatch", API_VERSION="v1", OPENAPI_VERSION="3.1.0")
    api = _ProblemApi(app)
    for name in API_BLUEPRINTS:
        api.register_blueprint(import_module(name).blp)
    document: dict[str, Any] = api.spec.to_dict()
    return document
