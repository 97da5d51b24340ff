"""Node.js and the packages that a measurement or a proof brings along."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path


def install(folder: Path) -> None:
    """Install what `folder`'s lock names, unless it is. Raises RuntimeError when Node.js is not there."""
    if not shutil.which("npm", path=environ()["PATH"]):
        raise RuntimeError("Node.js is not on the PATH, and not in the virtual environment")
    lock, installed = folder / "package-lock.json", folder / "node_modules" / ".package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], check=True, cwd=folder, env=environ())


def environ() -> dict[str, str]:
    """Node from the PATH, else the one among the Python packages."""
    return {**os.environ, "PATH": os.pathsep.join([os.environ["PATH"], str(Path(sys.executable).parent)])}
