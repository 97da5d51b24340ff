"""Sending a one-time link by mail where a mail server is set; otherwise the caller prints it."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from server.config import Settings

TIMEOUT_S = 10
WORDS = {
    "invite": (
        "Your Tipwatch account",
        "You have been invited to Tipwatch. Choose a password within 7 days:",
    ),
    "reset": ("Choose a new Tipwatch password", "Choose a new password within 2 hours:"),
    "enrol": (
        "Set up your phone for Tipwatch",
        "Open this link on the phone you work with, within 24 hours:",
    ),
}


def link_address(settings: Settings, purpose: str, token: str) -> str:
    """The address of a one-time link."""
    path = f"/crew#enrol={token}" if purpose == "enrol" else f"/sign-in/{token}"
    return settings.base_url + path


def mail_link(settings: Settings, to: str, purpose: str, address: str) -> bool:
    """Mail a link; False when no mail server is set. Raises OSError when the server does not take it."""
    if not settings.smtp_url:
        return False
    subject, words = WORDS[purpose]
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, settings.mail_from, to
    message.set_content(
        f"{words}\n\n{address}\n\nIf you did not expect this, do nothing: the link works once and expires.\n"
    )
    server = urlsplit(settings.smtp_url)
    connect = smtplib.SMTP_SSL if server.scheme == "smtps" else smtplib.SMTP
    with connect(server.hostname or "localhost", server.port or 0, timeout=TIMEOUT_S) as smtp:
        if server.scheme == "smtp+starttls":
            smtp.starttls()
        if server.username:
            smtp.login(unquote(server.username), unquote(server.password or ""))
        smtp.send_message(message)
    return True
