"""The partners' list of webhooks is written from the code, and fresh."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_list_of_events_is_what_the_code_sends() -> None:
    command = [sys.executable, "scripts/webhook_catalogue", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
