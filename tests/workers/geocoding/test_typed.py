"""Places typed as figures, in every usual spelling."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workers.geocoding.plus_code import plus_code
from workers.geocoding.typed import ShortCode, Typed, read_typed, short_to_typed

# The phone reads the same without signal, and is tested by the same file.
SPELLINGS = json.loads(Path(__file__).with_name("lat_lon.json").read_text(encoding="utf-8"))
ATHERSTONE = (52.5755, -1.5445)


def read(text: str) -> Typed:
    found = read_typed(text)
    assert isinstance(found, Typed), text
    return found


@pytest.mark.parametrize(
    ("text", "accuracy_m"),
    [
        ("SP 30965 97615", 1), ("sp3096597615", 1), ("SP/30965/97615", 1), ("SP 30965, 97615", 1), ("SP3096597615", 1),
        ("SP 309 976", 71), ("sp309976", 71), ("430965 297615", 1), ("430965, 297615", 1), ("E430965 N297615", 1),
        ("430965.2, 297615.6", 1), ("Easting: 430965, Northing: 297615", 1),
    ],
)  # fmt: skip
def test_grid_references(text: str, accuracy_m: int) -> None:
    found = read(text)
    assert found.kind == "grid_reference" and found.accuracy_m == accuracy_m
    assert (found.lat, found.lon) == pytest.approx(ATHERSTONE, abs=accuracy_m * 1.5e-5)


@pytest.mark.parametrize(
    ("text", "accuracy_m"), [(one["text"], one["accuracy_m"]) for one in SPELLINGS["read"]]
)
def test_latitude_and_longitude(text: str, accuracy_m: int) -> None:
    found = read(text)
    assert found.kind == "lat_lon" and found.accuracy_m == accuracy_m
    assert (found.lat, found.lon) == pytest.approx(ATHERSTONE, abs=1e-7)


def test_plus_codes_whole_and_short() -> None:
    whole = read("9c4whfg4+66")
    assert whole.kind == "plus_code" and (whole.lat, whole.lon) == pytest.approx(ATHERSTONE, abs=1e-4)
    assert read_typed("HFG4+66 Hartshill") == ShortCode("HFG4+66", "Hartshill")
    assert read_typed("hfg4+66") == ShortCode("HFG4+66", "")
    near = short_to_typed(ShortCode("HFG4+66", "Hartshill"), 52.54, -1.52)
    assert (near.lat, near.lon) == (whole.lat, whole.lon)


def test_three_words_are_kept_as_words() -> None:
    assert read("///Filled.Count.soap") == Typed("three_words", "///filled.count.soap", None, None, None)


@pytest.mark.parametrize("text", SPELLINGS["not_read"])
def test_names_are_no_figures(text: str) -> None:
    assert read_typed(text) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("SP 30965 976", "same number of figures each way, not 5 and 3"), ("SP 309 97", "figures"),
        ("ZZ 309 976", "not a square"), ("SP 3 9", "at least four figures"), ("95.5, -1.5", "Latitude runs"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read_typed(text)


@settings(deadline=None, max_examples=50)
@given(st.floats(50.2, 58), st.floats(-4.5, 0.5))
def test_a_plus_code_and_degrees_come_back_as_they_went(lat: float, lon: float) -> None:
    code = read(plus_code(lat, lon))
    assert (code.lat, code.lon) == pytest.approx((lat, lon), abs=1.3e-4)
    degrees = read(f"{lat:.7f}, {lon:.7f}")
    assert (degrees.lat, degrees.lon) == pytest.approx((lat, lon), abs=1e-7)


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=60))
def test_whatever_is_typed_is_read_or_refused_in_words(text: str) -> None:
    try:
        found = read_typed(text)
    except ValueError:
        return  # in words: the messages are checked above
    assert found is None or isinstance(found, Typed | ShortCode)
