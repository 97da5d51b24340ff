"""The `tipwatch` command: the same services without HTTP."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from server.config import UnsafeSettings

# Each module offers `commands`, a list of click commands. Imported only when a command is asked for.
COMMAND_MODULES = {
    "run": "server.run",
    "serve": "server.serve",
    "migrate": "server.commands",
    "doctor": "server.commands",
    "backup": "server.backup",
    "restore": "server.restore",
    "demo": "server.demo.commands",
    "authority": "server.access.commands",
    "user": "server.access.commands",
    "device": "server.access.commands",
    "geocode": "server.places.commands",
    "hotspots": "server.hotspots.commands",
    "case": "server.cases.commands",
}


# `tipwatch import ...`: each package brings in its own.
IMPORT_MODULES = {
    "areas": "server.places.commands",
    "boundary-line": "server.places.commands",
    "code-point": "server.places.commands",
    "gazetteer": "server.places.commands",
    "naptan": "server.places.commands",
    "open-names": "server.places.commands",
    "open-roads": "server.places.commands",
    "open-uprn": "server.places.commands",
    "open-usrn": "server.places.commands",
    "outbox": "server.intake.commands",
    "postcode-directory": "server.places.commands",
}


class LazyGroup(click.Group):
    """Loads a command's module when it is called, so that `tipwatch --help` answers at once."""

    def __init__(self, *arguments: Any, modules: dict[str, str], **options: Any):
        super().__init__(*arguments, **options)
        self._modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*self._modules, *self.commands})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._modules:
            return super().get_command(ctx, cmd_name)
        command: click.Command = getattr(import_module(self._modules[cmd_name]), cmd_name.replace("-", "_"))
        return command


@click.group(cls=LazyGroup, modules=COMMAND_MODULES)
@click.version_option(package_name="tipwatch")
def tipwatch() -> None:
    """Tipwatch: field reporting for councils. Settings are TIPWATCH_* variables; the README has the table."""


@tipwatch.group("import", cls=LazyGroup, modules=IMPORT_MODULES)
def import_() -> None:
    """Bring data in from files: a file, a folder or a zip. Run again with the same files it changes nothing."""


def main() -> None:
    """Run the command; unsafe settings end it with one line that says what to change."""
    try:
        tipwatch()
    except UnsafeSettings as error:
        raise SystemExit(f"tipwatch: {error}") from error
