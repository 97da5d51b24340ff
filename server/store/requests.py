"""Bodies that arrived whole. gunicorn hides a body cut short of its Content-Length, so it is measured here."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, Any, TypeVar

from flask import Flask, Request, current_app, request

from server.errors import Problem

# Uploads read their own stream, and keep what did arrive.
STREAMED = "/api/v1/uploads"

View = TypeVar("View", bound=Callable[..., object])


def takes_files(limit_bytes: int) -> Callable[[View], View]:
    """Let a view's form carry files, up to `limit_bytes` together: it is read as it comes, not kept in memory.

    A body that was cut off shows as a form with nothing in it.
    """

    def mark(view: View) -> View:
        view.takes_files = limit_bytes  # type: ignore[attr-defined]
        return view

    return mark


class FormRequest(Request):
    """A request that knows the temporary files its form's files came in, to let go of them whatever happens."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.opened: list[IO[bytes]] = []

    def _get_file_stream(self, *arguments: Any, **options: Any) -> IO[bytes]:
        stream = super()._get_file_stream(*arguments, **options)
        self.opened.append(stream)
        return stream


def close_files_of_forms(app: Flask) -> None:
    """After each request: let go of the temporary files of its form, also of one that was cut off."""
    app.request_class = FormRequest

    @app.teardown_request
    def close(_error: BaseException | None) -> None:
        for stream in getattr(request, "opened", ()):
            stream.close()


def refuse_cut_off_bodies(app: Flask) -> None:
    """Before each request with a body: read it, and refuse it when bytes are missing."""

    @app.before_request
    def measure() -> None:
        if request.path.startswith(STREAMED) or not request.content_length:
            return
        view = current_app.view_functions.get(request.endpoint or "")
        if limit_bytes := getattr(view, "takes_files", None):
            request.max_content_length = limit_bytes
            return
        received = len(request.get_data(cache=True, parse_form_data=False))
        if received < request.content_length:
            detail = (
                f"{received} of {request.content_length} bytes arrived. Nothing was changed; send it again."
            )
            raise Problem("body_cut_off", detail)
