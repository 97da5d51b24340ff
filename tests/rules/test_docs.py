"""What the documents say of settings, commands and files is so."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from server.cli import tipwatch
from server.config import SETTING_NAMES

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
COMMAND = re.compile(r"(?<![\w./-])tipwatch ([a-z]+(?: [a-z]+(?:-[a-z]+)*)*)")


def test_the_readme_has_every_setting_and_no_other() -> None:
    table = re.findall(r"^\| `(TIPWATCH_[A-Z_]+)` \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert sorted(table) == sorted(SETTING_NAMES)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_a_document_names_exists(document: Path) -> None:
    code = re.findall(r"```\n(.*?)```|`([^`\n]+)`", document.read_text(), re.DOTALL)
    for words in COMMAND.findall("\n".join(block or inline for block, inline in code)):
        command: click.Command | None = tipwatch
        for word in words.split():
            if not isinstance(command, click.Group):
                break
            command = command.get_command(click.Context(command), word)
            assert command is not None, f"{document.name}: tipwatch {words}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_a_document_links_to_exists(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text()):
        if "://" not in target:
            assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_every_file_the_architecture_names_exists() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()
    for name in re.findall(r"`((?:server|workers|pwa/src|tests|migrations)/[\w./-]*)`", text):
        assert (ROOT / name).exists(), name
