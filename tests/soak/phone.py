"""A phone for the soak: it saves everything a crew can save, over a network that loses, cuts, repeats and reorders."""

from __future__ import annotations

import random
import socket
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests

from tests.builders import EAST, NORTH, SOUTH, WEST, make_op, position
from tests.faults.phone import NotNow, Phone

# Of a hundred things saved, how many of each. What needs a case or a job is a report until one came down.
KINDS = {"report": 50, "locate": 12, "add": 10, "case.note": 14, "job.note": 6, "job.result": 8}
WITH_PHOTO = 0.15
# Of a hundred requests, how many meet which trouble.
TROUBLES = {"none": 86, "never sent": 4, "answer lost": 5, "sent twice": 3, "body cut": 2}


@dataclass
class SoakPhone(Phone):
    """A phone that keeps a copy of its council's rows by pulling, and an account of all it ever saved.

    `saved`: every op it called saved, by id · `copy`: what came down, by type and id · `acked`, `verified`: the
    receipts that came back in pulls · `needs_you`: ops the server would not take.

    What the n-th thing it saves is, with every id, word and picture, depends on `seed` and n only; of what case or job
    it is, on what had come down by then too. `rng` is drawn anew for each thing, and apart from what the network does.
    """

    seed: int = 0
    saved: dict[str, dict[str, Any]] = field(default_factory=dict)
    copy: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    cursor: str | None = None
    acked: set[str] = field(default_factory=set)
    verified: set[str] = field(default_factory=set)
    needs_you: dict[str, str] = field(default_factory=dict)
    troubles: Counter[str] = field(default_factory=Counter)
    on_good_network: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self.network = random.Random(self.seed)

    def save_something(self) -> None:
        """Save one op of a kind the seed chooses."""
        self.rng = random.Random(self.seed * 100_000 + len(self.saved))
        kind = self.rng.choices(list(KINDS), list(KINDS.values()))[0]
        known = self._known(kind)
        if kind == "report" or not known:
            op_id = self.save_report(photo=self.rng.random() < WITH_PHOTO)
            self.saved[op_id] = self.unsent[-1]
            return
        self._save(kind, known)

    def _known(self, kind: str) -> list[str]:
        """What an op of this kind may be about: own reports, or the cases and jobs that came down."""
        if kind in ("locate", "add"):
            return list(self.reports.values())
        wanted = kind.partition(".")[0]
        return [row_id for type_, row_id in self.copy if type_ == wanted]

    def _save(self, kind: str, known: list[str]) -> None:
        op_id = self._new_id()
        payloads: dict[str, tuple[str, dict[str, Any]]] = {
            "locate": ("report.locate", {"position": self._somewhere()}),
            "add": ("report.add", {"description": f"More bags than I saw at first: {self.rng.random()}", "photos": []}),
            "case.note": ("case.note", {"text": f"Seen again on the way back, {self.rng.random()}"}),
            "job.note": ("job.note", {"text": f"Needs the grab lorry, {self.rng.random()}"}),
            "job.result": ("job.result", {"result": self.rng.choice(("done", "not_there", "cannot")), "photos": []}),
        }  # fmt: skip
        type_, payload = payloads[kind]
        about = self.rng.choice(known)
        after = next((op_id for op_id, report in self.reports.items() if report == about), None)
        op = make_op(type_, about, payload, seq=len(self.saved) + 1, after=after, op_id=op_id)
        self.saved[op_id] = op
        self.unsent.append(op)

    def _somewhere(self) -> dict[str, Any]:
        return position(self.rng.uniform(SOUTH, NORTH), self.rng.uniform(WEST, EAST))

    def _new_id(self) -> str:
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))

    def send(self) -> bool:
        """Try to send everything, in batches of any size and now and then out of order; whether nothing is left."""
        try:
            while self.unsent:
                batch = self.unsent[: self.network.choice((1, 5, 20, 50))]
                if self.network.random() < 0.1:
                    self.network.shuffle(batch)
                before = len(self.unsent)
                self._push(batch)
                if len(self.unsent) == before:
                    break  # all of them wait or are to be tried later
            while self.unsent_photos and not self.unsent:
                self._upload(self.unsent_photos[0])
                del self.unsent_photos[0]
        except NotNow:
            pass
        return not self.unsent and not self.unsent_photos

    def _push(self, batch: list[dict[str, Any]]) -> None:
        self.push(batch)
        for op in batch:
            verdict = self.verdicts[op["op_id"]][-1]
            if verdict in ("rejected", "conflict"):
                self.needs_you[op["op_id"]] = verdict
                self.unsent.remove(op)

    def pull(self) -> None:
        """Bring the copy up to date, page by page. Raises NotNow."""
        more = True
        while more:
            query = {"cursor": self.cursor} if self.cursor else {}
            page = self._ask("GET", "/api/v1/sync/pull", params=query).json()
            if page["reset"]:
                self.copy.clear()
            for change in page["changes"]:
                key = (change["type"], change["id"])
                if change.get("del"):
                    self.copy.pop(key, None)
                else:
                    self.copy[key] = change["put"]
            self.acked |= set(page["acked_ops"])
            self.verified |= set(page["verified_photos"])
            self.cursor, more = page["cursor"], page["more"]

    def _ask(self, method: str, path: str, **arguments: Any) -> requests.Response:
        trouble = "none" if self.on_good_network else self._trouble()
        self.troubles[trouble] += 1
        if trouble == "never sent":
            raise NotNow(trouble)
        if trouble == "body cut" and method in ("POST", "PATCH"):
            self._send_half(method, path, arguments)
            raise NotNow(trouble)
        answer = super()._ask(method, path, **arguments)
        if trouble == "answer lost":
            raise NotNow(trouble)
        if trouble == "sent twice" and method == "POST":
            answer = super()._ask(method, path, **arguments)
        return answer

    def _trouble(self) -> str:
        return self.network.choices(list(TROUBLES), list(TROUBLES.values()))[0]

    def _send_half(self, method: str, path: str, arguments: dict[str, Any]) -> None:
        """Send the head and half the body of a request, then close the connection."""
        prepared = self.session.prepare_request(requests.Request(method, self.url + path, **arguments))
        body = prepared.body if isinstance(prepared.body, bytes) else str(prepared.body or "").encode()
        where = urlsplit(self.url)
        lines = [f"{method} {path} HTTP/1.1", f"Host: {where.netloc}"]
        lines += [f"{name}: {value}" for name, value in prepared.headers.items() if isinstance(value, str)]
        head = "\r\n".join([*lines, "", ""]).encode()
        try:
            with socket.create_connection((str(where.hostname), where.port or 80), timeout=5) as connection:
                connection.sendall(head + body[: len(body) // 2])
        except OSError as error:
            raise NotNow(str(error)) from error


def phones_of(url: str, council: Any, number: int, seed: int) -> list[SoakPhone]:
    """So many phones; what each saves, and what its network does, depends on the seed and its number only."""
    return [SoakPhone(url, council, random.Random(), seed=seed * 1_000 + index) for index in range(number)]
