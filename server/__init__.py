"""The council's side of Tipwatch: reports in, cases and hotspots out."""
