"""The sources that all authorities share: each is read into files of its own, and takes the place of its older vintage
only when it is whole.

Files lie under `gazetteer/<source>/<vintage>-<digest>/` in the data folder; the database says which are in use.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.access.models import Authority
from server.places.models import GazetteerVintage
from server.store import deferred
from server.store.transaction import ACROSS_AUTHORITIES, reading, transaction
from workers.geocoding.columns import write_columns
from workers.geocoding.nameset import NameSet
from workers.geocoding.sources.files import Account, WrongFile, digest_of, newest_day
from workers.geocoding.sources.registry import SHARED_SOURCES, Built

FOLDER = "gazetteer"
# Which sources say in which place a road is, the best first.
LOCALITY_SOURCES = ("os_open_names", "naptan")


@dataclass(frozen=True, slots=True)
class Brought:
    """What an import did: the vintage that is in use now, and the rows that were left out, with file and line."""

    source: str
    vintage: str
    rows: int
    left_out: int
    problems: list[str]
    already: bool


def bring_in(
    data_dir: Path, word: str, path: Path, *, vintage: str | None, at: datetime,
    told: Callable[[str, float], None] = lambda _name, _share: None,
) -> Brought:  # fmt: skip
    """Read a shared source from `path` and put it in use. Run again with the same files it changes nothing.

    Ended in the middle it leaves what was in use as it is, and is begun anew when it is run again. Raises WrongFile.
    """
    shared = SHARED_SOURCES[word]
    members = shared.members(path)
    digest, name = digest_of(members), vintage or newest_day(members)
    folder = Path(shared.source) / f"{name}-{digest[:12]}"
    with reading(None) as session:
        current = current_vintage(session, shared.source)
        known = current is not None and current.folder == str(folder)
    if known and current is not None and (data_dir / FOLDER / folder).is_dir():
        announce(at)
        return Brought(current.source, current.vintage, current.rows, current.left_out, [], already=True)
    account = Account(told)
    built = shared.build(members, account, _localities(data_dir))
    if not account.rows:
        raise WrongFile(f"{path}: no row could be read. {(account.problems or [shared.expected])[0]}")
    _write(data_dir / FOLDER / folder, built, name)
    row = GazetteerVintage(
        id=uuid.uuid4(), source=shared.source, vintage=name, folder=str(folder), state="current", rows=account.rows,
        left_out=account.left_out, input_sha256=digest, imported_at=at,
    )  # fmt: skip
    _put_in_use(data_dir, row)
    announce(at)
    return Brought(shared.source, name, account.rows, account.left_out, account.problems, already=False)


def current_vintage(session: Session, source: str) -> GazetteerVintage | None:
    """The vintage of a source that is in use."""
    query = sa.select(GazetteerVintage).where(
        GazetteerVintage.source == source, GazetteerVintage.state == "current"
    )
    return session.scalars(query, execution_options=ACROSS_AUTHORITIES).first()


def folders_in_use(session: Session) -> tuple[str, ...]:
    """The folders of all vintages in use, by source."""
    query = sa.select(GazetteerVintage.folder).where(GazetteerVintage.state == "current")
    return tuple(sorted(session.scalars(query, execution_options=ACROSS_AUTHORITIES)))


def announce(at: datetime) -> None:
    """Tell every authority that has not heard of the newest vintage: its reports are placed anew."""
    with reading(None) as session:
        newest = session.scalar(
            sa.select(sa.func.max(GazetteerVintage.imported_at)), execution_options=ACROSS_AUTHORITIES
        )
        behind = sa.select(Authority.id).where(
            sa.or_(Authority.gazetteer_changed_at.is_(None), Authority.gazetteer_changed_at < newest)
        )
        authorities = list(session.scalars(behind, execution_options=ACROSS_AUTHORITIES)) if newest else []
    for authority_id in authorities:
        with transaction(authority_id) as session:
            gazetteer_changed(session, at)


def gazetteer_changed(session: Session, at: datetime) -> None:
    """Note when the open authority's names or areas changed, and have its reports placed anew."""
    authority = session.get_one(Authority, session.info["authority_id"], with_for_update=True)
    authority.gazetteer_changed_at = at
    deferred.defer(deferred.PLACE_AGAIN, authority.id)


def _localities(data_dir: Path) -> NameSet | None:
    with reading(None) as session:
        for source in LOCALITY_SOURCES:
            vintage = current_vintage(session, source)
            # A restored backup may name vintages that it did not bring.
            if vintage is not None and (data_dir / FOLDER / vintage.folder).is_dir():
                return NameSet.opened(data_dir / FOLDER / vintage.folder)
    return None


def _write(folder: Path, built: Built, vintage: str) -> None:
    """Write into a folder beside, and give it its name when it is whole."""
    beside = folder.with_name(f"{folder.name}.part")
    for left in (beside, folder):
        if left.exists():
            shutil.rmtree(left)
    write_columns(beside, built.columns, {**built.about, "vintage": vintage})
    beside.rename(folder)


def _put_in_use(data_dir: Path, row: GazetteerVintage) -> None:
    with transaction(None) as session:
        older = sa.select(GazetteerVintage).where(GazetteerVintage.source == row.source)
        vintages = list(session.scalars(older.with_for_update(), execution_options=ACROSS_AUTHORITIES))
        last = next((one for one in vintages if one.state == "current"), None)
        for one in vintages:
            if one.folder == row.folder or one is not last:
                session.delete(one)
            else:
                one.state = "replaced"
        session.flush()
        session.add(row)
        kept = {row.folder, *(one.folder for one in vintages if one is last)}
    # Processes may still be reading the one that was in use; those before it are nobody's.
    for folder in (data_dir / FOLDER / row.source).iterdir():
        if str(Path(row.source) / folder.name) not in kept:
            shutil.rmtree(folder)
