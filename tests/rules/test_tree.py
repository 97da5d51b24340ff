"""The tree's own rules: who may import whom, how long things may be, and words that have no place in it."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
THIS_FILE = Path(__file__)  # it has to name what it looks for
PURE = ("workers.geocoding", "workers.clustering", "workers.imaging")
# Modules that put the whole together: packages are imported by them and never the other way round.
COMPOSING = (
    "app",
    "archive",
    "backup",
    "restore",
    "cli",
    "run",
    "health",
    "migrate",
    "pwa",
    "supervisor",
    "tables",
)
# In the order of the life of a report; imports run only to the left.
LIFE_OF_A_REPORT = (
    "store", "access", "places", "photos", "intake", "sync", "cases", "hotspots", "insight", "residents", "demo",
)  # fmt: skip
# In the PWA: a folder, and what it may import besides itself.
PWA_FOLDERS = {
    "shared": set[str](),
    "wire": {"shared"},
    "outbox": {"wire", "shared"},
    "capture": {"wire", "shared"},
    "parts": {"wire", "shared"},
    "map": {"parts", "wire", "shared"},
    "screens": {"map", "parts", "capture", "outbox", "wire", "shared", "sw-bridge", "styles"},
    "desk": {"map", "parts", "wire", "shared", "styles"},
    "residents": {"map", "capture", "outbox", "wire", "shared", "styles"},
    "sw": {"outbox", "shared"},
    "sw-bridge": {"shared"},
    "styles": set[str](),
}
LONGEST_FILE, LONGEST_TEST_FILE, LONGEST_FUNCTION = 400, 600, 60


@cache
def files() -> tuple[Path, ...]:
    """What belongs to the tree: everything but what .gitignore names, and git's own folder."""
    ignored = {".git", *(line.strip().rstrip("/") for line in (ROOT / ".gitignore").read_text().splitlines())}
    found = []
    for folder, subfolders, names in os.walk(ROOT):
        here = Path(folder)
        for listed in (subfolders, names):
            listed[:] = [name for name in listed if not _ignored(here / name, ignored)]
        found += [here / name for name in names]
    return tuple(sorted(found))


def _ignored(path: Path, patterns: set[str]) -> bool:
    where = str(path.relative_to(ROOT))
    return any(fnmatch(path.name, pattern) or fnmatch(where, pattern) for pattern in patterns)


def python_files(*folders: str) -> list[Path]:
    return [path for path in files() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in folders]


def script_files() -> list[Path]:
    return [path for path in files() if path.suffix in (".ts", ".tsx") and path.is_relative_to(ROOT / "pwa")]


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imports(path: Path) -> Iterator[str]:
    """Every name a module imports, in full, wherever in the module it does so."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: names are imported from where they are, in full"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def offenders(paths: list[Path], *forbidden: str) -> list[str]:
    """`file imports name` for each import of something forbidden."""
    return [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in paths
        for name in imports(path)
        if within(name, *forbidden)
    ]


def test_the_server_imports_of_the_workers_only_what_is_pure() -> None:
    found = offenders(python_files("server"), "workers")
    assert [line for line in found if not within(line.split()[-1], *PURE)] == []


@pytest.mark.parametrize("package", PURE)
def test_pure_packages_know_neither_web_nor_database_nor_queue(package: str) -> None:
    folder = ROOT / package.replace(".", "/")
    paths = [path for path in python_files("workers") if path.is_relative_to(folder)]
    assert paths
    assert offenders(paths, "flask", "sqlalchemy", "celery", "server", "workers.app", "workers.tasks") == []


@pytest.mark.parametrize("package", LIFE_OF_A_REPORT)
def test_packages_import_only_towards_the_start_of_the_life_of_a_report(package: str) -> None:
    later = LIFE_OF_A_REPORT[LIFE_OF_A_REPORT.index(package) + 1 :]
    paths = [path for path in python_files("server") if path.is_relative_to(ROOT / "server" / package)]
    assert paths
    assert offenders(paths, *(f"server.{name}" for name in (*later, *COMPOSING))) == []


def test_every_package_of_the_server_has_its_place_in_that_order() -> None:
    packages = {path.parent.name for path in (ROOT / "server").glob("*/__init__.py")}
    assert packages <= set(LIFE_OF_A_REPORT)


def test_the_product_never_imports_its_tests() -> None:
    assert offenders(python_files("server", "workers", "migrations"), "tests", "pytest") == []


def test_nothing_in_the_supervisors_guard_is_beyond_the_standard_library() -> None:
    """It is started as a file and without site-packages, so anything else would fail only in use."""
    assert offenders([ROOT / "server/guard.py"], "server", "workers", "click", "flask", "psutil") == []


def test_folders_of_the_pwa_import_only_what_lies_beneath_them() -> None:
    source = ROOT / "pwa/src"
    found = []
    for path in (path for path in script_files() if path.is_relative_to(source)):
        own = path.relative_to(source).parts[0]
        for target in re.findall(r"(?:from|import)\s*\(?\s*'(\.[^']+)'", path.read_text()):
            file = (path.parent / target).resolve()
            if file == ROOT / "pwa/package.json":
                continue  # for its version
            other = file.relative_to(source).parts[0]
            if other != own and other not in PWA_FOLDERS[own]:
                found.append(f"{path.relative_to(ROOT)} imports {target}")
    assert found == []


def test_files_stay_short() -> None:
    long = []
    for path in [*python_files("server", "workers", "migrations", "tests"), *script_files()]:
        in_tests = "tests" in path.relative_to(ROOT).parts
        lines = path.read_text().count("\n")
        if lines > (LONGEST_TEST_FILE if in_tests else LONGEST_FILE):
            long.append(f"{path.relative_to(ROOT)}: {lines} lines")
    assert long == []


def test_functions_stay_short() -> None:
    long = []
    for path in python_files("server", "workers", "tests"):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > LONGEST_FUNCTION:
                    long.append(f"{path.relative_to(ROOT)}: {node.name} has {lines} lines")
    assert long == []


def test_no_time_is_without_a_zone() -> None:
    found = []
    for path in python_files("server", "workers", "migrations", "tests"):
        for node in ast.walk(tree_of(path)):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            naive_now = node.func.attr == "now" and ast.unparse(node.func.value).endswith("datetime")
            if node.func.attr in ("utcnow", "utcfromtimestamp") or (
                naive_now and not (node.args or node.keywords)
            ):
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert found == []


def test_modules_are_named_for_what_they_do() -> None:
    vague = ("utils", "util", "helpers", "helper", "common", "misc")
    assert [
        str(path.relative_to(ROOT)) for path in files() if path.stem in vague or path.parent.name in vague
    ] == []


def test_no_test_is_skipped() -> None:
    word = re.compile(r"pytest\.(mark\.)?(skip|xfail)|importorskip|\b(it|test|describe)\.(skip|only|todo)\b")
    paths = [path for path in [*python_files("tests"), *script_files()] if path != THIS_FILE]
    assert [str(path.relative_to(ROOT)) for path in paths if word.search(path.read_text())] == []


def test_locks_carry_hashes_and_no_addresses() -> None:
    for name in ("requirements.lock", "requirements-test.lock"):
        text = (ROOT / name).read_text()
        assert "://" not in text, name
        assert "index-url" not in text.replace("--no-emit-index-url", ""), name
        for block in re.split(r"\n(?=\S)", text):
            assert block.startswith("#") or "--hash=sha256:" in block, block.splitlines()[0]
    package_lock = (ROOT / "pwa/package-lock.json").read_text()
    assert '"resolved"' not in package_lock
    assert '"integrity": "sha512-' in package_lock


def test_what_runs_is_locked_to_what_was_tested() -> None:
    pin = re.compile(r"^([\w.-]+)==(\S+)", re.MULTILINE)
    run, test = (
        set(pin.findall((ROOT / name).read_text()))
        for name in ("requirements.lock", "requirements-test.lock")
    )
    assert run
    assert run <= test


def test_no_path_of_one_machine_and_no_registry_is_written_down() -> None:
    own = re.compile(r"(?<![\w.])/(work|root|home/\w+)/|registry\.npmjs\.org|files\.pythonhosted\.org")
    texts = (".py", ".ts", ".tsx", ".json", ".toml", ".yml", ".lock", ".md", ".conf", ".sh", ".html", "")
    found = [
        str(path.relative_to(ROOT))
        for path in files()
        if path.suffix in texts and path != THIS_FILE and own.search(path.read_text(errors="replace"))
    ]
    assert found == []


def test_the_top_level_holds_what_a_person_expects_to_find() -> None:
    expected = {"server", "pwa", "workers", "migrations", "tests", "docs"} | {
        "docker-compose.yml", "pyproject.toml", "README.md", "Makefile", "Dockerfile", "LICENSE", "CHANGELOG.md",
        "requirements.lock", "requirements-test.lock",
    }  # fmt: skip
    top = {path.relative_to(ROOT).parts[0] for path in files()}
    assert {name for name in top if not name.startswith(".")} <= expected
