"""What the documentation shows runs as it stands, against a hub that listens."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.services.api_world import ApiWorld
from tests.support.api_door import ApiHub, api_app
from tests.support.hub_process import Ports
from tests.support.served import served

SAMPLES = Path(__file__).parents[3] / "docs" / "partners" / "samples"


def test_ten_lines_go_from_a_token_to_the_webhook_url(world: ApiWorld) -> None:
    world.number()
    user = world.credentials.create_system_user(world.owner, "robot@acme.example")
    hub, port = ApiHub(world), Ports.free().hub
    hub.settings = hub.settings.model_copy(update={"port": port})
    with served(api_app(hub), port):
        script = [sys.executable, str(SAMPLES / "ten_lines.py"), world.partner.id]
        said = subprocess.run(
            [*script, "robot@acme.example", user.password, "http://localhost:9001/hook"],
            env=os.environ | {"HUB": f"http://localhost:{port}"},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    assert said.returncode == 0, said.stderr
    assert said.stdout.startswith("1 clients, 1 channels, phc_")
    assert said.stdout.strip().endswith("http://localhost:9001/hook")
    lines = (SAMPLES / "ten_lines.py").read_text("utf-8").splitlines()
    code = [line for line in lines if line and not line.startswith(("import", "#", " ", ")"))]
    assert len(code) <= 10
