"""Deferred work: thin Celery tasks, and the pure packages for where, how often and what a photo shows."""
