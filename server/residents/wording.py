"""The lists of the form in residents' own words, and what each choice means for the council."""

from __future__ import annotations

from collections.abc import Mapping

from server.intake.reference import reference

CATEGORIES = {
    "fly_tip": "Rubbish that somebody has dumped",
    "graffiti": "Graffiti, or posters put up where they should not be",
    "small_fire": "A small fire, or signs of one",
    "needles": "Needles or other things left from drug use",
    "abandoned_vehicle": "A vehicle that has been left",
    "off_road_vehicle": "Off-road bikes or vehicles causing trouble",
    "nuisance": "Rowdy behaviour in a public place",
    "street_drinking": "Drinking in the street",
    "begging": "Begging",
    "other": "Something else",
}
WASTE = {
    "black_bags_household": "Black bags, as from a home",
    "black_bags_commercial": "Black bags, as from a business",
    "other_household_waste": "Furniture, mattresses or other things from a home",
    "white_goods": "Fridges, cookers or washing machines",
    "other_electrical": "Televisions or other electrical things",
    "constr_demol_excav": "Rubble, soil or building waste",
    "green": "Garden waste",
    "tyres": "Tyres",
    "vehicle_parts": "Parts of a vehicle",
    "asbestos": "Asbestos, such as grey cement sheets",
    "clinical": "Medical waste, needles or dressings",
    "chemical_drums_oil_fuel": "Drums, oil, fuel or chemicals",
    "animal_carcass": "A dead animal",
    "other_commercial_waste": "Other waste from a business",
    "other_unidentified": "Something else, or I am not sure",
}
SIZES = {
    "single_black_bag": "One bag",
    "single_item": "One item",
    "car_boot_or_less": "A car boot full, or less",
    "small_van_load": "A small van load",
    "transit_van_load": "A large van load",
    "tipper_lorry_load": "A lorry load",
    "significant_multi_loads": "More than that",
}
# What makes a thing dangerous to touch, whoever reports it.
HAZARD_OF_WASTE = {
    "asbestos": "asbestos",
    "clinical": "sharps",
    "chemical_drums_oil_fuel": "chemicals",
    "animal_carcass": "animal",
}
HAZARD_OF_CATEGORY = {"needles": "sharps"}
# A dead animal is unpleasant rather than dangerous to be near.
KEEP_AWAY_FROM = frozenset({"asbestos", "sharps", "chemicals", "gas_bottles"})


def worded(name: str, words: Mapping[str, str]) -> dict[str, str]:
    """Every code of the reference list `name` with its words, in the order of `words`; new codes come last."""
    named = {entry["code"]: entry["name"] for entry in reference()[name]}
    return {code: text for code, text in words.items() if code in named} | {
        code: text for code, text in named.items() if code not in words
    }


def hazards_of(category: str, waste: list[str]) -> list[str]:
    """The hazards that a category and kinds of waste stand for."""
    found = [HAZARD_OF_WASTE[code] for code in waste if code in HAZARD_OF_WASTE]
    return found + ([HAZARD_OF_CATEGORY[category]] if category in HAZARD_OF_CATEGORY else [])
