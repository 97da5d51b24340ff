"""From reports to cases, and from cases to places that keep being hit. Pure: no database, no clock."""
