"""`tipwatch run`: the whole of Tipwatch as one process tree on one machine, with no other service."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import ssl
import sys
import time
import urllib.request
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from server.config import Settings, UnsafeSettings, load_settings
from server.datalock import DataFolderInUse, data_folder_lock
from server.guard import signal_at_parents_death
from server.store.broker import LONG_QUEUE, QUEUE
from server.supervisor import Plan, Service, Supervisor

DATA_FOLDER_IN_USE = 75  # EX_TEMPFAIL of sysexits.h: nothing is wrong, only not now
_PORT_PATIENCE_S = 3.0  # a tree that was killed frees its port within this


class PortTaken(Exception):
    """Another program listens on the port; the message says what to do."""


@click.command("run")
@click.option(
    "--host", envvar="TIPWATCH_HOST", default="127.0.0.1", show_default=True, help="Address to listen on."
)
@click.option(
    "--port", envvar="TIPWATCH_PORT", default=8000, show_default=True, type=click.IntRange(1, 65535)
)
@click.option("--tls-cert", type=click.Path(exists=True, dir_okay=False), help="Certificate, to serve HTTPS.")
@click.option(
    "--tls-key", type=click.Path(exists=True, dir_okay=False), help="The certificate's private key."
)
@click.option(
    "--stop-with-parent",
    is_flag=True,
    help="End at once when the process that started this one ends (Linux).",
)
def run(host: str, port: int, tls_cert: str | None, tls_key: str | None, stop_with_parent: bool) -> None:
    """Start everything: database, demo, web, workers and schedule, until Ctrl-C.

    Ends with 0 after being told to stop, 1 when it could not start, 75 when the data folder is in use.
    """
    if bool(tls_cert) != bool(tls_key):
        raise click.UsageError("--tls-cert and --tls-key belong together: give both or neither.")
    if stop_with_parent:
        # SIGKILL, as it takes the whole tree along at once: whoever starts Tipwatch again need not wait.
        signal_at_parents_death(signal.SIGKILL)
    address = f"{'https' if tls_cert else 'http'}://{_reachable(host)}:{port}"
    environ = {"TIPWATCH_BASE_URL": address, **os.environ, "PYTHONUNBUFFERED": "1"}
    serve = ["serve", "--host", host, "--port", str(port)]
    if tls_cert and tls_key:
        serve += ["--tls-cert", tls_cert, "--tls-key", tls_key]
    try:
        settings = load_settings(environ)
        with data_folder_lock(settings.data_dir, address=address, now=datetime.now(UTC)) as lock:
            _refuse_taken_port(host, port)
            code = Supervisor(_plan(settings, serve, address, environ, lock)).run()
    except DataFolderInUse as refusal:
        click.echo(refusal, err=True)
        code = DATA_FOLDER_IN_USE
    except (UnsafeSettings, PortTaken) as refusal:
        click.echo(refusal, err=True)
        code = 1
    sys.exit(code)


def planned_services(serve: Sequence[str], data_dir: Path) -> tuple[Service, ...]:
    """The web process, `tipwatch` with the arguments `serve`; a worker for each queue; and the schedule."""
    # One task at a time in the worker's own process: half the memory of a pool of one, and sooner stopped.
    alone = ("--pool", "solo", "--without-mingle", "--without-gossip", "--without-heartbeat")
    beat = ("beat", "--schedule", str(data_dir / "beat"))
    return (
        Service("web", _tipwatch(*serve)),
        Service("worker", _celery("workers.app", "worker", "--queues", QUEUE, *alone)),
        Service("long-worker", _celery("workers.app", "worker", "--queues", LONG_QUEUE, *alone)),
        Service("beat", _celery("workers.beat", *beat)),
    )


def _plan(settings: Settings, serve: list[str], address: str, environ: Mapping[str, str], lock: int) -> Plan:
    steps = [Service("migrate", _tipwatch("migrate"))]
    if settings.demo:
        steps.append(Service("demo", _tipwatch("demo")))
    return Plan(
        steps=steps,
        services=planned_services(serve, settings.data_dir),
        is_ready=lambda: _answers(f"{address}/readyz"),
        on_ready=_welcome(settings, address),
        environ=environ,
        inherited=(lock,),
    )


def _tipwatch(*arguments: str) -> tuple[str, ...]:
    return (str(Path(sys.executable).parent / "tipwatch"), *arguments)


def _celery(application: str, *arguments: str) -> tuple[str, ...]:
    quietly = ("--loglevel", "WARNING")
    return (sys.executable, "-m", "celery", "--quiet", "-A", application, *arguments, *quietly)


def _reachable(host: str) -> str:
    """Where this machine reaches a server that listens on `host`."""
    if host in ("", "0.0.0.0", "::"):
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _refuse_taken_port(host: str, port: int) -> None:
    """Raise PortTaken when nothing of ours could listen there."""
    deadline = time.monotonic() + _PORT_PATIENCE_S
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    while True:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                return probe.bind((host, port))
            except OSError as error:
                if time.monotonic() > deadline:
                    raise PortTaken(
                        f"Cannot listen on {host}, port {port}: {error.strerror}. "
                        f"Stop the program that uses it, or choose another port: make run PORT={port + 1}"
                    ) from None
        time.sleep(0.1)


def _answers(url: str) -> bool:
    """Whether `url` answers 200 within 2 s. It is this machine: no proxy, and any certificate will do."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    handlers = (urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    try:
        with urllib.request.build_opener(*handlers).open(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (OSError, http.client.HTTPException):
        return False


def _welcome(settings: Settings, address: str) -> str:
    lines = [
        "",
        f"Tipwatch is running at  {address}",
        f"  residents             {address}/report",
        f"  the crew's phone      {address}/crew",
        f"  the officer's desk    {address}/desk",
    ]
    if settings.demo:
        people = ", ".join(f"{role}@demo.example" for role in ("crew", "officer", "manager", "admin"))
        known = settings.demo_password == "tip-us-off"
        lines += [
            f"  demo sign-ins         {people}",
            f"  their password        {settings.demo_password if known else 'the one given as TIPWATCH_DEMO_PASSWORD'}",
        ]
    lines += [
        f"  data                  {settings.data_dir}",
        "Stop it with Ctrl-C. Nothing saved is lost by that.",
        "",
    ]
    return "\n".join(lines)
