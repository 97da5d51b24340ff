"""A submission becomes a report, once: new, same, conflict or gone; one verdict for each thing sent."""
