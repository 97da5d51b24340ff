"""Signing in and out, one-time links, phones: every way a person proves who they are."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.orm import Session

from server.access.models import ApiKey, Authority, Device, OneTimeLink, SignIn, User
from server.access.rules import Principal, switched_off
from server.errors import Problem
from server.fields import storable
from server.store.events import SYSTEM, Actor, append_event
from server.store.transaction import ACROSS_AUTHORITIES

LOCK_AFTER = 5
LOCK_FOR = timedelta(minutes=15)
LINK_LIFE = {"invite": timedelta(days=7), "reset": timedelta(hours=2), "enrol": timedelta(hours=24)}
SEEN_EVERY = timedelta(minutes=10)
PASSWORD_MIN = 10

_USER = (User.id, User.authority_id, User.name, User.email, User.role)
_SIGNED_IN = sa.and_(User.authority_id == SignIn.authority_id, User.id == SignIn.user_id)
_MAY = (User.disabled_at.is_(None), SignIn.token_hash == sa.bindparam("token_hash"))
_OF_COOKIE = (
    sa.select(*_USER, SignIn.id.label("sign_in_id"), SignIn.device_id, SignIn.last_seen_at)
    .join(User, _SIGNED_IN)
    .where(*_MAY, SignIn.ended_at.is_(None))
)
_ENDED_WITH_PHONE = (
    sa.select(SignIn.id)
    .join(User, _SIGNED_IN)
    .join(Device, sa.and_(Device.authority_id == SignIn.authority_id, Device.id == SignIn.device_id))
    .where(*_MAY, SignIn.ended_at == Device.revoked_at)
)
_OF_KEY = (
    sa.select(*_USER)
    .join(ApiKey, sa.and_(User.authority_id == ApiKey.authority_id, User.id == ApiKey.user_id))
    .where(ApiKey.token_hash == sa.bindparam("token_hash"), ApiKey.revoked_at.is_(None), User.disabled_at.is_(None))
)  # fmt: skip
_DEVICE = sa.select(Device.__table__).where(
    Device.authority_id == sa.bindparam("of"), Device.id == sa.bindparam("device_id")
)

_hasher = PasswordHasher()
# Verified when the email is unknown, so that the time of the answer does not tell which emails exist.
_NOBODY = _hasher.hash(secrets.token_urlsafe(16))


@dataclass(frozen=True, slots=True)
class Known:
    """A user as plain values, read before their authority is known."""

    authority_id: uuid.UUID
    user_id: uuid.UUID


def token_hash(token: str) -> str:
    """What is kept of a random token: tokens have 256 bits, so a plain SHA-256 is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def hash_password(password: str) -> str:
    """Argon2id of a password. Raises Problem when it is too short."""
    if len(password) < PASSWORD_MIN:
        message = f"Use at least {PASSWORD_MIN} characters; three words are easy to remember"
        raise Problem("invalid_request", message, {"password": [message]})
    return _hasher.hash(password)


def find_user(session: Session, email: str) -> Known | None:
    """The user with this email, over all authorities."""
    query = sa.select(User.authority_id, User.id).where(User.email == storable(email).strip().lower())
    row = session.execute(query.execution_options(**ACROSS_AUTHORITIES)).first()
    return Known(*row) if row else None


def check_password(session: Session, known: Known | None, password: str, at: datetime) -> User | None:
    """The user when the password is right and the account open; else None, with the try counted.

    After five wrong tries in a row no password is right for fifteen minutes. Nobody is told that it is so: the
    answer, and the time it takes, would tell which emails exist.
    """
    user = session.get(User, (known.authority_id, known.user_id), with_for_update=True) if known else None
    right = _verify(user.password_hash if user and user.password_hash else _NOBODY, password)
    if user is None or user.password_hash is None or user.disabled_at is not None:
        return None
    if user.locked_until is not None and user.locked_until > at:
        return None
    if not right:
        user.failed_tries += 1
        if user.failed_tries >= LOCK_AFTER:
            user.locked_until, user.failed_tries = at + LOCK_FOR, 0
        return None
    user.failed_tries, user.locked_until = 0, None
    if _hasher.check_needs_rehash(user.password_hash):
        user.password_hash = _hasher.hash(password)
    return user


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def open_sign_in(session: Session, user: User, at: datetime, device_id: uuid.UUID | None = None) -> str:
    """Start a session for `user` and return its token, which is kept nowhere else."""
    token = secrets.token_urlsafe(32)
    session.add(
        SignIn(
            authority_id=user.authority_id, token_hash=token_hash(token), user_id=user.id, device_id=device_id,
            created_at=at, last_seen_at=at,
        )
    )  # fmt: skip
    return token


def principal_of_cookie(connection: sa.Connection, token: str) -> tuple[Principal, datetime] | None:
    """Who a session cookie stands for and when it was last seen; None when it was ended or the user disabled."""
    row = connection.execute(_OF_COOKIE, {"token_hash": token_hash(token)}).first()
    return None if row is None else (_principal(row, row.sign_in_id, row.device_id), row.last_seen_at)


def ended_with_its_phone(connection: sa.Connection, token: str) -> bool:
    """Whether this cookie's session ended because its phone was switched off, and nothing else is in its way."""
    return connection.execute(_ENDED_WITH_PHONE, {"token_hash": token_hash(token)}).first() is not None


def principal_of_key(connection: sa.Connection, key: str) -> Principal | None:
    """Who an API key acts as, or None."""
    row = connection.execute(_OF_KEY, {"token_hash": token_hash(key)}).first()
    return None if row is None else _principal(row, None, None)


def _principal(user: Any, sign_in_id: uuid.UUID | None, device_id: uuid.UUID | None) -> Principal:
    return Principal(
        user.id, user.authority_id, user.name, user.email, user.role, sign_in_id, device_id,
        by_cookie=sign_in_id is not None,
    )  # fmt: skip


def make_api_key(session: Session, user: User, label: str, at: datetime) -> str:
    """Make a key that acts as `user` and return it; it is kept nowhere else."""
    key = secrets.token_urlsafe(32)
    session.add(
        ApiKey(
            authority_id=user.authority_id,
            token_hash=token_hash(key),
            label=label,
            user_id=user.id,
            created_at=at,
        )
    )
    return key


def add_user(session: Session, *, email: str, name: str, role: str, by: Actor, at: datetime) -> User:
    """Add a user to the open authority. Raises Problem when the email is taken."""
    if find_user(session, email) is not None:
        raise Problem(
            "invalid_request", f"{email} is in use already", {"email": ["This email is in use already"]}
        )
    user = User(id=uuid.uuid4(), email=email.strip().lower(), name=name, role=role, created_at=at)
    session.add(user)
    session.flush()
    facts = {"user_id": str(user.id), "role": role}
    append_event(session, ("authority", user.authority_id), "user.added", facts, by=by, at=at)
    return user


def make_link(session: Session, user: User, purpose: str, at: datetime, by: Actor = SYSTEM) -> str:
    """Make a one-time link's token for `user`; earlier links of the same purpose stop working."""
    old = sa.select(OneTimeLink).where(OneTimeLink.user_id == user.id, OneTimeLink.purpose == purpose)
    for link in session.scalars(old.where(OneTimeLink.used_at.is_(None))):
        link.used_at = at
    token = secrets.token_urlsafe(24)
    session.add(
        OneTimeLink(
            authority_id=user.authority_id, token_hash=token_hash(token), purpose=purpose, user_id=user.id,
            expires_at=at + LINK_LIFE[purpose],
        )
    )  # fmt: skip
    facts = {"user_id": str(user.id), "purpose": purpose}
    append_event(session, ("authority", user.authority_id), "link.made", facts, by=by, at=at)
    return token


def find_link(session: Session, token: str, purposes: tuple[str, ...], at: datetime) -> Known:
    """Whose unused, unexpired link this is. Raises Problem link_used."""
    query = sa.select(OneTimeLink.authority_id, OneTimeLink.user_id).where(
        OneTimeLink.token_hash == token_hash(token),
        OneTimeLink.purpose.in_(purposes),
        OneTimeLink.used_at.is_(None),
        OneTimeLink.expires_at > at,
    )
    row = session.execute(query.execution_options(**ACROSS_AUTHORITIES)).first()
    if row is None:
        raise Problem(
            "link_used", "This link was used already or is too old. Ask your manager for a new one."
        )
    return Known(*row)


def use_link(session: Session, token: str, at: datetime) -> User:
    """Use up a link found before, and return its user. Raises Problem link_used when another was faster."""
    wanted = sa.select(OneTimeLink).where(
        OneTimeLink.token_hash == token_hash(token), OneTimeLink.used_at.is_(None)
    )
    link = session.scalars(wanted.with_for_update()).first()
    if link is None:
        raise Problem("link_used", "This link was used already. Ask your manager for a new one.")
    link.used_at = at
    user = session.get_one(User, (link.authority_id, link.user_id))
    if user.disabled_at is not None:
        raise Problem("link_used", "This account is switched off. Ask your manager.")
    return user


def choose_password(session: Session, token: str, password: str, at: datetime) -> User:
    """Set the password of a link's user and end their other sessions."""
    hashed = hash_password(password)
    user = use_link(session, token, at)
    user.password_hash, user.failed_tries, user.locked_until = hashed, 0, None
    end_sign_ins(session, user.id, at)
    facts = {"user_id": str(user.id)}
    append_event(
        session,
        ("authority", user.authority_id),
        "user.password_chosen",
        facts,
        by=Actor(f"user:{user.id}"),
        at=at,
    )
    return user


def end_sign_ins(session: Session, user_id: uuid.UUID, at: datetime) -> None:
    """End every session of a user."""
    for sign_in in session.scalars(
        sa.select(SignIn).where(SignIn.user_id == user_id, SignIn.ended_at.is_(None))
    ):
        sign_in.ended_at = at


def disable_user(session: Session, user: User, by: Actor, at: datetime) -> None:
    """Switch a user off: sessions end; what they did stays.

    Their phones stay enrolled: others may share one, and what waits on it is sent once the user is back.
    """
    user.disabled_at = at
    end_sign_ins(session, user.id, at)
    facts = {"user_id": str(user.id)}
    append_event(session, ("authority", user.authority_id), "user.disabled", facts, by=by, at=at)


def enrol_device(
    session: Session, device_id: uuid.UUID, label: str, user_id: uuid.UUID, by: Actor, at: datetime,
    *, by_code: bool = False,
) -> Device:  # fmt: skip
    """Enrol a phone for a user; a phone already enrolled changes hands or name.

    `by_code`: an officer's code is in the hands of whoever holds the phone, so one that was switched off is on again.
    Raises Problem device_revoked.
    """
    device = session.get(Device, (session.info["authority_id"], device_id))
    if device is not None and device.revoked_at is not None and not by_code:
        raise Problem("device_revoked", "This phone was switched off. Ask an officer for a new code.")
    if device is None:
        device = Device(id=device_id, user_id=user_id, label=label, enrolled_at=at)
        session.add(device)
        session.flush()
    elif (device.user_id, device.label, device.revoked_at) == (user_id, label, None):
        return device
    device.user_id, device.label, device.revoked_at = user_id, label, None
    facts = {"user_id": str(user_id), "label": label}
    append_event(session, ("device", device.id), "device.enrolled", facts, by=by, at=at)
    return device


def revoke_device(session: Session, device: Device, by: Actor, at: datetime) -> None:
    """Switch a phone off: it may no longer send, and sessions opened on it end."""
    device.revoked_at = at
    for sign_in in session.scalars(
        sa.select(SignIn).where(SignIn.device_id == device.id, SignIn.ended_at.is_(None))
    ):
        sign_in.ended_at = at
    append_event(session, ("device", device.id), "device.revoked", {}, by=by, at=at)


def usable_device(session: Session, device_id: uuid.UUID) -> sa.Row[Any]:
    """The row of the enrolled phone with this id. Raises Problem device_not_enrolled or device_revoked."""
    wanted = {"of": session.info["authority_id"], "device_id": device_id}
    device = session.connection().execute(_DEVICE, wanted).first()
    if device is None:
        raise Problem("device_not_enrolled", "Enrol this phone again. Nothing on it is lost.")
    if device.revoked_at is not None:
        raise switched_off()
    return device


def authority_named(session: Session, slug: str | None) -> Authority:
    """The authority with this slug, or the only one there is. Raises Problem not_found."""
    query = sa.select(Authority).execution_options(**ACROSS_AUTHORITIES)
    found = list(session.scalars(query.where(Authority.slug == slug) if slug else query.limit(2)))
    if len(found) != 1:
        raise Problem("not_found", "Say which council: no council, or more than one, answers here")
    return found[0]
