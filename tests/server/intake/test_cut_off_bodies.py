"""gunicorn hides that a body was cut off: behind the real one, nothing of it is applied."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from server.access.request import COOKIE
from server.config import Settings
from server.intake.models import Report
from server.store.transaction import reading
from tests.builders import Council, make_phone, report_op
from tests.services.processes import started, wait_for


@pytest.fixture
def port(app: Flask, free_port: int, tmp_path: Path) -> Iterator[int]:
    """The port where gunicorn serves the application under test."""
    settings: Settings = app.config["SETTINGS"]
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "server.app:create_app()",
        "--bind",
        f"127.0.0.1:{free_port}",
    ]
    environ = {
        "TIPWATCH_DATABASE_URL": settings.database_url, "TIPWATCH_DATA_DIR": str(settings.data_dir),
        "TIPWATCH_SECRET_KEY": settings.secret_key, "TIPWATCH_BROKER_URL": settings.broker_url,
        "PYTHONPATH": os.getcwd(),
    }  # fmt: skip
    with started(
        [*command, "--worker-class", "gthread", "--threads", "4"], tmp_path / "web.log", environ
    ) as tree:
        wait_for(f"an answer of gunicorn: {tree.output()}", lambda: _answers(free_port), 60)
        yield free_port


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def sent(port: int, path: str, cookie: str, body: bytes, *, declared: int) -> tuple[int, dict[str, Any]]:
    """Send `body` under a Content-Length of `declared`, send no more, and read the answer."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        f"Cookie: {COOKIE}={cookie}\r\nSec-Fetch-Site: same-origin\r\nConnection: close\r\n"
        f"Content-Length: {declared}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), 60) as connection:
        connection.sendall(head.encode() + body)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    status, _, rest = received.partition(b"\r\n")
    return int(status.split()[1]), json.loads(rest.partition(b"\r\n\r\n")[2])


def test_a_body_cut_off_behind_gunicorn_is_refused_and_nothing_is_applied(
    app: Flask, council: Council, port: int
) -> None:
    phone = make_phone(app, council)
    cookie = phone.client.get_cookie(COOKIE)
    assert cookie is not None
    ops = [report_op(seq=seq) for seq in range(10)]
    body = json.dumps({"device_id": str(phone.device_id), "ops": ops}).encode()
    for path, whole in (("/api/v1/sync/push", body), ("/api/v1/public/reports", ops[0]["payload"].encode())):
        # Cut anywhere; also after a whole JSON text, which nothing but the length can tell.
        for cut in (whole[: len(whole) // 2], whole[:-1], b"{}", whole):
            status, problem = sent(port, path, cookie.value, cut, declared=len(whole) + 100)
            assert (status, problem["code"]) == (400, "body_cut_off")
    with app.app_context(), reading(council.id) as session:
        assert session.scalars(sa.select(Report)).all() == []
    status, answer = sent(port, "/api/v1/sync/push", cookie.value, body, declared=len(body))
    assert status == 200
    assert [result["verdict"] for result in answer["results"]] == ["applied"] * 10
