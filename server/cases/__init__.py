"""The things on the ground the council deals with, and the field work on them."""
