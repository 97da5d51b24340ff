"""A position becomes a place: the authority's gazetteer and areas."""
