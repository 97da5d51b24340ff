"""A resident's upload token: it lets them send the photos of their own report, for a week."""

from __future__ import annotations

from server.photos.uploaders import Uploader, upload_token_holders
from server.residents.models import PublicAccess
from server.residents.service import find_access
from server.store.clock import now
from server.store.events import PUBLIC
from server.store.transaction import reading


@upload_token_holders
def holder_of(token: str) -> Uploader | None:
    """Whose token this is, while uploads are open."""
    with reading(None) as session:
        access = find_access(session, PublicAccess.upload_token_hash, token)
        if access is None or access.upload_until < now():
            return None
        return Uploader(access.authority_id, PUBLIC, report_id=access.id)
