"""What beat starts by itself, by the names of the tasks. Times of day are UTC: in the small hours all year round."""

from __future__ import annotations

from typing import Any

from celery.schedules import crontab

SWEEP = "tipwatch.sweep"
NIGHTLY_HOTSPOTS = "tipwatch.nightly_hotspots"
CHECKPOINT = "tipwatch.daily_checkpoint"
EXPIRE_UPLOADS = "tipwatch.expire_uploads"
FORGET_DONE = "tipwatch.forget_done"
SETTLE_HELD = "tipwatch.settle_held"
TIDY_RESIDENTS = "tipwatch.tidy_residents"
ASK_OUTSIDE = "tipwatch.places.ask_outside"
ASK_EVERY_S = 2.0


def schedule(sweep_every_s: float, *, asks_outside: bool) -> dict[str, dict[str, Any]]:
    """Beat's schedule, with a sweep every `sweep_every_s` seconds; asks_outside: services outside are switched on."""
    asking = {"task": ASK_OUTSIDE, "schedule": ASK_EVERY_S, "options": {"expires": ASK_EVERY_S}}
    return ({"outside": asking} if asks_outside else {}) | {
        # `expires`: a beat that runs ahead of dead workers must not pile up sweeps for their return.
        "sweep": {"task": SWEEP, "schedule": sweep_every_s, "options": {"expires": sweep_every_s}},
        "checkpoint": {"task": CHECKPOINT, "schedule": crontab(hour=1, minute=30)},
        "hotspots": {"task": NIGHTLY_HOTSPOTS, "schedule": crontab(hour=2, minute=0)},
        "uploads": {"task": EXPIRE_UPLOADS, "schedule": crontab(hour=3, minute=0)},
        "residents": {"task": TIDY_RESIDENTS, "schedule": crontab(minute=15)},
        "held": {"task": SETTLE_HELD, "schedule": crontab(minute=45)},
        "forget": {"task": FORGET_DONE, "schedule": crontab(hour=3, minute=30)},
    }
