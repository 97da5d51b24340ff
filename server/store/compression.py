"""JSON goes compressed where the asker takes that: lists are a fraction as long then, and field links are slow.

Pages stay as they are: a form's page repeats what somebody typed beside a token, and how well the two compress
together could tell the token (the BREACH attack). No JSON answer holds both.
"""

from __future__ import annotations

import gzip

from flask import Flask, Response, request

# What fits into one packet arrives no sooner for being shorter.
LEAST_BYTES = 1_400
# Beyond this, lists hardly become shorter, only later.
LEVEL = 5


def compress_answers(app: Flask) -> None:
    """After each request: gzip for JSON that is long enough; its tag becomes weak, for the bytes are others."""

    @app.after_request
    def compress(response: Response) -> Response:
        if not _compressible(response):
            return response
        response.vary.add("Accept-Encoding")
        if request.accept_encodings["gzip"] > 0:
            response.set_data(gzip.compress(response.get_data(), compresslevel=LEVEL, mtime=0))
            response.content_encoding = "gzip"
            tag, _ = response.get_etag()
            if tag is not None:
                response.set_etag(tag, weak=True)
        return response


def _compressible(response: Response) -> bool:
    return (
        response.is_json
        and not response.is_streamed
        and response.content_encoding is None
        and (response.content_length or 0) >= LEAST_BYTES
    )
