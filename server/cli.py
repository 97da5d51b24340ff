"""The `tipwatch` command: the same services without HTTP."""

from __future__ import annotations

from importlib import import_module

import click

from server.config import UnsafeSettings

# Each module offers `commands`, a list of click commands. Imported only when a command is asked for.
COMMAND_MODULES = {
    "run": "server.run",
    "serve": "server.serve",
    "migrate": "server.commands",
    "doctor": "server.commands",
    "demo": "server.demo.commands",
    "authority": "server.access.commands",
    "user": "server.access.commands",
    "device": "server.access.commands",
    "import": "server.places.commands",
    "geocode": "server.places.commands",
    "hotspots": "server.hotspots.commands",
    "case": "server.cases.commands",
}


class LazyGroup(click.Group):
    """Loads a command's module when it is called, so that `tipwatch --help` answers at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMAND_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMAND_MODULES:
            return None
        module = import_module(COMMAND_MODULES[cmd_name])
        attribute = cmd_name if cmd_name != "import" else "import_"
        command: click.Command = getattr(module, attribute)
        return command


@click.group(cls=LazyGroup)
@click.version_option(package_name="tipwatch")
def tipwatch() -> None:
    """Tipwatch: field reporting for councils. Settings are TIPWATCH_* variables; the README has the table."""


def main() -> None:
    """Run the command; unsafe settings end it with one line that says what to change."""
    try:
        tipwatch()
    except UnsafeSettings as error:
        raise SystemExit(f"tipwatch: {error}") from error
