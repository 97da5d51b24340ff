"""People at their own computers, beside the phone under test: an officer, and another crew, over the real API."""

from __future__ import annotations

import base64
import uuid
from typing import Any

import requests
from flask import Flask

from server.access import service as access
from server.access.models import User
from server.store.clock import now
from server.store.transaction import transaction
from tests.builders import Council
from tests.services.processes import wait_for

WITHIN_S = 60.0


class Person:
    """Somebody of the council with an API key."""

    def __init__(self, app: Flask, council: Council, role: str, base_url: str) -> None:
        with app.app_context(), transaction(council.id) as session:
            user = session.get_one(User, (council.id, council.users[role]))
            key = access.make_api_key(session, user, "tests", now())
        self._url = f"{base_url}/api/v1"
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {key}"
        self._device_id: str | None = None

    def get(self, path: str) -> Any:
        """The JSON that `path` answers. Raises requests.HTTPError."""
        response = self._session.get(f"{self._url}/{path}", timeout=30)
        response.raise_for_status()
        return response.json()

    def post(self, path: str, body: Any) -> Any:
        """Post `body`, and return the JSON of the answer. Raises requests.HTTPError with it."""
        response = self._session.post(f"{self._url}/{path}", json=body, timeout=30)
        if not response.ok:
            raise requests.HTTPError(f"{response.status_code} {response.text}")
        return response.json()

    def patch(self, path: str, body: Any) -> Any:
        """Change what is at `path`, and return the JSON of the answer. Raises requests.HTTPError with it."""
        response = self._session.patch(f"{self._url}/{path}", json=body, timeout=30)
        if not response.ok:
            raise requests.HTTPError(f"{response.status_code} {response.text}")
        return response.json()

    def bytes_of(self, path: str) -> bytes:
        """The body that `path` answers. Raises requests.HTTPError."""
        response = self._session.get(f"{self._url}/{path}", timeout=30)
        response.raise_for_status()
        return response.content

    def push(self, *ops: dict[str, Any]) -> list[dict[str, Any]]:
        """Push ops from this person's own phone; all are applied."""
        if self._device_id is None:
            self._device_id = str(uuid.uuid4())
            self.post("devices", {"id": self._device_id, "label": "another phone"})
        results: list[dict[str, Any]] = self.post(
            "sync/push", {"device_id": self._device_id, "ops": list(ops)}
        )["results"]
        assert [result["verdict"] for result in results] == ["applied"] * len(ops), results
        return results

    def hand_over(self, *letters: str) -> None:
        """Hand over from this person's own phone, which has pushed before, what the council cannot take in."""
        items = [{"op_id": None, "raw": letter, "problem": None, "why": "tests"} for letter in letters]
        self.post("sync/deadletter", {"device_id": self._device_id, "items": items})

    def upload(self, photo_id: str, content: bytes) -> None:
        """Send the bytes of a photo that this person's phone has announced, in one piece. Raises requests.HTTPError."""
        named = base64.b64encode(photo_id.encode()).decode()
        announced = {"Upload-Length": str(len(content)), "Upload-Metadata": f"photo_id {named}"}
        begun = self._session.post(
            f"{self._url}/uploads", timeout=30, headers={"Tus-Resumable": "1.0.0", **announced}
        )
        begun.raise_for_status()
        about = {
            "Tus-Resumable": "1.0.0",
            "Upload-Offset": "0",
            "Content-Type": "application/offset+octet-stream",
        }
        sent = self._session.patch(f"{self._url}/uploads/{photo_id}", data=content, timeout=30, headers=about)
        sent.raise_for_status()

    # ---- what an officer sees ---------------------------------------------------------------------------------------

    def cases(self, q: str = "") -> list[dict[str, Any]]:
        """The cases that `q` finds, whole."""
        rows = self.get(f"cases?limit=100&q={q}")["items"]
        return [self.get(f"cases/{row['id']}") for row in rows]

    def reports(self) -> dict[str, dict[str, Any]]:
        """Every report of the council that has its case, by receipt code, each with its case under `case`."""
        found: dict[str, dict[str, Any]] = {}
        for case in self.cases():
            for report in case["reports_detail"]:
                assert report["receipt_code"] not in found, "one report in two cases"
                found[report["receipt_code"]] = report | {"case": case}
        return found

    def wait_for_report(self, receipt_code: str, photos: int = 0) -> dict[str, Any]:
        """The report with this receipt code, once it has its case and so many verified photos."""

        def look() -> dict[str, Any] | None:
            report = self.reports().get(receipt_code)
            verified = [photo for photo in report["photos"] if photo["state"] == "verified"] if report else []
            return report if report and len(verified) >= photos else None

        return wait_for(f"report {receipt_code} with its case and {photos} verified photos", look, WITHIN_S)

    def wait_for_result(self, case_id: str, photos: int = 0) -> dict[str, Any]:
        """The first job of a case, once it has a result and so many verified photos."""

        def look() -> dict[str, Any] | None:
            job: dict[str, Any] = self.get(f"cases/{case_id}")["jobs"][0]
            verified = [photo for photo in job["photos"] if photo["state"] == "verified"]
            return job if job["results"] and len(verified) >= photos else None

        return wait_for("the job's result", look, WITHIN_S)
