"""What else changes with a photo: the rows that show how many are in, and the picture that stands for a case."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.cases.models import Case
from server.cases.shown import show_jobs_anew
from server.intake.models import ReportStanding
from server.photos.service import PhotoRow, photo_turn, photo_watcher
from server.store.transaction import locked_row, touch


@photo_turn
def take_turn(session: Session, photo: PhotoRow) -> None:
    """One at a time changes a report, or a case, with all that hangs on it."""
    if photo.report_id is not None:
        locked_row(session, ReportStanding, photo.report_id)
    elif photo.case_id is not None:
        locked_row(session, Case, photo.case_id)


@photo_watcher
def follow_photo(session: Session, photo: PhotoRow) -> None:
    """Let phones and desks see the report and the case anew."""
    if photo.report_id is not None:
        standing = session.get(ReportStanding, (photo.authority_id, photo.report_id))
        if standing is not None:
            touch(session, standing)
    if photo.case_id is not None:
        case = session.get_one(Case, (photo.authority_id, photo.case_id))
        touch(session, case)
        show_jobs_anew(session, case)
