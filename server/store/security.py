"""Headers that every answer carries: a strict content policy, no inline script, no framing, own origin only."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response

from server.config import Settings

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' blob: data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "worker-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    # With no-referrer browsers post forms with `Origin: null`, which could not be told from another site.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(self), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
HSTS = "max-age=31536000"


def add_security_headers(app: Flask, settings: Settings) -> None:
    """After each request: the headers, and no caching of anything that does not say otherwise."""

    policy = _policy(settings)

    @app.after_request
    def add(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", policy)
        if settings.secure:
            response.headers.setdefault("Strict-Transport-Security", HSTS)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


def _policy(settings: Settings) -> str:
    """The content policy; where the council has a tile server, pictures may come from there too."""
    policy = dict(POLICY)
    if settings.tiles:
        server = urlsplit(settings.tiles)
        policy["img-src"] += f" {server.scheme}://{server.netloc}"
    return "; ".join(f"{name} {value}" for name, value in policy.items())
