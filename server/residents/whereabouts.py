"""Where it is: a street or postcode looked up in the council's own gazetteer, a position, or words."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from server.cases.models import Case
from server.cases.opening import cells_around
from server.places.service import gazetteers, locate
from server.residents.questions import MISSING, WHERE_LIMIT, Answer, Errors
from server.residents.wording import CATEGORIES, worded
from workers.geocoding.grid import from_grid, to_grid

CHOICES = 10
# People point within a street's width or two of the thing itself.
SAME_WITHIN_M = 100
SAME_CHOICES = 5
NONE_OF_THESE = "none"
OUTSIDE = "That is outside the area we serve. Move it, or leave it out and say in words where it is"


@dataclass(frozen=True, slots=True)
class Choice:
    """A place that was found: `value` is "lat,lon" in WGS84 degrees, `label` what people call it."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class OpenNearby:
    """An open case near a place, with no more about it than a passer-by could see."""

    id: str
    category: str
    label: str
    distance_m: int
    opened_at: datetime

    def words(self, today: date) -> str:
        """What it is, where, how far off, and since when it has been known."""
        days = (today - self.opened_at.date()).days
        ago = "today" if days < 1 else "yesterday" if days == 1 else f"{days} days ago"
        away = "at that place" if self.distance_m < 15 else f"about {self.distance_m} metres from it"
        return f"{worded('categories', CATEGORIES)[self.category]}, {self.label}, {away}, reported {ago}"


def look_up(session: Session, typed: str) -> list[Choice]:
    """The places that match what somebody typed, best first, each once."""
    gazetteer = gazetteers.of(session)
    choices: dict[str, Choice] = {}
    for found in gazetteer.search(typed, CHOICES * 3):
        if found.kind == "locality":
            label = found.name
        else:
            locality = gazetteer.reverse(found.easting, found.northing).locality
            label = f"{found.name}, {locality.name}" if locality else found.name
        lat, lon = from_grid(found.easting, found.northing)
        choices.setdefault(label, Choice(f"{lat:.6f},{lon:.6f}", label))
    return list(choices.values())[:CHOICES]


def read_where(session: Session, form: MultiDict[str, str]) -> tuple[Answer, Errors]:
    """The answer: a position from the phone or the map, else the chosen place, else only words."""
    answer: Answer = {
        "typed": form.get("typed", "").strip()[:200],
        "words": form.get("words", "").replace("\r\n", "\n").strip(),
        "choice": form.get("choice", ""),
        "position": _pointed(form) or _chosen(form),
        "label": "",
    }
    if len(answer["words"]) > WHERE_LIMIT:
        return answer, {
            "words": f"Use {WHERE_LIMIT:,} characters or less. You have used {len(answer['words']):,}"
        }
    if answer["position"] is None:
        if answer["words"]:
            return answer, {}
        if answer["choice"] == NONE_OF_THESE:
            return answer, {"words": "Say in words where it is"}
        return answer, {"typed": MISSING["typed"]}
    place = locate(session, answer["position"]["lat"], answer["position"]["lon"])
    if not place.in_area_served:
        return answer, {"typed": OUTSIDE}
    answer["label"] = place.label
    return answer, {}


def open_nearby(session: Session, kind: str, position: dict[str, Any] | None) -> list[OpenNearby]:
    """Open cases of `kind` within reach of a position, nearest first."""
    point = to_grid(position["lat"], position["lon"]) if position else None
    if point is None:
        return []
    query = sa.select(Case).where(
        Case.cell.in_(cells_around(point.easting, point.northing)),
        Case.state != "closed",
        Case.kind == kind,
        Case.easting.between(point.easting - SAME_WITHIN_M, point.easting + SAME_WITHIN_M),
        Case.northing.between(point.northing - SAME_WITHIN_M, point.northing + SAME_WITHIN_M),
    )
    near = []
    for case in session.scalars(query):
        assert case.easting is not None and case.northing is not None
        away = math.dist((case.easting, case.northing), (point.easting, point.northing))
        if away <= SAME_WITHIN_M:
            near.append(OpenNearby(str(case.id), case.category, case.label, round(away), case.opened_at))
    return sorted(near, key=lambda one: (one.distance_m, one.id))[:SAME_CHOICES]


def read_same(chosen: str, near: Iterable[OpenNearby]) -> Answer | None:
    """The answer to "is it one of these?"; None when what was chosen is none of what can be."""
    known = {case.id for case in near}
    if chosen not in known | {NONE_OF_THESE}:
        return None
    return {"joins": chosen if chosen in known else None, "chosen": chosen}


def _pointed(form: MultiDict[str, str]) -> dict[str, Any] | None:
    """A position that script filled in: the phone's own, or the pin of the map."""
    source = form.get("source", "")
    if source not in ("gps", "pin"):
        return None
    accuracy = form.get("accuracy", type=float) if source == "gps" else None
    position = _position(f"{form.get('lat', '')},{form.get('lon', '')}", source)
    return position and position | {"accuracy_m": accuracy if accuracy and 0 < accuracy < 1e5 else None}


def _chosen(form: MultiDict[str, str]) -> dict[str, Any] | None:
    return _position(form.get("choice", ""), "typed")


def _position(text: str, source: str) -> dict[str, Any] | None:
    try:
        lat, lon = (float(part) for part in text.split(","))
    except ValueError:
        return None
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        return None
    return {"lat": lat, "lon": lon, "accuracy_m": None, "source": source}
