"""Makes `docs/faults.md` from the tests: which fault, which test, at which layer, and what it promises.

    python -m tests.faults.page > docs/faults.md

The tests are read, not run, wherever they are: the marker names the fault, the docstring is the promise, and the
fixtures a test asks for tell its layer.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.faults.catalogue import FAULTS, LAYERS

TESTS = Path(__file__).parents[1]
MARK = "pytest.mark.fault"
IN_A_BROWSER = {"phone", "new_phone"}
REAL_PROCESSES = {"crossing", "town", "served_town", "embedded_town", "own_town"}

HEAD = """# What can go wrong on the way, and what is promised

Made from the tests by `make docs/faults.md`; a test fails when this page is stale. `make proofs` runs them.

Once a phone says "Saved on this phone", the report reaches the council exactly once with its photos bit for bit, or
stays visible on the phone with the reason. Each fault below is brought about on purpose while something is saved or on
its way; each test then holds that promise against the council's database and the original photo files.

"""
TAIL = """
Number 28, a lost answer to the refresh of a token, fell away: sessions are not refreshed. Long waits are passed with
the browser's clock; where a test does so, it says so beside its promise.
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """One test that stands for a fault, at these layers."""

    number: int
    file: str
    test: str
    promise: str
    layers: str


def shown() -> list[Shown]:
    """Every test that stands for a fault, by number. Raises AssertionError for one without a promise."""
    found = []
    for path in sorted(TESTS.rglob("test_*.py")):
        source = path.read_text()
        for function in ast.parse(source).body if MARK in source else ():
            if isinstance(function, ast.FunctionDef):
                found += list(_stands_for(path, source, function))
    return sorted(found, key=lambda one: one.number)


def _stands_for(path: Path, source: str, function: ast.FunctionDef) -> Iterator[Shown]:
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == MARK:
            said = ast.get_docstring(function)
            assert said, f"{path.name}: {function.name} promises nothing"
            layers = _layers(function, ast.get_source_segment(source, function) or "")
            for number in decorator.args:
                assert isinstance(number, ast.Constant)
                file, promise = path.relative_to(TESTS).as_posix(), " ".join(said.split())
                yield Shown(int(str(number.value)), file, function.name, promise, layers)


def _layers(function: ast.FunctionDef, source: str) -> str:
    asked = {argument.arg for argument in function.args.args}
    at = {
        "P": "proxy." in source,
        "B": bool(asked & IN_A_BROWSER),
        "M": "app" in asked,
        "S": bool(asked & REAL_PROCESSES),
    }
    return "".join(letter for letter in LAYERS if at[letter])


def page() -> str:
    """The whole page."""
    lines = [HEAD, "| layer | |\n|---|---|\n"]
    lines += [f"| {letter} | {words} |\n" for letter, words in LAYERS.items()]
    lines.append("\n| | fault | layer | test | promise |\n|---|---|---|---|---|\n")
    for one in shown():
        fault = FAULTS[one.number]
        test = f"[`{one.test}`](../tests/{one.file})"
        lines.append(f"| {one.number} | {fault.name} | {fault.layers} | {test} | {one.promise} |\n")
    return "".join([*lines, TAIL])


if __name__ == "__main__":
    sys.stdout.write(page())
