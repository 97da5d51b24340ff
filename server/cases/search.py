"""Finding cases: filters, words, counts, and pages that stay right while cases come in.

Everything is meant to stay quick at a hundred thousand cases on either database. A list walks an index that holds
all that it is ordered and filtered by, one state at a time, and reads whole rows only for the page. Words that few
cases have are looked up first; words that very many have are checked on the walk, where matches are dense.
"""

from __future__ import annotations

import heapq
import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.cases.models import CASE_STATES, Case
from server.cases.need import REPEAT, WITNESS
from server.cases.pages import ORDERS, Key, Order, read_cursor, write_cursor
from server.cases.words import LAST, CaseWord, typed_words
from server.intake.receipt import typed_receipt_code

OPEN_STATES = ("new", "accepted")
NOT_KNOWN = "none"
WORDS_AT_MOST = 6
# Up to so many cases with all the words are looked up before anything else; more are found by walking the list.
FEW = 1_500
# How far the cases with a word are counted. What fewer have is rare, and two rare words are looked up together.
PROBE = 15_000
# A rare word among common ones is looked up alone when no more cases have it.
SOME = 8_000
# How many cases of a state are looked at to count those with common words.
HEAD = 1_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an officer asked for. `states` empty: any; `ward`, `waste`, `source` may be NOT_KNOWN."""

    q: str = ""
    states: tuple[str, ...] = ()
    kind: str | None = None
    hazard: str | None = None
    ward: str | None = None
    waste: str | None = None
    source: str | None = None
    closed_because: str | None = None
    witness: bool = False
    repeat: bool = False
    opened_from: datetime | None = None
    opened_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many cases match by state; of the states in `at_least` there may be more."""

    by_state: dict[str, int]
    at_least: list[str]


@dataclass(frozen=True, slots=True)
class Found:
    """A page of cases, the cursor of the next page or None, and the counts under all filters but the state."""

    cases: list[Case]
    next: str | None
    counts: Counts


def find_cases(session: Session, wanted: Wanted, sort: str, limit: int, cursor: str | None) -> Found:
    """A page of cases in the order of `sort` (need, newest, oldest), with counts."""
    order = ORDERS[sort]
    after = read_cursor(order, cursor) if cursor else None
    words = _Words.of(session, wanted.q)
    looked_up = _look_up(session, replace(wanted, states=()), words, order) if words.rare else None
    if looked_up is not None:
        keys = _behind(
            order, after, [key for state in wanted.states or CASE_STATES for key in looked_up[state]]
        )
        counts = Counts({state: len(found) for state, found in looked_up.items()}, [])
    else:
        counts, heads = _count(session, replace(wanted, states=()), words, order)
        walks = [
            _walk(session, replace(wanted, states=(state,)), words, order, after, limit + 1)
            if after is not None or state not in heads
            else _from_head(session, replace(wanted, states=(state,)), words, order, heads[state], limit + 1)
            for state in wanted.states or CASE_STATES
        ]
        keys = list(heapq.merge(*walks, key=order.position))
    ids = [key[-1] for key in keys[:limit]]
    found = {case.id: case for case in session.scalars(sa.select(Case).where(Case.id.in_(ids)))}
    next_cursor = write_cursor(order, keys[limit - 1]) if len(keys) > limit else None
    return Found([found[case_id] for case_id in ids], next_cursor, counts)


def _look_up(session: Session, wanted: Wanted, words: _Words, order: Order) -> dict[str, list[Key]] | None:
    """The keys of all cases with the words, by state; None where more than FEW cases have them all."""
    # Worked out first on either database, and so few that they are then looked up one by one.
    found = words.all_of_them().limit(FEW + 1).cte("found").prefix_with("MATERIALIZED")
    how_many = sa.select(sa.func.count()).select_from(found)
    query = sa.select(how_many.scalar_subquery(), Case.state, *order.attributes).where(*_conditions(wanted))
    rows = session.execute(query.join(found, found.c.case_id == Case.id)).all()
    if (rows[0][0] if rows else session.scalar(how_many) or 0) > FEW:
        return None
    by_state: dict[str, list[Key]] = {state: [] for state in CASE_STATES}
    for state, *key in {tuple(row[1:]) for row in rows}:
        by_state[state].append(tuple(key))
    return by_state


def _behind(order: Order, after: Key | None, keys: list[Key]) -> list[Key]:
    """The keys in order, from behind `after` on."""
    ordered = sorted(keys, key=order.position)
    return [key for key in ordered if after is None or order.position(key) > order.position(after)]


def _walk(
    session: Session,
    wanted: Wanted,
    words: _Words,
    order: Order,
    after: Key | None,
    limit: int,
    skip: int = 0,
) -> list[Key]:
    """The keys of the first `limit` cases of one state behind `after` and behind the next `skip`, in order."""
    query = sa.select(*order.attributes).where(*_conditions(wanted), *words.checks(Case.id))
    if after is not None:
        query = query.where(*order.after(after))
    return [tuple(row) for row in session.execute(query.order_by(*order.columns()).limit(limit).offset(skip))]


def _from_head(
    session: Session, wanted: Wanted, words: _Words, order: Order, head: _Head, limit: int
) -> list[Key]:
    """The keys of the first `limit` cases of one state, whose head was looked at already."""
    if head.whole or len(head.keys) >= limit:
        return head.keys
    [last] = _walk(session, wanted, replace(words, typed=[]), order, None, 1, skip=HEAD - 1)
    return head.keys + _walk(session, wanted, words, order, last, limit - len(head.keys))


def _count(session: Session, wanted: Wanted, words: _Words, order: Order) -> tuple[Counts, dict[str, _Head]]:
    """The counts; with words, by a walk over the head of each state's list, whose matches are answered too.

    With words a count is exact for a state of fewer than HEAD cases under the filters, else of its first HEAD.
    """
    if words.typed:
        heads = {
            state: _head(session, replace(wanted, states=(state,)), words, order) for state in CASE_STATES
        }
        by_state = {state: len(head.keys) for state, head in heads.items()}
        return Counts(by_state, [state for state, head in heads.items() if not head.whole]), heads
    query = sa.select(Case.state, sa.func.count()).where(*_conditions(wanted)).group_by(Case.state)
    counted: dict[str, int] = {state: count for state, count in session.execute(query)}  # noqa: C416 - rows are no pairs to dict()
    return Counts({state: counted.get(state, 0) for state in CASE_STATES}, []), {}


@dataclass(frozen=True, slots=True)
class _Head:
    """The keys with the words among the first HEAD cases of one state, in order, and whether it has no more."""

    keys: list[Key]
    whole: bool


def _head(session: Session, wanted: Wanted, words: _Words, order: Order) -> _Head:
    first = sa.select(*order.attributes).where(*_conditions(wanted)).order_by(*order.columns()).limit(HEAD)
    walk = first.cte("walk").prefix_with("MATERIALIZED")
    how_many = sa.select(sa.func.count()).select_from(walk)
    matching = sa.select(how_many.scalar_subquery(), *walk.c).where(*words.checks(walk.c.id))
    rows = session.execute(matching).all()
    seen = rows[0][0] if rows else session.scalar(how_many) or 0
    return _Head(sorted((tuple(row[1:]) for row in rows), key=order.position), seen < HEAD)


def _conditions(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.states:
        conditions.append(Case.state.in_(wanted.states))
    for column, value in (
        (Case.kind, wanted.kind), (Case.ward_code, wanted.ward), (Case.waste, wanted.waste),
        (Case.source, wanted.source), (Case.closed_because, wanted.closed_because),
    ):  # fmt: skip
        if value is not None:
            conditions.append(column.is_(None) if value == NOT_KNOWN else column == value)
    if wanted.hazard is not None:
        conditions.append(Case.hazard_codes.contains(f" {wanted.hazard} ", autoescape=True))
    if wanted.witness:
        conditions.append(Case.need.bitwise_and(WITNESS) != 0)
    if wanted.repeat:
        conditions.append(Case.need.bitwise_and(REPEAT) != 0)
    if wanted.opened_from is not None:
        conditions.append(Case.opened_at >= wanted.opened_from)
    if wanted.opened_to is not None:
        conditions.append(Case.opened_at < wanted.opened_to)
    return conditions


@dataclass(frozen=True, slots=True)
class _Words:
    """The words somebody typed, rarest first, and their receipt code when they are one.

    `rare`: those to look up, because few cases can have them all; none where that cannot be told.
    """

    authority_id: uuid.UUID
    typed: list[str]
    receipt: str | None
    rare: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, session: Session, q: str) -> _Words:
        words = cls(session.info["authority_id"], typed_words(q)[:WORDS_AT_MOST], typed_receipt_code(q))
        counts = {word: words._count(session, word) for word in words.typed}
        words.typed.sort(key=lambda word: counts[word])
        rare = [word for word in words.typed if counts[word] < PROBE]
        most = FEW if len(words.typed) == 1 else SOME
        return replace(words, rare=rare if len(rare) > 1 or (rare and counts[rare[0]] <= most) else [])

    def _count(self, session: Session, word: str) -> int:
        """How many rows have the word, counted up to PROBE."""
        found = self._ids(word).limit(PROBE).subquery()
        return int(session.scalar(sa.select(sa.func.count()).select_from(found)) or 0)

    def all_of_them(self) -> sa.Select[Any]:
        """The cases with all the words or with the receipt code, some more than once: whole lists of rare words laid
        side by side, the common ones looked for in each case of these."""
        lists = [self._ids(word) for word in self.rare]
        found = (sa.intersect(*lists) if len(lists) > 1 else lists[0]).subquery()
        common = [word for word in self.typed if word not in self.rare]
        having = sa.select(found.c.case_id).where(*(self._has(word, found.c.case_id) for word in common))
        if self.receipt is None:
            return having
        coded = self._ids(self.receipt.replace("-", "").casefold())
        return sa.select(having.union_all(coded).subquery().c.case_id)

    def checks(self, case_id: Any) -> list[sa.ColumnElement[bool]]:
        """That a case has all the words."""
        return [self._has(word, case_id) for word in self.typed]

    def _ids(self, word: str) -> sa.Select[Any]:
        """The case of each row that has the word."""
        mine = CaseWord.__table__.alias()
        return sa.select(mine.c.case_id).where(*self._beginning(mine, word))

    def _has(self, word: str, case_id: Any) -> sa.ColumnElement[bool]:
        other = CaseWord.__table__.alias()
        same = sa.select(1).where(*self._beginning(other, word), other.c.case_id == case_id)
        # The offset keeps PostgreSQL from turning the check of each case into a join with all that have the word.
        return sa.exists(same.offset(0))

    def _beginning(self, words: Any, beginning: str) -> tuple[sa.ColumnElement[bool], ...]:
        """A word of the open authority that begins so: a range of the index."""
        return (
            words.c.authority_id == self.authority_id,
            words.c.word >= beginning,
            words.c.word < beginning + LAST,
        )
