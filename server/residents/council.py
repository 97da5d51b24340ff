"""What a council says about itself on the pages for residents, from a file it fills in.

The file is `councils/<slug>.toml` in the data folder; docs/council.toml shows all of it. Every line may be left
out: the pages then say less, and say so where the law wants it said.
"""

from __future__ import annotations

import logging
import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import marshmallow as ma
from marshmallow import validate

from server.errors import flat_errors

log = logging.getLogger(__name__)

# WCAG's 4.5:1 is the least for the white words on a button.
LEAST_CONTRAST = 4.5


class CouncilFileWrong(Exception):
    """The file cannot be used; the message names it, the line and the fix."""


@dataclass(frozen=True, slots=True)
class CouncilDetails:
    """What a council filled in. Empty text: it has not said."""

    colour: str = ""
    website: str = ""
    phone: str = ""
    phone_hours: str = ""
    email: str = ""
    address: str = ""
    looks_within: str = "working day"
    county_name: str = ""
    county_website: str = ""
    neighbours_website: str = ""
    data_protection_email: str = ""
    keeps_reports: str = ""
    accessibility_email: str = ""
    statement_prepared: str = ""
    statement_tested: str = ""


def _readable(colour: str) -> None:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise ma.ValidationError("Give the colour as # and six figures, such as #0b5d3b")
    if contrast_with_white(colour) < LEAST_CONTRAST:
        raise ma.ValidationError("White words cannot be read on this colour: choose a darker one")


class CouncilFileSchema(ma.Schema):
    """The lines of the file."""

    colour = ma.fields.String(validate=_readable)
    website = ma.fields.URL(schemes={"http", "https"})
    phone = ma.fields.String(validate=validate.Length(max=40))
    phone_hours = ma.fields.String(validate=validate.Length(max=200))
    email = ma.fields.Email()
    address = ma.fields.String(validate=validate.Length(max=400))
    looks_within = ma.fields.String(validate=validate.Length(max=60))
    county_name = ma.fields.String(validate=validate.Length(max=100))
    county_website = ma.fields.URL(schemes={"http", "https"})
    neighbours_website = ma.fields.URL(schemes={"http", "https"})
    data_protection_email = ma.fields.Email()
    keeps_reports = ma.fields.String(validate=validate.Length(max=200))
    accessibility_email = ma.fields.Email()
    statement_prepared = ma.fields.String(validate=validate.Length(max=40))
    statement_tested = ma.fields.String(validate=validate.Length(max=200))


def council_details(data_dir: Path, slug: str) -> CouncilDetails:
    """What the council with this slug filled in; a changed file counts from the next page on.

    A slip in the file must not close the form: it is logged, and the pages say as much as without the file.
    """
    path = data_dir / "councils" / f"{slug}.toml"
    try:
        return _known(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        return CouncilDetails()


@lru_cache(maxsize=64)
def _known(path: Path, _changed_at: int) -> CouncilDetails:
    """What the file says, read once for each change of it."""
    try:
        return read_council_file(path)
    except CouncilFileWrong as wrong:
        log.error("a council's own words cannot be shown: %s", wrong)
        return CouncilDetails()


def read_council_file(path: Path) -> CouncilDetails:
    """What a council filled in. Raises CouncilFileWrong."""
    try:
        return CouncilDetails(**CouncilFileSchema().load(tomllib.loads(path.read_text(encoding="utf-8"))))
    except tomllib.TOMLDecodeError as error:
        raise CouncilFileWrong(f"{path.name}: {error}") from error
    except ma.ValidationError as error:
        wrong = "; ".join(f"{line}: {' '.join(said)}" for line, said in flat_errors(error.messages).items())
        raise CouncilFileWrong(f"{path.name}: {wrong}") from error


def contrast_with_white(colour: str) -> float:
    """WCAG 2 contrast ratio of `#rrggbb` against white, 1 to 21."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
