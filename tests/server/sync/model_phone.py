"""A phone as the crew's app keeps it: an outbox, photos' bytes, a copy of what it may see, and what it was told."""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient

from server.sync.cursor import read_cursor

Op = dict[str, Any]
TUS = {"Tus-Resumable": "1.0.0"}


@dataclass
class ModelPhone:
    """One phone. Two people may share it: what one saved, only that one sends.

    crew: whose phone it is · holder: who is signed in now · off: an officer switched it off · unsure: the council was
    put back to a backup, and this phone has not asked since what is there.
    """

    device_id: uuid.UUID
    people: dict[str, FlaskClient]
    users: dict[str, uuid.UUID]
    crew: str = "crew"
    holder: str = "crew"
    off: bool = False
    unsure: bool = False
    outbox: list[tuple[str, Op]] = field(default_factory=list)
    received: list[tuple[str, Op]] = field(default_factory=list)
    needs_you: list[Op] = field(default_factory=list)
    photos: dict[str, bytes] = field(default_factory=dict)
    purged: dict[str, bytes] = field(default_factory=dict)
    reports: list[str] = field(default_factory=list)
    copy: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    cursor: str | None = None
    seq: int = 0

    def save(self, who: str, op: Op, *contents: bytes) -> None:
        """Save an op and the bytes of its photos; from now on it must not be lost."""
        self.seq += 1
        self.outbox.append((who, op | {"seq": self.seq}))
        for photo, content in zip(json.loads(op["payload"]).get("photos", []), contents, strict=True):
            self.photos[photo["id"]] = content

    def push(self, who: str, ops: list[Op], *, answer_lost: bool = False) -> list[dict[str, Any]]:
        """Send some of a person's ops; unless the answer is lost, put each where its verdict says."""
        answer = self._pushed(who, ops, signed_in=who)
        assert answer.status_code == 200, answer.text
        results: list[dict[str, Any]] = answer.get_json()["results"]
        assert [result["op_id"] for result in results] == [op["op_id"] for op in ops]
        if not answer_lost:
            for op, result in zip(ops, results, strict=True):
                self._take(who, op, result["verdict"])
        return results

    def push_in_other_hands(self, who: str, ops: list[Op], signed_in: str) -> None:
        """Send a person's ops just after somebody else signed in here: all stay in the outbox."""
        answer = self._pushed(who, ops, signed_in=signed_in)
        assert (answer.status_code, answer.get_json()["code"]) == (403, "other_person")

    def refused(self, code: str) -> None:
        """Whatever it asks while it is switched off is refused with this code; all stays on it."""
        before = list(self.outbox)
        for who, client in self.people.items():
            sent = self._pushed(who, [op for owner, op in self.outbox if owner == who][:50], signed_in=who)
            pulled = client.get("/api/v1/sync/pull", query_string={"device_id": str(self.device_id)})
            for answer in (sent, pulled):
                assert (answer.status_code, answer.get_json()["code"]) == (403, code)
        assert self.outbox == before

    def _pushed(self, who: str, ops: list[Op], *, signed_in: str) -> Any:
        body = {"device_id": str(self.device_id), "user_id": str(self.users[who]), "ops": ops}
        return self.people[signed_in].post("/api/v1/sync/push", json=body)

    def _take(self, who: str, op: Op, verdict: str) -> None:
        if verdict in ("applied", "duplicate"):
            self._let_go_of(op["op_id"])
            if all(op["op_id"] != other["op_id"] for _, other in self.received):
                self.received.append((who, op))
        elif verdict == "rejected":
            self._let_go_of(op["op_id"])
            self.needs_you.append(op)

    def _let_go_of(self, op_id: str) -> None:
        self.outbox = [(who, op) for who, op in self.outbox if op["op_id"] != op_id]

    def send_photo(self, who: str, photo_id: str, *, most: int) -> None:
        """Send up to `most` bytes of a photo: the first begin its upload, the next follow where the server says."""
        content, client = self.photos[photo_id], self.people[who]
        named = f"photo_id {base64.b64encode(photo_id.encode()).decode()}"
        about = {**TUS, "Content-Type": "application/offset+octet-stream"}
        begun = client.post(
            "/api/v1/uploads", data=content[:most],
            headers={**about, "Upload-Length": str(len(content)), "Upload-Metadata": named},
        )  # fmt: skip
        if begun.status_code in (201, 409):  # 409: its report has not been received
            return
        offset = int(begun.headers["Upload-Offset"])
        about["Upload-Offset"] = str(offset)
        sent = client.patch(begun.headers["Location"], data=content[offset : offset + most], headers=about)
        assert sent.status_code == 204, sent.text

    def pull(self, who: str, limit: int) -> bool:
        """One page, taken into the copy with its cursor; whether more waits."""
        query: dict[str, Any] = {"limit": limit, "device_id": str(self.device_id)}
        answer = self.people[who].get(
            "/api/v1/sync/pull", query_string=query | ({"cursor": self.cursor} if self.cursor else {})
        )
        page = answer.get_json()
        if page["reset"]:
            self.copy.clear()
        for change in page["changes"]:
            if "put" in change:
                self.copy[change["type"], change["id"]] = change
            else:
                self.copy.pop((change["type"], change["id"]), None)
        self.cursor = page["cursor"]
        for op_id in page["acked_ops"]:
            for owner, op in [each for each in self.outbox if each[1]["op_id"] == op_id]:
                self._take(owner, op, "duplicate")
        for photo_id in page["verified_photos"]:
            if photo_id in self.photos:
                self.purged[photo_id] = self.photos.pop(photo_id)
        return bool(page["more"])

    def reconcile(self, who: str) -> dict[str, Any]:
        """Ask about everything received; what the server does not know goes back into the outbox."""
        body = {
            "device_id": str(self.device_id), "op_ids": [op["op_id"] for _, op in self.received],
            "photo_ids": [*self.photos, *self.purged],
        }  # fmt: skip
        answer: dict[str, Any] = self.people[who].post("/api/v1/sync/reconcile", json=body).get_json()
        unknown = set(answer["ops"]["unknown"])
        self.outbox += [each for each in self.received if each[1]["op_id"] in unknown]
        self.received = [each for each in self.received if each[1]["op_id"] not in unknown]
        if self.unsure:
            # The app keeps a photo's bytes for a week after it was verified; after a restore they are sent again.
            for photo_id in (*answer["photos"]["expected"], *answer["photos"]["unknown"]):
                if photo_id in self.purged:
                    self.photos[photo_id] = self.purged.pop(photo_id)
            self.unsure = False
        return answer

    def carried(self, type_: str) -> list[str]:
        """The ids of the rows of this type in its copy."""
        return [row_id for kind, row_id in self.copy if kind == type_]

    @property
    def seen_up_to(self) -> int:
        """The revision its cursor stands at."""
        cursor = read_cursor(self.cursor)
        return cursor.rev if cursor else 0


def photo_of(content: bytes) -> dict[str, Any]:
    """A photo as a report announces it."""
    return {"id": str(uuid.uuid4()), "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
