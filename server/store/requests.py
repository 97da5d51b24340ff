"""Bodies that arrived whole. gunicorn hides a body cut short of its Content-Length, so it is measured here."""

from __future__ import annotations

from flask import Flask, request

from server.errors import Problem

# Uploads read their own stream, and keep what did arrive.
STREAMED = "/api/v1/uploads"


def refuse_cut_off_bodies(app: Flask) -> None:
    """Before each request with a body: read it, and refuse it when bytes are missing."""

    @app.before_request
    def measure() -> None:
        if request.path.startswith(STREAMED) or not request.content_length:
            return
        received = len(request.get_data(cache=True, parse_form_data=False))
        if received < request.content_length:
            detail = (
                f"{received} of {request.content_length} bytes arrived. Nothing was changed; send it again."
            )
            raise Problem("body_cut_off", detail)
