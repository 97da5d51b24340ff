"""The words a case is found by: reference, place, receipt codes, notes. One row for each word of a case."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.cases.models import Case, Job
from server.intake.models import Report, ReportStanding
from server.store.database import Base, within_authority
from server.store.notes import notes_of
from server.store.transaction import dialect_insert

LONGEST = 40
# Put behind a beginning: above every word that begins so, in the order of bytes.
LAST = "\U0010ffff"


class CaseWord(Base):
    """One word of one case. The word belongs to the key: a case holds it once, and the table is its own index.

    Ten rows for each case make this the longest table, so it has no id and no row beside the key.
    """

    __tablename__ = "case_word"
    __table_args__ = (
        within_authority("case_id", "case"),
        sa.Index("ix_case_word_word", "authority_id", "word", "case_id"),
        {"sqlite_with_rowid": False},
    )
    authority_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    # Ordered by bytes on either database, so that the words with one beginning lie side by side.
    word: Mapped[str] = mapped_column(
        sa.String(LONGEST).with_variant(sa.String(LONGEST, collation="C"), "postgresql"), primary_key=True
    )


def words_in(text: str) -> set[str]:
    """The words to find a text by: "Stoke-on-Trent" by stokeontrent, stoke, on and trent."""
    found: set[str] = set()
    for chunk in _folded(text).split():
        parts = _parts(chunk)
        found.update(part[:LONGEST] for part in ("".join(parts), *parts) if part)
    return found


def words_of_reference(reference: str) -> set[str]:
    """`NW-26-00123` by nw2600123, 2600123, 00123 and 123, so that its parts alone do not name every case."""
    *_, year, number = parts = _parts(_folded(reference))
    return {"".join(parts), year + number, number, number.lstrip("0")} - {""}


def typed_words(text: str) -> list[str]:
    """What somebody typed, as beginnings of words: each run between spaces is one, without its signs."""
    joined = ("".join(_parts(chunk))[:LONGEST] for chunk in _folded(text).split())
    return list(dict.fromkeys(word for word in joined if word))


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _parts(chunk: str) -> list[str]:
    return re.findall(r"[^\W_]+", chunk)


def words_of_place(case: Case) -> set[str]:
    """The words of a case's label, and of its postcode."""
    postcode = ((case.place or {}).get("postcode") or {}).get("code") or ""
    return words_in(f"{case.label} {postcode}") | words_in(postcode.replace(" ", ""))


def words_of_report(report: Report) -> set[str]:
    """The words of a report's receipt code, and of the place in its sender's words."""
    return words_in(f"{report.receipt_code} {report.where}")


def add_words(session: Session, case: Case, words: Iterable[str]) -> None:
    """Let a case be found by these words too."""
    of = session.info["authority_id"]
    rows = [{"authority_id": of, "case_id": case.id, "word": word} for word in sorted(words)]
    if rows:
        session.flush()
        # What it returns nobody needs; but only so do the rows go in one statement.
        insert = dialect_insert(session, CaseWord).on_conflict_do_nothing().returning(CaseWord.word)
        session.connection().execute(insert, rows)


def renew_words(session: Session, cases: Sequence[Case]) -> None:
    """Make the words of these cases anew from what they hold now."""
    session.flush()
    for case in cases:
        session.execute(
            sa.delete(CaseWord)
            .where(CaseWord.authority_id == case.authority_id, CaseWord.case_id == case.id)
            .execution_options(synchronize_session=False)
        )
        add_words(session, case, _all_words(session, case))


def _all_words(session: Session, case: Case) -> set[str]:
    joined = sa.and_(ReportStanding.authority_id == Report.authority_id, ReportStanding.id == Report.id)
    reports = sa.select(Report).join(ReportStanding, joined).where(ReportStanding.case_id == case.id)
    jobs = session.scalars(sa.select(Job.id).where(Job.case_id == case.id))
    words = words_of_reference(case.reference) | words_of_place(case)
    words = words.union(*(words_of_report(report) for report in session.scalars(reports)))
    return words.union(*(words_in(note.text) for note in notes_of(session, [case.id, *jobs])))
