"""A second opinion on a place from outside: off by default, asked while nobody waits, never in place of our own."""
