"""The phone's outbox under more random histories than `make test` has time for, and other ones with each seed."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.services.node import environ

RUNS = 1_000
PWA = Path("pwa")
MODELS = ("tests/outbox/model.test.ts", "tests/outbox/public-model.test.ts")


def looked_for_losses(seed: int) -> str | None:
    """Run the properties of the crew's and the residents' outbox; what they say when they do not hold, else None."""
    command = ["npx", "vitest", "run", *MODELS, "--no-color"]
    environment = {**environ(), "PROPERTY_SEED": str(seed), "PROPERTY_RUNS": str(RUNS)}
    done = subprocess.run(command, cwd=PWA, env=environment, capture_output=True, text=True)
    if done.returncode == 0:
        return None
    said = done.stdout + done.stderr
    return said[max(0, said.find("Error:")) :][:2_000]
