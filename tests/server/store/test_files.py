"""Originals on the disk: what a crash of the machine would leave of them."""

from __future__ import annotations

import os
import uuid
from hashlib import sha256
from pathlib import Path

import pytest

from server.store.files import FileStore


def test_an_original_is_on_the_disk_with_every_folder_that_leads_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = list[Path]()
    real = os.fsync

    def fsync(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    files, authority_id = FileStore(tmp_path / "files"), uuid.uuid4()
    upload = files.upload(authority_id, uuid.uuid4())
    upload.write_bytes(b"photo")
    original = files.adopt(upload, authority_id, sha256(b"photo").hexdigest())
    assert original.read_bytes() == b"photo"
    assert synced[0] == upload, "its bytes before its name"
    assert synced[-1] == original.parent, "its name last"
    # The store's own folder was there before: an upload is kept in it.
    assert {*original.parents[1:3], files.root} <= {*synced}
