"""All settings: one frozen object read from TIPWATCH_* variables, refusing values that are unsafe in production."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

# Whom TIPWATCH_OUTSIDE_SERVICES may name.
OUTSIDE_SERVICES = ("nominatim", "os_names", "os_places")
NOMINATIM_URL = "https://nominatim.openstreetmap.org"
OS_API_URL = "https://api.os.uk"


class UnsafeSettings(Exception):
    """The settings cannot be used; the message names the variable and the fix."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What an installation can choose. Every field is the variable TIPWATCH_<FIELD IN CAPITALS>.

    What holds a secret is left out when settings are printed.
    """

    data_dir: Path
    secret_key: str = field(repr=False)
    database_url: str = field(repr=False)
    broker_url: str = field(repr=False)
    base_url: str = "http://127.0.0.1:8000"
    environment: str = "development"
    trusted_proxies: int = 0
    web_processes: int = 1
    tiles: str = ""
    demo: bool = False
    demo_password: str = field(default="tip-us-off", repr=False)
    smtp_url: str = field(default="", repr=False)
    mail_from: str = ""
    hotspot_delay_s: int = 15
    hotspot_parts_from: int = 250_000
    task_lease_s: int = 60
    sweep_every_s: int = 10
    outside_services: tuple[str, ...] = ()
    nominatim_url: str = NOMINATIM_URL
    os_api_url: str = OS_API_URL
    os_api_key: str = field(default="", repr=False)

    @property
    def secure(self) -> bool:
        """Whether people reach this installation over TLS."""
        return urlsplit(self.base_url).scheme == "https"

    @property
    def origin(self) -> str:
        """Scheme, host and port that our own pages come from."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"


SETTING_NAMES = tuple(f"TIPWATCH_{name.upper()}" for name in Settings.__slots__)


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from `environ` (default: the process's own variables).

    Makes the data folder and, when none was given, a secret key kept in it.
    Raises UnsafeSettings naming the variable and the fix.
    """
    env = os.environ if environ is None else environ

    def value(name: str, default: str) -> str:
        return env.get(f"TIPWATCH_{name}", "").strip() or default

    data_dir = Path(value("DATA_DIR", "data")).absolute()
    data_dir.mkdir(parents=True, exist_ok=True)
    given_secret = value("SECRET_KEY", "")
    broker_url = value("BROKER_URL", "filesystem://")
    settings = Settings(
        data_dir=data_dir,
        secret_key=given_secret or _kept_secret(data_dir),
        database_url=_with_driver(value("DATABASE_URL", f"sqlite:///{data_dir}/tipwatch.sqlite3")),
        broker_url=broker_url,
        base_url=value("BASE_URL", "http://127.0.0.1:8000").rstrip("/"),
        environment=value("ENVIRONMENT", "development"),
        trusted_proxies=_whole_number("TRUSTED_PROXIES", value("TRUSTED_PROXIES", "0")),
        web_processes=_whole_number(
            "WEB_PROCESSES", value("WEB_PROCESSES", str(_web_processes(broker_url))), least=1
        ),
        tiles=value("TILES", ""),
        demo=_yes_or_no("DEMO", value("DEMO", "0")),
        demo_password=value("DEMO_PASSWORD", "tip-us-off"),
        smtp_url=value("SMTP_URL", ""),
        mail_from=value("MAIL_FROM", ""),
        hotspot_delay_s=_whole_number("HOTSPOT_DELAY_S", value("HOTSPOT_DELAY_S", "15")),
        hotspot_parts_from=_whole_number(
            "HOTSPOT_PARTS_FROM", value("HOTSPOT_PARTS_FROM", "250000"), least=1
        ),
        task_lease_s=_whole_number("TASK_LEASE_S", value("TASK_LEASE_S", "60"), least=1),
        sweep_every_s=_whole_number("SWEEP_EVERY_S", value("SWEEP_EVERY_S", "10"), least=1),
        outside_services=_outside_services(value("OUTSIDE_SERVICES", "")),
        nominatim_url=_address("NOMINATIM_URL", value("NOMINATIM_URL", NOMINATIM_URL)),
        os_api_url=_address("OS_API_URL", value("OS_API_URL", OS_API_URL)),
        os_api_key=value("OS_API_KEY", ""),
    )
    refuse_unsafe(settings)
    return settings


def refuse_unsafe(settings: Settings) -> None:
    """Raise UnsafeSettings when these settings must not face the public."""
    if settings.environment not in ("development", "production"):
        raise UnsafeSettings("TIPWATCH_ENVIRONMENT must be development or production")
    if not settings.os_api_key and {"os_names", "os_places"} & set(settings.outside_services):
        raise UnsafeSettings(
            "TIPWATCH_OUTSIDE_SERVICES names os_names or os_places: give TIPWATCH_OS_API_KEY too"
        )
    if settings.environment != "production":
        return
    if not settings.secure:
        raise UnsafeSettings(
            "TIPWATCH_BASE_URL must start with https:// in production: browsers give service workers, "
            "position and locks to secure pages only"
        )
    if len(settings.secret_key) < 32:
        raise UnsafeSettings("TIPWATCH_SECRET_KEY must have at least 32 characters in production")
    if settings.demo and settings.demo_password == "tip-us-off":
        raise UnsafeSettings(
            "TIPWATCH_DEMO is on with the well-known password: set TIPWATCH_DEMO=0, or choose TIPWATCH_DEMO_PASSWORD"
        )


def _web_processes(broker_url: str) -> int:
    """One more than cores, where Redis counts for all of them how often an address may try; else one.

    On two cores three take a tenth to a fifth more reports than two: one or another waits for the disk. Four take less.
    """
    return min((os.cpu_count() or 1) + 1, 4) if counts_in_redis(broker_url) else 1


def counts_in_redis(broker_url: str) -> bool:
    """Whether the broker is a Redis, which can also count what several processes have to know of each other."""
    return broker_url.startswith(("redis://", "rediss://"))


def _kept_secret(data_dir: Path) -> str:
    path = data_dir / "secret-key"
    try:
        with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text().strip()


def _with_driver(url: str) -> str:
    """Hosting services hand out postgres:// addresses; SQLAlchemy needs the driver named."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _outside_services(text: str) -> tuple[str, ...]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in OUTSIDE_SERVICES:
            known = ", ".join(OUTSIDE_SERVICES)
            raise UnsafeSettings(f"TIPWATCH_OUTSIDE_SERVICES may name {known}, not {name!r}")
    return tuple(dict.fromkeys(names))


def _address(name: str, text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise UnsafeSettings(f"TIPWATCH_{name} must be an address such as https://host.example, not {text!r}")
    return text.rstrip("/")


def _whole_number(name: str, text: str, least: int = 0) -> int:
    if not text.isdigit() or int(text) < least:
        raise UnsafeSettings(f"TIPWATCH_{name} must be a whole number from {least} up, not {text!r}")
    return int(text)


def _yes_or_no(name: str, text: str) -> bool:
    if text.lower() in ("1", "yes", "true", "on"):
        return True
    if text.lower() in ("0", "no", "false", "off"):
        return False
    raise UnsafeSettings(f"TIPWATCH_{name} must be 1 or 0, not {text!r}")
