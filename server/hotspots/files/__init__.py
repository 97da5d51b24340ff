"""Hotspots of any file of dated points, without a database."""
