"""Figures for those who answer for the whole: what came in, what is open, what was cleared and how fast."""
