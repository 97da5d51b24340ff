"""A position becomes a place. Pure: no Flask, no database, no clock."""
