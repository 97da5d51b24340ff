"""Places on real ground: wards of postcodes, names of streets, and the size of the phone's copy."""

from __future__ import annotations

import gzip
import json
import sys

import numpy as np
import pytest
import shapely

from tests.workers.geocoding.warwickshire import Ground, ground
from workers.geocoding.areas import Areas
from workers.geocoding.gazetteer import Gazetteer, NamedRoad
from workers.geocoding.nameset import NameSet
from workers.geocoding.pocket import pocket_names
from workers.geocoding.sources.files import Account
from workers.geocoding.sources.registry import SHARED_SOURCES

# The boundaries were generalised to a few metres before they were published as GeoJSON.
GENERALISED_M = 5.0
PHONE_BUDGET_BYTES = 1_000_000


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """The ground, and a line that says which."""
    found = ground(tmp_path_factory.mktemp("ground"))
    sys.stderr.write(f"places are checked on {found.where}\n")
    return found


def test_every_postcode_is_in_the_ward_that_its_file_says(here: Ground) -> None:
    x, y = np.array([(easting, northing) for _, easting, northing, _ in here.postcodes]).T
    around = Areas(here.wards, None).around(x, y)
    polygons = {ward.code: ward.polygon for ward in here.wards}
    missed = [
        (code, ward, x, y)
        for (code, x, y, ward), (areas, _) in zip(here.postcodes, around, strict=True)
        if ward not in [area.code for area in areas]
    ]
    share = 1 - len(missed) / len(here.postcodes)
    assert share >= 0.999, missed
    for code, ward, east, north in missed:
        away = polygons[ward].distance(shapely.Point(east, north))
        assert away <= GENERALISED_M, (
            f"{code} is {away:.1f} m outside {ward}: more than the boundary was simplified by"
        )


def test_every_named_point_is_found_by_its_own_name(here: Ground) -> None:
    gazetteer = Gazetteer(_roads(here, range(len(here.street_names))))
    places = gazetteer.reverse_many(*here.street_points.T)
    wrong = [
        (name, place.road)
        for name, place in zip(here.street_names, places, strict=True)
        if place.road is None or (place.road.name, place.road.distance_m) != (name, 0.0)
    ]
    assert wrong == []


def test_without_its_own_name_a_point_is_told_by_its_nearest_neighbour(here: Ground) -> None:
    kept, taken_out = range(1, len(here.street_names), 2), range(0, len(here.street_names), 2)
    places = Gazetteer(_roads(here, kept)).reverse_many(*here.street_points[taken_out].T)
    others = here.street_points[kept]
    told = 0
    for place, at in zip(places, here.street_points[taken_out], strict=True):
        away = np.hypot(*(others - at).T)
        if away.min() > 250.05:
            assert place.road is None
            continue
        assert place.road is not None
        told += 1
        near = {here.street_names[kept[index]] for index in np.flatnonzero(away <= away.min() + 0.1)}
        assert place.road.name in near and place.road.distance_m == pytest.approx(away.min(), abs=0.11)
    assert told > 0


def test_the_phones_copy_of_a_borough_is_small(here: Ground) -> None:
    sets = []
    for word, path in (("naptan", here.stops), ("code-point", here.code_point)):
        source = SHARED_SOURCES[word]
        built = source.build(source.members(path), Account(), None)
        sets.append(NameSet(dict(built.columns), tuple(built.about["sources"]), built.about))
    gazetteer = Gazetteer(_roads(here, range(len(here.street_names))), areas=here.wards, shared=sets)
    assert gazetteer.bounds is not None
    names = pocket_names(gazetteer.sets, gazetteer.bounds)
    size = len(gzip.compress(json.dumps(names, separators=(",", ":")).encode()))
    sys.stderr.write(f"{len(names['kinds'])} names, {len(names['postcode_lat'])} postcodes: {size:,} bytes\n")
    assert size <= PHONE_BUDGET_BYTES
    assert len(names["postcode_lat"]) == len(here.postcodes)
    assert len(names["kinds"]) == len(names["text"]) == len(names["lat"]) > 100


def _roads(here: Ground, indices: range) -> list[NamedRoad]:
    return [
        NamedRoad(here.street_names[index], "street_points", ((tuple(here.street_points[index].tolist()),),))
        for index in indices
    ]
