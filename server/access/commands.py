"""`tipwatch authority`, `tipwatch user` and `tipwatch device`."""

from __future__ import annotations

import io
import uuid

import click
import segno
import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from server.access import service
from server.access.mail import link_address, mail_link
from server.access.models import ROLES, Authority, Device, User
from server.output import application, as_json_option, say
from server.store.clock import now, rfc3339
from server.store.events import SYSTEM
from server.store.transaction import reading, transaction


@click.group()
def authority() -> None:
    """Councils."""


@authority.command("add")
@click.argument("slug")
@click.argument("name")
@click.option("--prefix", required=True, help="Letters that start case references, such as NW.")
@as_json_option
def add_authority(slug: str, name: str, prefix: str, as_json: bool) -> None:
    """Add a council with a short SLUG and its full NAME."""
    with application():
        authority_id = uuid.uuid4()
        with transaction(authority_id) as session:
            session.add(Authority(id=authority_id, slug=slug, name=name, reference_prefix=prefix.upper()))
    say({"id": authority_id, "slug": slug}, f"{name} is here as {slug}.", as_json=as_json)


@click.group()
def user() -> None:
    """People who sign in."""


@user.command("add")
@click.argument("email")
@click.option("--name", required=True)
@click.option("--role", required=True, type=click.Choice(ROLES))
@click.option("--authority", "slug", help="The council's slug; may be left out when there is only one.")
@as_json_option
def add_user(email: str, name: str, role: str, slug: str | None, as_json: bool) -> None:
    """Add a user and print (or mail) the link with which they choose a password."""
    with application():
        with transaction(_authority_id(slug)) as session:
            added = service.add_user(session, email=email, name=name, role=role, by=SYSTEM, at=now())
            address = _new_link(session, added, "invite")
        _tell(email, "invite", address, as_json)


@user.command("reset")
@click.argument("email")
@as_json_option
def reset_user(email: str, as_json: bool) -> None:
    """Print (or mail) a link with which a user chooses a new password."""
    with application():
        known = _known(email)
        with transaction(known.authority_id) as session:
            address = _new_link(session, session.get_one(User, (known.authority_id, known.user_id)), "reset")
        _tell(email, "reset", address, as_json)


@user.command("disable")
@click.argument("email")
@as_json_option
def disable_user(email: str, as_json: bool) -> None:
    """Switch a user off: sessions end and phones are revoked; what they did stays."""
    with application():
        known = _known(email)
        with transaction(known.authority_id) as session:
            found = session.get_one(User, (known.authority_id, known.user_id))
            service.disable_user(session, found, SYSTEM, now())
    say({"email": email, "disabled": True}, f"{email} is switched off.", as_json=as_json)


@user.command("key")
@click.argument("email")
@click.option("--label", required=True, help="What the key is for.")
@as_json_option
def make_key(email: str, label: str, as_json: bool) -> None:
    """Make an API key that acts as a user. It is shown once."""
    with application():
        known = _known(email)
        with transaction(known.authority_id) as session:
            found = session.get_one(User, (known.authority_id, known.user_id))
            key = service.make_api_key(session, found, label, now())
    say({"email": email, "key": key}, key, as_json=as_json)


@click.group()
def device() -> None:
    """Enrolled phones."""


@device.command("enrol")
@click.argument("email")
@as_json_option
def enrol(email: str, as_json: bool) -> None:
    """Print the link (and QR code) that enrols a phone for a user."""
    with application():
        known = _known(email)
        with transaction(known.authority_id) as session:
            address = _new_link(session, session.get_one(User, (known.authority_id, known.user_id)), "enrol")
    drawn = io.StringIO()
    segno.make(address, error="m").terminal(out=drawn, compact=True)
    say({"email": email, "link": address}, f"{drawn.getvalue()}\n{address}", as_json=as_json)


@device.command("list")
@click.option("--authority", "slug")
@as_json_option
def list_devices(slug: str | None, as_json: bool) -> None:
    """List phones with their owner and last contact."""
    with application(), reading(_authority_id(slug)) as session:
        joined = sa.and_(User.authority_id == Device.authority_id, User.id == Device.user_id)
        rows = [
            {
                "id": str(phone.id), "label": phone.label, "email": owner.email,
                "revoked": phone.revoked_at is not None,
                "last_seen_at": phone.last_seen_at and rfc3339(phone.last_seen_at),
            }
            for phone, owner in session.execute(sa.select(Device, User).join(User, joined).order_by(Device.label))
        ]  # fmt: skip
    words = "\n".join(
        f"{row['id']}  {row['label']}  {row['email']}  {row['last_seen_at'] or 'never seen'}" for row in rows
    )
    say({"items": rows}, words or "No phone is enrolled.", as_json=as_json)


@device.command("revoke")
@click.argument("device_id", type=click.UUID)
@click.option("--authority", "slug")
@as_json_option
def revoke(device_id: uuid.UUID, slug: str | None, as_json: bool) -> None:
    """Switch a phone off: it may no longer send."""
    with application():
        authority_id = _authority_id(slug)
        with transaction(authority_id) as session:
            phone = session.get(Device, (authority_id, device_id))
            if phone is None:
                raise click.ClickException("There is no such phone.")
            service.revoke_device(session, phone, SYSTEM, now())
    say({"id": device_id, "revoked": True}, "The phone is switched off.", as_json=as_json)


def _authority_id(slug: str | None) -> uuid.UUID:
    with reading(None) as session:
        return service.authority_named(session, slug).id


def _known(email: str) -> service.Known:
    with reading(None) as session:
        known = service.find_user(session, email)
    if known is None:
        raise click.ClickException(f"Nobody here has the email {email}.")
    return known


def _new_link(session: Session, found: User, purpose: str) -> str:
    token = service.make_link(session, found, purpose, now())
    return link_address(current_app.config["SETTINGS"], purpose, token)


def _tell(email: str, purpose: str, address: str, as_json: bool) -> None:
    try:
        mailed = mail_link(current_app.config["SETTINGS"], email, purpose, address)
    except OSError as error:
        click.echo(f"The mail server did not take it ({error}). Here is the link:", err=True)
        mailed = False
    words = f"The link was mailed to {email}." if mailed else address
    say({"email": email, "mailed": mailed, "link": None if mailed else address}, words, as_json=as_json)
