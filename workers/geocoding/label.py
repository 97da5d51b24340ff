"""One line for people: the words a crew would use on the radio."""

from __future__ import annotations

from workers.geocoding.place import NOT_NAMED_YET, Near

# A village whose centre is further away than this says little about a spot on a lane: what is close says more.
FAR_LOCALITY_M = 1_500.0


def label_for(
    road: Near | None,
    locality: Near | None,
    landmark: Near | None = None,
    between: tuple[str, str] | None = None,
    nothing: str = NOT_NAMED_YET,
) -> str:
    """The first that fits, and never blank:

    "Road, Locality"; far from any village "Road near Landmark" or "Road between A and B"; "Road"; off every road
    "near Landmark, Locality", "near Landmark" or "near Locality"; else `nothing`.
    """
    if road is None:
        return _off_the_road(locality, landmark, nothing)
    if locality is None or locality.distance_m > FAR_LOCALITY_M:
        if landmark is not None:
            return f"{road.name} near {landmark.name}"
        if between is not None:
            return f"{road.name} between {between[0]} and {between[1]}"
    return road.name if locality is None else f"{road.name}, {locality.name}"


def _off_the_road(locality: Near | None, landmark: Near | None, nothing: str) -> str:
    if landmark is not None:
        return f"near {landmark.name}, {locality.name}" if locality is not None else f"near {landmark.name}"
    return nothing if locality is None else f"near {locality.name}"
