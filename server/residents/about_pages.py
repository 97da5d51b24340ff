"""`/privacy`, `/accessibility`, and the council's colour: pages made from what a council fills in."""

from __future__ import annotations

from flask import Response, current_app

from server.access.rules import ANYONE, allow
from server.places.outside.services import RUN_BY
from server.residents.council import council_details
from server.residents.service import KEEP_CONTACT
from server.residents.visits import resident_pages, show, visit

pages = resident_pages("about", __name__)


@pages.get("/privacy")
@allow(ANYONE)
def privacy() -> Response:
    """What is kept about people, why and how long."""
    services = current_app.config["SETTINGS"].outside_services
    asked = sorted({RUN_BY[name] for name in services})
    return show("privacy.html", visit(), contact_months=KEEP_CONTACT.days // 30, asked_outside=asked)


@pages.get("/accessibility")
@allow(ANYONE)
def accessibility() -> Response:
    """The accessibility statement."""
    return show("accessibility.html", visit())


@pages.get("/council.css")
@allow(ANYONE)
def colour() -> Response:
    """The council's own colour. A file of its own, because the pages' policy forbids styles inside them."""
    details = council_details(current_app.config["SETTINGS"].data_dir, visit().slug)
    rule = f":root {{ --council: {details.colour}; }}\n" if details.colour else ""
    return Response(rule, mimetype="text/css", headers={"Cache-Control": "private, max-age=300"})
