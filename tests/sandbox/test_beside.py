"""The sandbox beside a hub is gone when the hub is."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Far above any process id that Linux gives.
NOBODY = 2**30


def test_a_sandbox_whose_parent_is_gone_before_it_looks_ends() -> None:
    program = f"import time; from sandbox import beside; beside.end_with_parent({NOBODY});"
    child = subprocess.run(
        [sys.executable, "-c", program + "time.sleep(60)"], cwd=ROOT, timeout=30, check=False
    )
    assert child.returncode == 0


def test_a_sandbox_beside_a_living_parent_stays() -> None:
    program = "import os, time; from sandbox import beside; beside.end_with_parent(os.getppid());"
    child = subprocess.run(
        [sys.executable, "-c", program + "time.sleep(1.5); os._exit(7)"],
        cwd=ROOT,
        timeout=30,
        check=False,
    )
    assert child.returncode == 7
