"""tus clients that others wrote send to our gunicorn, are stopped, go on, and every byte matches."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tusclient.client import TusClient

from tests.contract.tus.conftest import Served
from tests.server.photos.council import UPLOADS

ROOT = Path(__file__).parents[3]
PIECE = 65_536


@pytest.fixture
def content() -> bytes:
    """Four pieces and a bit."""
    return os.urandom(4 * PIECE + 321)


@pytest.fixture
def file(content: bytes, tmp_path: Path) -> Path:
    """It as a file."""
    path = tmp_path / "photo.jpg"
    path.write_bytes(content)
    return path


def endpoint(served: Served) -> str:
    return f"http://127.0.0.1:{served.wire.port}{UPLOADS}"


def test_tuspy_uploads_stops_and_goes_on(served: Served, content: bytes) -> None:
    """It creates the upload a second time: the same place; what it sends from 0 is answered 409, and it asks."""
    photo_id = served.council.expect(content)
    client = TusClient(endpoint(served), headers=served.wire.headers)
    about = {"chunk_size": PIECE, "metadata": {"photo_id": str(photo_id)}, "retries": 3, "retry_delay": 0}
    first = client.uploader(file_stream=io.BytesIO(content), **about)
    first.upload_chunk()  # type: ignore[no-untyped-call]
    first.upload_chunk()  # type: ignore[no-untyped-call]
    assert served.wire.head(photo_id).offset == 2 * PIECE
    again = client.uploader(file_stream=io.BytesIO(content), **about)
    again.upload()
    assert again.url == first.url
    assert served.original(photo_id) == content
    assert served.council.photo(photo_id)["state"] == "received"


@pytest.mark.parametrize("first_bytes", ["", "with the creation"])
def test_tus_js_client_uploads_stops_and_goes_on(
    served: Served, content: bytes, file: Path, first_bytes: str
) -> None:
    photo_id = served.council.expect(content)
    node = shutil.which("node", path=f"{os.environ['PATH']}:{Path(sys.executable).parent}")
    assert node, "Node.js comes with the Python packages of the tests"
    done = subprocess.run(
        [node, str(Path(__file__).parent / "upload.mjs"), str(ROOT / "pwa"), endpoint(served), str(file),
         str(photo_id), json.dumps(served.wire.headers), first_bytes],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    before, after = json.loads(done.stdout)
    assert before[-1] == 2 * PIECE and after[0] > 2 * PIECE and after[-1] == len(content)
    assert served.original(photo_id) == content
    assert served.council.photo(photo_id)["state"] == "received"
