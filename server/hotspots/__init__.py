"""The places that keep being hit: lists, and identity over time."""
