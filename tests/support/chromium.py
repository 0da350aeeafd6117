"""How end-to-end tests, benchmarks and screenshots start Chromium."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

FINDER = Path(__file__).parents[2] / "scripts" / "chromium"
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
)


def launch_options() -> dict[str, Any]:
    """Arguments for Playwright's `chromium.launch`; raises when there is no Chromium."""
    # Chromium's own sandbox refuses to run as root.
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {"executable_path": _executable(), "args": [*QUIET, *as_root]}


@cache
def _executable() -> str:
    found = subprocess.run(
        [sys.executable, FINDER, "--no-install"], capture_output=True, text=True, check=False
    )
    if found.returncode:
        raise RuntimeError(found.stderr.strip())
    return found.stdout.strip()
