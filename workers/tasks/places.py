"""Placing reports anew after names or areas changed, and asking for second opinions."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from server.cases.placing_again import Batch, find_again, place_again
from server.places.outside.service import ask_next
from server.store.deferred import PLACE_AGAIN
from workers.schedule import ASK_OUTSIDE
from workers.tasks import handles, scheduled


@handles(PLACE_AGAIN, prepare=find_again)
def again(session: Session, authority_id: uuid.UUID, batch: Batch, at: datetime) -> None:
    """Place the next reports of an authority anew."""
    place_again(session, authority_id, batch, at)


@scheduled(ASK_OUTSIDE)
def ask_outside() -> bool:
    """Ask one service outside one question; whether there was one to ask."""
    return ask_next()
