"""The sources that all authorities share, by the word they are imported with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from workers.geocoding.codes import CodeSetBuilder
from workers.geocoding.columns import Array
from workers.geocoding.names import NameSetBuilder
from workers.geocoding.nameset import NameSet
from workers.geocoding.sources import naptan, numbers, open_names, open_roads, postcodes
from workers.geocoding.sources.files import Account, Member, WrongFile, members_of


@dataclass(frozen=True, slots=True)
class Built:
    """What was read: the columns, and what `about.json` says of them."""

    columns: dict[str, Array]
    about: dict[str, Any]


# Reads the members; the set of localities that is in use helps sources that do not say in which place a road is.
Build = Callable[[Sequence[Member], Account, NameSet | None], Built]


@dataclass(frozen=True, slots=True)
class SharedSource:
    """One kind of file that `tipwatch import` reads for everybody."""

    word: str
    source: str
    title: str
    suffixes: tuple[str, ...]
    expected: str
    build: Build
    # Part of a file's name that it must hold, where a download has other files beside the data.
    named: str = ""

    def members(self, path: Any) -> list[Member]:
        """The files to read. Raises WrongFile when there is none."""
        found = members_of(path, self.suffixes)
        chosen = [one for one in found if self.named in one.name.lower()] or found
        # Downloads come with documents; data is what is left.
        data = [one for one in chosen if not one.name.lower().startswith(("doc/", "docs/"))]
        data = [one for one in data if "/doc" not in one.name.lower()]
        if not data:
            raise WrongFile(
                f"{path}: there is no {' or '.join(self.suffixes)} file; expected: {self.expected}"
            )
        return data


def _open_names(members: Sequence[Member], account: Account, _localities: NameSet | None) -> Built:
    builder = NameSetBuilder()
    for member in members:
        open_names.read(member, builder, account)
    return _named(builder)


def _open_roads(members: Sequence[Member], account: Account, localities: NameSet | None) -> Built:
    links, builder = open_roads.RoadLinks(), NameSetBuilder()
    for member in members:
        open_roads.read(member, links, account)
    links.put_into(builder, localities)
    return _named(builder)


def _naptan(members: Sequence[Member], account: Account, _localities: NameSet | None) -> Built:
    builder = NameSetBuilder()
    stops = naptan.Stops(builder)
    for member in members:
        naptan.read(member, stops, account)
    stops.put_localities()
    return _named(builder)


def _named(builder: NameSetBuilder) -> Built:
    return Built(builder.columns(), {"sources": builder.sources})


def _coded(kind: str, source: str, read: Callable[[Member, CodeSetBuilder, Account], None]) -> Build:
    def build(members: Sequence[Member], account: Account, _localities: NameSet | None) -> Built:
        builder = CodeSetBuilder(kind)
        for member in members:
            read(member, builder, account)
        return Built(builder.columns(), {"sources": [source], "kind": kind})

    return build


CSV, GPKG = (".csv",), (".gpkg",)

SHARED_SOURCES = {
    source.word: source
    for source in (
        SharedSource(
            "open-names", open_names.SOURCE, "OS Open Names", CSV + GPKG, open_names.EXPECTED, _open_names
        ),
        SharedSource("open-roads", open_roads.SOURCE, "OS Open Roads", GPKG, open_roads.EXPECTED, _open_roads),
        SharedSource(
            "code-point", postcodes.CODE_POINT, "Code-Point Open", CSV, postcodes.CODE_POINT_EXPECTED,
            _coded("postcode", postcodes.CODE_POINT, postcodes.read_code_point),
        ),
        SharedSource(
            "postcode-directory", postcodes.ONS_DIRECTORY, "ONS Postcode Directory", CSV, postcodes.ONS_EXPECTED,
            _coded("postcode", postcodes.ONS_DIRECTORY, postcodes.read_ons_directory), named="data/onspd",
        ),
        SharedSource(
            "open-uprn", numbers.UPRN_SOURCE, "OS Open UPRN", CSV, numbers.UPRN_EXPECTED,
            _coded("uprn", numbers.UPRN_SOURCE, numbers.read_uprn),
        ),
        SharedSource(
            "open-usrn", numbers.USRN_SOURCE, "OS Open USRN", GPKG, numbers.USRN_EXPECTED,
            _coded("usrn", numbers.USRN_SOURCE, numbers.read_usrn),
        ),
        SharedSource("naptan", naptan.SOURCE, "NaPTAN stops", CSV, naptan.EXPECTED, _naptan),
    )
}  # fmt: skip
