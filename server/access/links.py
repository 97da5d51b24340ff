"""One-time links as officers hand them out: mailed where mail is set, shown otherwise, as a QR code for phones."""

from __future__ import annotations

import io
import logging
from datetime import datetime
from typing import Any

import segno
from flask import current_app

from server.access.mail import link_address, mail_link
from server.access.service import LINK_LIFE
from server.store.clock import rfc3339

log = logging.getLogger(__name__)


def hand_out(email: str, purpose: str, token: str, made_at: datetime) -> dict[str, Any]:
    """The link of a token just made, as the wire shows it. Call it after the transaction: mailing takes a while.

    A link that was mailed is not shown as well; one for a phone is always shown, with its QR code, and never mailed.
    """
    settings = current_app.config["SETTINGS"]
    link = link_address(settings, purpose, token)
    for_phone, mailed = purpose == "enrol", False
    if not for_phone:
        try:
            mailed = mail_link(settings, email, purpose, link)
        except OSError as error:
            log.warning("a link could not be mailed, so it is shown instead (%s)", type(error).__name__)
    told = {
        "purpose": purpose, "link": None if mailed else link, "mailed": mailed,
        "expires_at": rfc3339(made_at + LINK_LIFE[purpose]), "qr_svg": qr_svg(link) if for_phone else None,
    }  # fmt: skip
    return told | {"code": token} if for_phone else told


def qr_svg(text: str) -> str:
    """A QR code as an SVG element without styles of its own: a page's content policy may forbid them."""
    drawn = io.BytesIO()
    segno.make(text, error="m").save(
        drawn, kind="svg", xmldecl=False, nl=False, omitsize=True, svgclass=None, lineclass=None, border=4
    )
    return drawn.getvalue().decode()
