"""What people write when they report a fly-tip: short, varied, and never about a person."""

from __future__ import annotations

from random import Random

# For each kind of waste: as one item or bag, and as a load.
_THINGS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "animal_carcass": (
        ("Dead sheep", "Deer carcass"),
        ("Sacks of animal remains", "Two dead lambs and straw"),
    ),
    "green": (
        ("Old Christmas tree", "Bag of hedge cuttings"),
        ("Hedge cuttings and turf", "Branches and grass cuttings"),
    ),
    "vehicle_parts": (
        ("Car bumper", "Car battery"),
        ("Van door, seats and a bumper", "Engine parts and trim"),
    ),
    "white_goods": (
        ("Fridge", "Washing machine", "Chest freezer"),
        ("Fridge, freezer and a cooker", "Two fridges"),
    ),
    "other_electrical": (
        ("Large television", "Microwave"),
        ("Televisions and cables", "Printers and old screens"),
    ),
    "tyres": (("Tractor tyre", "Car tyre"), ("About thirty tyres", "Tyres, a dozen or so", "Six tyres")),
    "asbestos": (("Broken cement sheet, looks like asbestos",), ("Corrugated roof sheets, may be asbestos",)),
    "clinical": (("Yellow clinical bag",), ("Boxes of used medical supplies",)),
    "constr_demol_excav": (
        ("Old bath", "Bag of plaster"),
        ("Rubble and broken tiles", "Soil, bricks and plasterboard"),
    ),
    "black_bags_commercial": (
        ("Black bag of shop waste",),
        ("Black bags, look like takeaway waste", "Trade bags, tied"),
    ),
    "black_bags_household": (
        ("Black bag of rubbish", "Split bin bag"),
        ("Black bags, some split", "Bin bags piled up"),
    ),
    "chemical_drums_oil_fuel": (("Oil drum, half full",), ("Drums of waste oil", "Several cans of old fuel")),
    "other_household_waste": (
        ("Mattress", "Sofa", "Armchair", "Roll of carpet", "Child's bike", "Wardrobe"),
        (
            "Sofa, mattress and toys",
            "Carpet and underlay",
            "House clearance, furniture and boxes",
            "Beds and drawers",
        ),
    ),
    "other_commercial_waste": (
        ("Pallet of packaging", "Large sign board"),
        ("Pallets and plastic wrap", "Shop fittings"),
    ),
    "other_unidentified": (
        ("Wrapped bundle", "Barrel, cannot see what is in it"),
        ("Mixed rubbish", "Heap under a sheet"),
    ),
}

_SPOTS: dict[str, tuple[str, ...]] = {
    "highway": (
        "in the lay-by",
        "on the verge",
        "in a gateway",
        "half in the road",
        "by the junction",
        "at the bend",
    ),
    "footpath_bridleway": ("on the footpath", "by the stile", "across the bridleway", "at the kissing gate"),
    "back_alleyway": ("in the alley", "behind the garages", "at the back of the houses"),
    "railway": ("by the railway bridge", "on the railway bank"),
    "council_land": (
        "in the car park",
        "at the edge of the green",
        "by the recycling bank",
        "on the playing field",
    ),
    "agricultural": ("just inside the field", "at the field gate", "on the farm track"),
    "private_residential": ("on the forecourt", "in the shared drive"),
    "commercial_industrial": ("behind the units", "on the yard entrance"),
    "watercourse_bank": ("in the ditch", "on the brook's bank", "in the stream under the bridge"),
    "other_unidentified": ("by the old gate", "near the wood", "at the end of the track"),
}

_ENDINGS = (
    "", "", "", "Looks fresh.", "Been here a few days.", "Easy to reach with the van.", "Needs two people.",
    "Was not here yesterday.", "Tyre marks on the grass.", "Some of it has blown along the hedge.",
    "Found on the way to another job.", "Traffic is steering round it.", "Wet through, will be heavy.",
)  # fmt: skip

_ONE = ("single_black_bag", "single_item")


def describe(rng: Random, waste: str, size: str, land: str) -> str:
    """A note for one case, or an empty one as about one person in fifteen leaves it."""
    if rng.random() < 0.07:
        return ""
    one, load = _THINGS[waste]
    thing = rng.choice(one if size in _ONE else load)
    text = f"{thing} {rng.choice(_SPOTS[land])}."
    ending = rng.choice(_ENDINGS)
    return f"{text} {ending}" if ending else text
