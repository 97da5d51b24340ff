"""The words of names, for searching: which names hold a word, and which words a slip of the finger may have meant.

A name is folded first: lower case, accents and apostrophes gone ("Hoar's" is "hoars"), all else but letters and
figures one space.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from zlib import crc32

import numpy as np

from workers.geocoding.columns import Array, spread, texts_columns

# Slips are looked for in so many letters at the start of a word; later ones leave these as they are.
SLIP_LETTERS = 6
# Shorter words are too close to each other.
SLIPS_FROM = 4

_APOSTROPHES = re.compile("['\u2018\u2019]")
_NOT_WORD = re.compile(r"[^a-z0-9]+")

# What people write short, and what it may stand for.
SHORT_FORMS = {
    "ave": ("avenue",), "av": ("avenue",), "bldgs": ("buildings",), "br": ("bridge",), "ch": ("church",),
    "cl": ("close",), "clo": ("close",), "cres": ("crescent",), "crt": ("court",), "ct": ("court",),
    "dr": ("drive",), "e": ("east",), "est": ("estate",), "fm": ("farm",), "gdns": ("gardens",), "gr": ("grove",),
    "grn": ("green",), "gt": ("great",), "hl": ("hill",), "hosp": ("hospital",), "hse": ("house",),
    "ind": ("industrial",), "la": ("lane",), "ln": ("lane",), "lwr": ("lower",), "mt": ("mount",), "n": ("north",),
    "pde": ("parade",), "pk": ("park",), "pl": ("place",), "rd": ("road",), "s": ("south",), "sch": ("school",),
    "sq": ("square",), "st": ("street", "saint"), "sta": ("station",), "stn": ("station",), "str": ("street",),
    "ter": ("terrace",), "terr": ("terrace",), "upr": ("upper",), "w": ("west",), "wy": ("way",),
    "saint": ("st",), "street": ("st",),
}  # fmt: skip


def fold(text: str) -> str:
    """The text as it is compared."""
    plain = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", text).casefold())
    return _NOT_WORD.sub(" ", "".join(each for each in plain if not unicodedata.combining(each))).strip()


def word_columns(texts: Sequence[str], name: Array, locality: Array) -> dict[str, Array]:
    """The columns `Search` reads. texts: all names; name, locality: for each entry the number of its text."""
    of_text = [fold(text).split() for text in texts]
    vocabulary = sorted({word for words in of_text for word in words})
    number = {word: index for index, word in enumerate(vocabulary)}
    text_at = np.zeros(len(texts) + 1, dtype=np.uint32)
    np.cumsum([len(words) for words in of_text], out=text_at[1:])
    text_word = np.array([number[word] for words in of_text for word in words], dtype=np.int32)
    columns = texts_columns("word", vocabulary) | {"text_word": text_word, "text_word_at": text_at}
    for kind, texts_of in (("named", name), ("inside", locality)):
        columns |= _postings(kind, text_word, text_at, texts_of, len(vocabulary))
    hashes = [(each, index) for index, word in enumerate(vocabulary) for each in slip_hashes(word)]
    slips = np.array(hashes, dtype=np.int64).reshape(-1, 2)
    slips = slips[np.lexsort((slips[:, 1], slips[:, 0]))]
    return columns | {"slip_hash": slips[:, 0].astype(np.uint32), "slip_word": slips[:, 1].astype(np.int32)}


def _postings(kind: str, text_word: Array, text_at: Array, texts_of: Array, words: int) -> dict[str, Array]:
    """For each word the entries that hold it, ascending."""
    at, entry = spread(text_at[texts_of], text_at[texts_of + 1])
    keys = np.unique((text_word[at].astype(np.int64) << 32) | entry)
    starts = np.searchsorted(keys >> 32, np.arange(words + 1))
    return {f"{kind}_entry": (keys & 0xFFFFFFFF).astype(np.int32), f"{kind}_at": starts.astype(np.uint32)}


def slip_hashes(word: str) -> set[int]:
    """Hashes of the word's first letters, and of these less any one: two words one slip apart share one."""
    if len(word) < SLIPS_FROM or word.isdigit():
        return set()
    return {crc32(each.encode()) for each in _less_one(word[:SLIP_LETTERS])}


def _less_one(start: str) -> Iterator[str]:
    yield start
    for index in range(len(start)):
        yield start[:index] + start[index + 1 :]


def slips_allowed(word: str) -> int:
    """How many slips a typed word may hold: none in short ones and numbers, two from eight letters on."""
    if len(word) < SLIPS_FROM or any(each.isdigit() for each in word):
        return 0
    return 1 if len(word) < 8 else 2


def slips_between(typed: str, word: str, most: int, *, begun: bool) -> int:
    """How many letters were changed, left out, added or swapped; `most` + 1 when more than `most`.

    begun: only the start of `word` was typed. (Optimal string alignment: Damerau, 1964, without moving a pair again.)
    As `most` is small, each way to mend the first letter that differs is tried, which is far less than a whole table.
    """
    same, shorter = 0, min(len(typed), len(word))
    while same < shorter and typed[same] == word[same]:
        same += 1
    typed, word = typed[same:], word[same:]
    if not typed or not word:
        left = len(typed) if begun else len(typed) + len(word)
        return min(left, most + 1)
    if most == 0 or (not begun and abs(len(typed) - len(word)) > most):
        return most + 1
    mended = [(typed[1:], word[1:]), (typed[1:], word), (typed, word[1:])]
    if typed[:2] == word[1::-1]:
        mended.append((typed[2:], word[2:]))
    return 1 + min(slips_between(rest, other, most - 1, begun=begun) for rest, other in mended)
