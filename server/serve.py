"""`tipwatch serve`: the web server, gunicorn with processes and threads."""

from __future__ import annotations

import os
import sys

import click

from server.config import load_settings

# In each process. With 8 threads 20 slow uploads held the health page for 10 s; with 32, none.
THREADS = 40


@click.command()
@click.option("--host", envvar="TIPWATCH_HOST", default="127.0.0.1", show_default=True)
@click.option("--port", envvar="TIPWATCH_PORT", default=8000, show_default=True, type=int)
@click.option("--tls-cert", type=click.Path(exists=True, dir_okay=False), help="Certificate, to serve HTTPS.")
@click.option(
    "--tls-key", type=click.Path(exists=True, dir_okay=False), help="The certificate's private key."
)
def serve(host: str, port: int, tls_cert: str | None, tls_key: str | None) -> None:
    """Serve the web pages and the API until told to stop."""
    if bool(tls_cert) != bool(tls_key):
        raise click.UsageError("--tls-cert and --tls-key belong together: give both or neither.")
    # Read here first: a secret that is made once is there before several processes look for it.
    processes = load_settings().web_processes
    arguments = [
        sys.executable, "-m", "gunicorn", "server.app:create_app()", "--config", "python:server.web_process",
        "--bind", f"{host}:{port}", "--worker-class", "gthread", "--workers", str(processes), "--threads", str(THREADS),
        "--timeout", "120", "--graceful-timeout", "10", "--keep-alive", "15", "--log-level", "warning",
    ]  # fmt: skip
    if tls_cert and tls_key:
        arguments += ["--certfile", tls_cert, "--keyfile", tls_key]
    os.execv(sys.executable, arguments)
