"""Dockerfile, docker-compose.yml and nginx.conf held against the code, as no container engine is at hand in tests."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from celery import Celery
from celery.app.utils import find_app
from celery.bin.celery import celery as celery_command

from server.app import create_app
from server.cli import tipwatch
from server.config import SETTING_NAMES, load_settings
from server.photos.schemas import PHOTO_LIMIT_BYTES
from server.run import planned_services
from server.store.database import db
from tests.services.settings import settings_for

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("migrate", "web", "worker", "long-worker", "beat")
NGINX = re.sub(r"#.*", "", (ROOT / "docs/deploy/nginx.conf").read_text())
ENV_EXAMPLE = (ROOT / ".env.example").read_text()


def dockerfile() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile with their arguments, continued lines joined."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in text.splitlines() if line.strip()]


def arguments_of(instruction: str) -> list[str]:
    """The arguments of each `instruction` in the Dockerfile, in order."""
    return [rest for name, rest in dockerfile() if name == instruction]


def image_command() -> list[str]:
    """What the image runs unless told otherwise."""
    return [str(part) for part in json.loads(arguments_of("CMD")[-1])]


def our_commands() -> dict[str, list[str]]:
    """Every command line of ours, by where it stands."""
    return {"Dockerfile": image_command(), **{name: SERVICES[name]["command"] for name in OURS}}


def declared_variables(command: click.Command) -> set[str]:
    """The environment variables that a command's options are read from."""
    names = {name for option in command.params for name in _listed(option.envvar)}
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child, name
            names |= declared_variables(child)
    return names


def _listed(value: Any) -> list[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)


def parse(command: click.Command, arguments: list[str]) -> None:
    """Go down the subcommands; raises click's own error at an option, or AssertionError at a word, that is unknown."""
    context = click.Context(command)
    while isinstance(command, click.Group):
        _, rest, _ = command.make_parser(context).parse_args(list(arguments))
        found = command.get_command(context, rest[0])
        assert found, f"{rest[0]} is no command of {command.name}"
        command, context, arguments = found, click.Context(found, parent=context), rest[1:]
    _, extra, _ = command.make_parser(context).parse_args(list(arguments))
    assert not extra, extra


def environment_of(name: str) -> dict[str, str]:
    return {key: str(value) for key, value in SERVICES[name].get("environment", {}).items()}


def nginx(directive: str) -> str:
    """The one value of an nginx directive."""
    (value,) = re.findall(rf"^\s*{directive}\s+([^;]+);", NGINX, flags=re.MULTILINE)
    return str(value)


@pytest.fixture
def routes(tmp_path: Path) -> Iterator[set[str]]:
    """The paths the web application answers."""
    application = create_app(settings_for("sqlite://", tmp_path))
    yield {rule.rule for rule in application.url_map.iter_rules()}
    with application.app_context():
        db.engine.dispose()


@pytest.mark.parametrize("where", [*OURS, "Dockerfile"])
def test_every_command_exists_with_its_options(where: str) -> None:
    program, *arguments = our_commands()[where]
    parse({"tipwatch": tipwatch, "celery": celery_command}[program], arguments)


def test_the_celery_application_exists() -> None:
    for name in ("worker", "long-worker", "beat"):
        command = SERVICES[name]["command"]
        assert isinstance(find_app(command[command.index("-A") + 1]), Celery)


def test_workers_run_as_they_do_in_one_process_tree() -> None:
    """Only how many work at once and how much they say may differ."""
    own = {"--concurrency", "--pool", "--loglevel", "--quiet"}
    for service in planned_services(["serve"], Path("/data")):
        if service.name in SERVICES and service.name != "web":
            here = {word for word in SERVICES[service.name]["command"] if word.startswith("-")} - own
            there = {word for word in service.command if word.startswith("-")} - own - {"-m"}
            assert here == there, service.name


def test_every_variable_is_a_known_setting() -> None:
    texts = {
        name: (ROOT / name).read_text()
        for name in ("Dockerfile", "docker-compose.yml", ".env.example", "Makefile")
    }
    known = {*SETTING_NAMES, *declared_variables(tipwatch)}
    for name, text in texts.items():
        assert set(re.findall(r"TIPWATCH_[A-Z_]*[A-Z]", text)) <= known, name


def test_what_compose_asks_for_is_in_the_example_without_a_value() -> None:
    asked = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))
    offered = dict(re.findall(r"^(\w+)=(.*)$", ENV_EXAMPLE, flags=re.MULTILINE))
    assert asked == set(offered)
    assert not any(offered.values())


def test_its_settings_are_accepted_in_production(tmp_path: Path) -> None:
    given = {
        "TIPWATCH_BASE_URL": "https://tips.example",
        "TIPWATCH_SECRET_KEY": "x" * 40,
        "POSTGRES_PASSWORD": "abc",
        "TIPWATCH_SMTP_URL": "",
        "TIPWATCH_MAIL_FROM": "",
        "TIPWATCH_OUTSIDE_SERVICES": "",
        "TIPWATCH_OS_API_KEY": "",
    }
    filled = {
        key: re.sub(r"\$\{(\w+)[^}]*\}", lambda match: given[match[1]], value)
        for key, value in environment_of("web").items()
    }
    settings = load_settings({**filled, "TIPWATCH_DATA_DIR": str(tmp_path)})
    assert settings.environment == "production"
    assert settings.trusted_proxies == 1
    assert not settings.demo
    assert (
        environment_of("worker")
        == environment_of("long-worker")
        == environment_of("beat")
        == environment_of("migrate")
        == environment_of("web")
    )


def test_no_secret_stands_in_it() -> None:
    for name in SERVICES:
        for key, value in environment_of(name).items():
            if re.search("SECRET|PASSWORD|KEY|TOKEN", key):
                asked_for_or_left_empty = r"\$\{\w+:(\?[^}]+|-)\}"
                assert re.fullmatch(asked_for_or_left_empty, value), f"{name}: {key}"
    assert not re.search(r"://\w+:(?!\$)[^@/\s]+@", (ROOT / "docker-compose.yml").read_text())


def test_ports_agree() -> None:
    web = SERVICES["web"]["command"]
    port = web[web.index("--port") + 1]
    assert image_command()[1:] == web[1:]
    assert arguments_of("EXPOSE") == [port]
    assert nginx("proxy_pass") == f"http://web:{port}"
    for text in (str(SERVICES["web"]["healthcheck"]["test"]), arguments_of("HEALTHCHECK")[0]):
        assert re.findall(r"http://127\.0\.0\.1:(\d+)/", text) == [port]
    published = {name for name, service in SERVICES.items() if "ports" in service}
    assert published == {"tls"}, "only the TLS terminator faces the outside"


def test_health_paths_are_real(routes: set[str]) -> None:
    checks = [str(SERVICES[name]["healthcheck"]["test"]) for name in ("web", "tls")] + arguments_of(
        "HEALTHCHECK"
    )
    for check in checks:
        (path,) = re.findall(r"https?://127\.0\.0\.1(?::\d+)?(/\w+)", check)
        assert path in routes
    for path in re.findall(r"location = (\S+)", NGINX):
        assert path in routes


def test_every_service_has_a_health_check_or_says_why_not() -> None:
    without = {name for name, service in SERVICES.items() if service["healthcheck"].get("disable")}
    assert without == {"migrate", "worker", "long-worker", "beat"}, "these have no port to ask"


def test_everything_waits_for_the_migration_and_the_migration_for_the_database() -> None:
    for name in ("web", "worker", "long-worker", "beat"):
        assert SERVICES[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
        assert SERVICES[name]["depends_on"]["database"]["condition"] == "service_healthy"
    assert SERVICES["migrate"]["depends_on"]["database"]["condition"] == "service_healthy"
    assert SERVICES["migrate"]["restart"] == "no"


def test_what_must_last_lies_on_volumes() -> None:
    for name in OURS:
        data_dir = environment_of(name)["TIPWATCH_DATA_DIR"]
        assert f"data:{data_dir}" in SERVICES[name]["volumes"]
    assert f"TIPWATCH_DATA_DIR={data_dir}" in arguments_of("ENV")[0]
    assert arguments_of("VOLUME") == [data_dir]
    beat = SERVICES["beat"]["command"]
    assert beat[beat.index("--schedule") + 1].startswith(f"{data_dir}/")
    assert "database:/var/lib/postgresql/data" in SERVICES["database"]["volumes"]
    assert {"data", "database"} <= set(COMPOSE["volumes"])


def test_uploads_are_passed_on_as_they_come() -> None:
    assert nginx("proxy_request_buffering") == "off"
    assert nginx("proxy_http_version") == "1.1"
    assert int(nginx("client_max_body_size").removesuffix("m")) * 1024**2 > PHOTO_LIMIT_BYTES
    for timeout in ("client_body_timeout", "proxy_read_timeout", "proxy_send_timeout"):
        assert int(nginx(timeout).removesuffix("s")) >= 60


def test_the_terminator_replaces_what_a_client_claims_about_itself() -> None:
    headers = dict(re.findall(r"proxy_set_header (\S+) ([^;]+);", NGINX))
    assert headers["X-Forwarded-For"] == "$remote_addr"
    assert headers["X-Forwarded-Proto"] == "https"
    assert headers["X-Forwarded-Host"] == headers["Host"] == "$http_host"
    mounted = [volume.split(":")[0] for volume in SERVICES["tls"]["volumes"]]
    assert "./docs/deploy/nginx.conf" in mounted


def test_images_are_named_with_their_version() -> None:
    images = [SERVICES[name]["image"] for name in SERVICES]
    images += [rest.split()[0] for rest in arguments_of("FROM")]
    for image in images:
        assert re.fullmatch(r"[a-z/]+:\d[\w.-]*", image), image
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert {SERVICES[name]["image"] for name in OURS} == {f"tipwatch:{version}"}


def test_the_image_gets_what_it_copies_and_runs_without_rights() -> None:
    lets_through = [
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")
    ]
    for rest in arguments_of("COPY"):
        if rest.startswith("--from"):
            continue
        *sources, _ = rest.split()
        for source in sources:
            assert (ROOT / source).exists(), source
            assert any(
                source.rstrip("/") == kept or source.startswith(f"{kept}/") for kept in lets_through
            ), source
    assert arguments_of("USER")[-1] not in ("root", "0")
    for name in OURS:
        assert SERVICES[name]["read_only"]
        assert SERVICES[name]["cap_drop"] == ["ALL"]


def test_the_image_builds_with_what_the_locks_were_made_for() -> None:
    node = json.loads((ROOT / "pwa/package.json").read_text())["engines"]["node"]
    assert node == "^20.19 || >=22.12"
    bases = dict(rest.split()[0].split(":") for rest in arguments_of("FROM"))
    assert bases["node"].startswith("22-")
    assert tuple(map(int, bases["python"].split("-")[0].split("."))) >= (3, 11)
