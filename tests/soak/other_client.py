"""An independent sync client, RxDB, converges with our push and pull through an adapter of two functions."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.faults.counts import wait_until_done
from tests.services.node import environ, install
from tests.soak.counts import count
from tests.soak.fleet import Ground, ground
from tests.soak.phone import SoakPhone, phones_of

HERE = Path(__file__).parent
CLIENTS, REPORTS = 2, 60


def converged(seed: int) -> str | None:
    """What went wrong when clients of RxDB sent their reports over a bad network, None when nothing did."""
    install(HERE)
    with TemporaryDirectory(prefix="tipwatch-rxdb-") as folder, ground(Path(folder)) as here:
        phones = phones_of(here.town.stack.url, here.town.council, CLIENTS, seed)
        for phone in phones:
            phone.on_good_network = True
            phone.sign_in()
            _save(phone)
        held = _replicated(here, phones, seed)
        for phone in phones:
            phone.pull()
        found = count(here.town, phones)
        if not found.whole:
            return f"counted: {found}"
        return next((said for phone in phones if (said := _differs(phone, held[str(phone.device_id)]))), None)


def _save(phone: SoakPhone) -> None:
    for _ in range(REPORTS):
        phone.save_report(photo=False)
    phone.saved = {op["op_id"]: op for op in phone.unsent}


def _replicated(here: Ground, phones: Sequence[SoakPhone], seed: int) -> dict[str, dict[str, Any]]:
    """Let RxDB send what the phones saved and pull what became of it; its rows, by phone and key."""
    clients = [
        {"device_id": str(phone.device_id), "ops": phone.unsent, "headers": _headers(phone)}
        for phone in phones
    ]
    asked = json.dumps({"url": here.town.stack.url, "seed": seed, "clients": clients})
    command = ["node", "other_client.mjs", asked]
    with subprocess.Popen(
        command, cwd=HERE, env=environ(), text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as client:
        assert client.stdin is not None and client.stdout is not None
        if client.stdout.readline() != "sent\n":
            raise RuntimeError("RxDB did not send everything")
        wait_until_done(here.town.stack, here.town.council)
        print(file=client.stdin, flush=True)
        held = json.loads(client.stdout.readline())
    return {each["device_id"]: each["rows"] for each in held}


def _headers(phone: SoakPhone) -> dict[str, str]:
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in phone.session.cookies)
    return {"Cookie": cookies, "Sec-Fetch-Site": "same-origin"}


def _differs(phone: SoakPhone, rows: dict[str, Any]) -> str | None:
    wanted = {f"{type_}:{row_id}": put for (type_, row_id), put in phone.copy.items()}
    shown = {key: row["shown"] for key, row in rows.items()}
    wrong = [key for key in wanted.keys() | shown.keys() if wanted.get(key) != shown.get(key)]
    return f"{len(wrong)} of {len(wanted)} rows differ, such as {wrong[0]}" if wrong else None
