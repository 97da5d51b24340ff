"""Each fault that sync has to survive has its test, at the layer where it happens, and its line in docs/faults.md."""

from __future__ import annotations

from pathlib import Path

from tests.faults.catalogue import FAULTS
from tests.faults.page import page, shown

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"


def test_the_list_of_faults_is_whole() -> None:
    assert sorted(FAULTS) == [number for number in range(1, 47) if number != 28]


def test_every_fault_has_a_test_at_each_of_its_layers() -> None:
    tried = dict.fromkeys(FAULTS, "")
    for one in shown():
        tried[one.number] += one.layers
    missing = [
        f"{number} ({fault.name}) is not tried at {letter}"
        for number, fault in FAULTS.items()
        for letter in fault.layers
        if letter not in tried[number]
    ]
    assert missing == []


def test_the_page_of_faults_says_what_the_tests_say() -> None:
    assert PAGE.read_text() == page(), "make docs/faults.md"
