"""The demo council itself: the authority, one person of each role and a second crew, their phones, its map."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.access.models import Authority, User
from server.access.service import add_user, enrol_device, hash_password
from server.demo import borough
from server.places.imports import import_areas, import_names
from server.store.events import SYSTEM, Actor


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can sign in to the demo. `phone`: the label of the phone they report with, if they have one."""

    email: str
    name: str
    role: str
    phone: str | None = None


CREW = Person("crew@demo.example", "Demo crew", "crew", "Van 1 phone (demo)")
SECOND_CREW = Person("crew2@demo.example", "Second demo crew", "crew", "Van 2 phone (demo)")
OFFICER = Person("officer@demo.example", "Demo officer", "officer")
PEOPLE = (
    CREW, SECOND_CREW, OFFICER,
    Person("manager@demo.example", "Demo manager", "manager"),
    Person("admin@demo.example", "Demo administrator", "admin"),
)  # fmt: skip

_PHONES = uuid.UUID("4f1d2a86-2f5e-4c57-9d0c-6b8f0c8f7a10")


@dataclass(frozen=True, slots=True)
class Member:
    """A person of the demo once stored."""

    user_id: uuid.UUID
    device_id: uuid.UUID | None

    @property
    def actor(self) -> Actor:
        """How events name them."""
        return Actor(f"user:{self.user_id}")


def found_council(session: Session, password: str, at: datetime) -> None:
    """Write the authority that the open transaction is for, its people, their phones and its map."""
    authority_id = session.info["authority_id"]
    session.add(
        Authority(
            id=authority_id, slug=borough.SLUG, name=borough.AUTHORITY_NAME,
            reference_prefix=borough.REFERENCE_PREFIX, demo=True,
        )
    )  # fmt: skip
    session.flush()
    hashed = hash_password(password)
    for person in PEOPLE:
        user = add_user(session, email=person.email, name=person.name, role=person.role, by=SYSTEM, at=at)
        user.password_hash = hashed
        if person.phone is not None:
            enrol_device(session, _phone_id(authority_id, person), person.phone, user.id, SYSTEM, at)
    import_names(session, borough.GAZETTEER_CSV)
    import_areas(session, borough.AREAS_GEOJSON)


def members(session: Session) -> dict[Person, Member]:
    """The demo's people as stored."""
    ids = {user.email: user.id for user in session.scalars(sa.select(User))}
    return {
        person: Member(
            ids[person.email], _phone_id(session.info["authority_id"], person) if person.phone else None
        )
        for person in PEOPLE
    }


def _phone_id(authority_id: uuid.UUID, person: Person) -> uuid.UUID:
    return uuid.uuid5(_PHONES, f"{authority_id}:{person.email}")
