"""`python -m sandbox [seed.json]`: the sandbox alone, settings from SANDBOX_* variables."""

import json
import sys
from pathlib import Path
from typing import Any

from sandbox.app import run
from sandbox.settings import SandboxSettings


def _seed(arguments: list[str]) -> dict[str, Any]:
    if not arguments:
        return {"people": []}
    seed = json.loads(Path(arguments[0]).read_text("utf-8"))
    if not isinstance(seed, dict):
        sys.exit("Sandbox: the seed file must hold one JSON object.")
    return seed


if __name__ == "__main__":
    run(SandboxSettings(), _seed(sys.argv[1:]))
