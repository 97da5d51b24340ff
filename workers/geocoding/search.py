"""Finding a name by what a person types: whole words, beginnings of words, short forms, and slips of the finger.

At least one typed word must be of the name; the others may be of the name or of the place it is in ("oldbury road
hartshill"). What matches best comes first, then what is in the council's own area, then what is near the person.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workers.geocoding.columns import Array, Columns, Texts, spread
from workers.geocoding.near import CM, Ints
from workers.geocoding.words import (
    SHORT_FORMS,
    fold,
    slip_hashes,
    slips_allowed,
    slips_between,
)

Floats = NDArray[np.float64]
Bounds = tuple[float, float, float, float]

# What each way to match a word costs, in the same units as distance below.
BEGUN, SHORTENED, HELD_INSIDE, SLIP = 1.0, 0.6, 3.0, 3.0
IN_LOCALITY, NOT_FIRST, WORD_LEFT_OVER = 1.5, 1.0, 0.3
NO_MATCH = 99.0
# A borough's width away costs as much as a slip.
OUTSIDE_BOUNDS = 2.0
PER_DOUBLING_OF_KM = 0.5
KIND_COST = np.array([0.1, 0.0, 0.1, 0.4, 0.5, 0.5])
WORDS_MOST, SLIPS_MOST, INSIDE_MOST = 8, 100, 300
# More candidates than this are not weighed; those around the person, or in the area, are.
CANDIDATES_MOST = 40_000
AROUND_PERSON_M, AROUND_AREA_M = 6_000, 15_000


@dataclass(frozen=True, slots=True)
class Bias:
    """Where the person is, and the area they are most likely to mean (west, south, east, north); metres."""

    near: tuple[float, float] | None = None
    bounds: Bounds | None = None

    @property
    def centre(self) -> tuple[float, float] | None:
        """The point that likely matches lie around."""
        if self.near is not None or self.bounds is None:
            return self.near
        west, south, east, north = self.bounds
        return (west + east) / 2, (south + north) / 2


class Search:
    """The words of a set of names. Thread-safe: nothing is kept between calls."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._words = Texts(columns, "word")

    def best(self, text: str, most: int, bias: Bias) -> tuple[Ints, Floats]:
        """At most `most` entries that match, best first, and what each costs; none for text without a word."""
        words = fold(text).split()[:WORDS_MOST]
        if not words or not len(self._words):
            return np.zeros(0, np.int64), np.zeros(0)
        costs = [self._word_costs(word, last=index == len(words) - 1) for index, word in enumerate(words)]
        candidates = self._candidates(costs, bias)
        total = self._match_cost(candidates, costs)
        kept = total < NO_MATCH
        candidates, total = candidates[kept], total[kept] + self._place_cost(candidates[kept], bias)
        total += KIND_COST[self._columns["kind"][candidates]]
        if len(total) > most * 50:  # only the best need an exact order
            best = np.argpartition(total, most * 10)[: most * 10 + 1]
            candidates, total = candidates[best], total[best]
        order = np.lexsort((candidates, np.round(total, 3)))[:most]
        return candidates[order], total[order]

    def _word_costs(self, typed: str, *, last: bool) -> Floats:
        """What it costs each word of the vocabulary to be what was typed; the last word may be only begun."""
        costs = np.full(len(self._words), NO_MATCH, dtype=np.float32)
        if len(typed) >= 3:
            inside = self._words.holding(typed.encode(), INSIDE_MOST)
            costs[inside] = HELD_INSIDE
        slips = slips_allowed(typed)
        if slips:
            for word in self._slipped(typed):
                count = slips_between(typed, self._words[word], slips, begun=last)
                if count <= slips:
                    costs[word] = min(costs[word], count * SLIP)
        if last:
            begin, end = self._begun(typed)
            costs[begin:end] = BEGUN
        for other in SHORT_FORMS.get(typed, ()):
            costs[self._exactly(other)] = SHORTENED
        costs[self._exactly(typed)] = 0
        return costs.astype(float)

    def _exactly(self, word: str) -> slice:
        at = self._words.first_not_before(word.encode())
        found = at < len(self._words) and self._words[at] == word
        return slice(at, at + found)

    def _begun(self, typed: str) -> tuple[int, int]:
        begin = self._words.first_not_before(typed.encode())
        return begin, self._words.first_not_before(typed.encode() + b"\xff")

    def _slipped(self, typed: str) -> list[int]:
        hashes = np.array(sorted(slip_hashes(typed)), dtype=np.uint32)
        low = np.searchsorted(self._columns["slip_hash"], hashes)
        high = np.searchsorted(self._columns["slip_hash"], hashes, side="right")
        at, _ = spread(low, high)
        words, hits = np.unique(self._columns["slip_word"][at], return_counts=True)
        return [int(word) for word in words[np.argsort(-hits, kind="stable")][:SLIPS_MOST]]

    def _candidates(self, costs: list[Floats], bias: Bias) -> Ints:
        """Entries that hold the rarest of the typed words in their name or place, each once, ascending."""
        best: tuple[int, Ints] | None = None
        for cost in costs:
            words = np.flatnonzero(cost < NO_MATCH)
            count = sum(
                int((at[words + 1] - at[words].astype(np.int64)).sum()) for at in self._ats(len(costs))
            )
            if best is None or count < best[0]:
                best = count, words
        assert best is not None
        count, words = best
        if count <= CANDIDATES_MOST:
            return self._holding(words, named_only=len(costs) == 1)
        if bias.centre is not None:
            return self._around(bias.centre, AROUND_AREA_M if bias.near is None else AROUND_PERSON_M)
        return self._holding(words, named_only=len(costs) == 1)[:CANDIDATES_MOST]

    def _ats(self, typed_words: int) -> list[Array]:
        kinds = ("named",) if typed_words == 1 else ("named", "inside")
        return [self._columns[f"{kind}_at"] for kind in kinds]

    def _holding(self, words: Ints, *, named_only: bool) -> Ints:
        found = []
        for kind in ("named",) if named_only else ("named", "inside"):
            at = self._columns[f"{kind}_at"]
            index, _ = spread(at[words], at[words + 1])
            found.append(self._columns[f"{kind}_entry"][index])
        together: Ints = np.sort(np.concatenate(found)).astype(np.int64)
        return together[np.diff(together, prepend=-1) > 0]

    def _around(self, centre: tuple[float, float], reach_m: float) -> Ints:
        """Entries whose point lies around a place: too many hold the word to weigh them all."""
        x, y = self._columns["x"], self._columns["y"]
        # In whole centimetres, as they are stored: millions of fractions would take ten times as long.
        (west, south), (east, north) = (
            [round((at + reach) * CM) for at in centre] for reach in (-reach_m, reach_m)
        )
        near = np.flatnonzero((x >= west) & (x <= east))
        return near[(y[near] >= south) & (y[near] <= north)]

    def _match_cost(self, entries: Ints, costs: list[Floats]) -> Floats:
        """What each entry costs for all typed words; NO_MATCH or more where one fits nowhere, or none the name."""
        names, named = self._cost_in(entries, "name", costs)
        places, _ = self._cost_in(entries, "locality", costs)
        of_name = names <= places + IN_LOCALITY
        each = np.where(of_name, names, np.minimum(places + IN_LOCALITY, NO_MATCH))
        used = (of_name & (each < NO_MATCH)).sum(axis=0)
        # Where all words fit the place better, the one that fits the name nearly as well has to.
        total: Floats = each.sum(axis=0) + np.where(used == 0, (names - each).min(axis=0), 0)
        total += WORD_LEFT_OVER * np.maximum(0, named - np.maximum(used, 1))
        total[(each >= NO_MATCH).any(axis=0)] = NO_MATCH
        return total

    def _cost_in(self, entries: Ints, texts: str, costs: list[Floats]) -> tuple[Floats, Ints]:
        """For each typed word and entry the least cost among the words of its text; and how many words that has."""
        text = self._columns[texts][entries]
        at = self._columns["text_word_at"]
        low, high = at[text], at[text.astype(np.int64) + 1]
        index, of = spread(low, high)
        words, count = self._columns["text_word"][index], (high - low).astype(np.int64)
        least = np.full((len(costs), len(entries)), NO_MATCH)
        if len(words):
            starts = np.flatnonzero(np.diff(of, prepend=-1))
            later = np.arange(len(of)) - np.repeat(starts, count[count > 0]) > 0
            for row, cost in enumerate(costs):
                each = cost[words] + (NOT_FIRST * later if row == 0 and texts == "name" else 0)
                least[row, of[starts]] = np.minimum.reduceat(each, starts)
        return least, count

    def _place_cost(self, entries: Ints, bias: Bias) -> Floats:
        cost = np.zeros(len(entries))
        if bias.near is None and bias.bounds is None:
            return cost
        x, y = self._columns["x"][entries] / CM, self._columns["y"][entries] / CM
        if bias.bounds is not None:
            west, south, east, north = bias.bounds
            cost += OUTSIDE_BOUNDS * ~((x >= west) & (x <= east) & (y >= south) & (y <= north))
        if bias.centre is not None:
            km = np.hypot(x - bias.centre[0], y - bias.centre[1]) / 1000
            cost += PER_DOUBLING_OF_KM * np.log2(1 + km)
        return cost
