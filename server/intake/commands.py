"""`tipwatch import outbox`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from server.intake.exported import WrongExport, read_export, take_export
from server.intake.push import TOOK_EFFECT
from server.output import application, as_json_option, say
from server.photos.service import file_store
from server.store.clock import now


@click.command("outbox")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--device-unknown-ok", is_flag=True, help="Take it in though the phone was never enrolled here."
)
@as_json_option
def outbox(file: Path, device_unknown_ok: bool, as_json: bool) -> None:
    """Take in what a phone could not send, from the FILE it exported. Ends with 1 when something was not taken.

    Importing it twice, or the phone sending after all, doubles nothing. The phone may be revoked or lost.
    """
    with application():
        try:
            export = read_export(file)
            told = list(take_export(export, file_store(), now(), device_unknown_ok=device_unknown_ok))
        except WrongExport as refusal:
            raise click.ClickException(str(refusal)) from refusal
    ops, photos = [each for each in told if "verdict" in each], [each for each in told if "state" in each]
    say({"ops": ops, "photos": photos}, "\n".join(_lines(told)) or "Nothing waited in it.", as_json=as_json)
    if not all(_is_taken(each) for each in told):
        raise SystemExit(1)


def _is_taken(told: dict[str, Any]) -> bool:
    if "verdict" in told:
        return told["verdict"] in (*TOOK_EFFECT, "merged", "waiting_for")
    return told["state"] in ("received", "verified")


def _lines(told: list[dict[str, Any]]) -> list[str]:
    lines = []
    for each in told:
        if "verdict" in each:
            what, why = f"op {each['op_id']}: {each['verdict']}", each.get("problem", {}).get("detail", "")
        else:
            what, why = f"photo {each['photo_id']}: {each['state']}", each.get("problem", "")
        lines.append(f"{what} ({why})" if why else what)
    return lines
