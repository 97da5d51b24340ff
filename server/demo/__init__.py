"""The demo borough: an invented council with seeded cases, so that a first visit shows a working service."""
