"""What operators are told to type exists: commands, settings, and the container's parts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

import main
from core.settings import Settings
from core.start_checks import missing_secrets
from ui.health_check import is_well

ROOT = Path(__file__).parents[2]
PAGES = [*sorted((ROOT / "docs" / "operators").glob("*.md")), ROOT / "README.md"]
COMMANDS = {
    command.name or command.callback.__name__.replace("_", "-")
    for command in main.commands.registered_commands
    if command.callback
} | {group.name for group in main.commands.registered_groups}


def test_every_command_in_the_docs_is_one() -> None:
    for page in PAGES:
        told = set(re.findall(r"main\.py ([a-z][a-z-]*)", page.read_text("utf-8")))
        assert told <= COMMANDS, page.name


def test_operators_read_of_every_command() -> None:
    told = "".join(page.read_text("utf-8") for page in PAGES)
    missing = {name for name in COMMANDS if f"main.py {name}" not in told}
    # The sandbox and the demo are told to developers and QA.
    assert missing <= {"sandbox", "demo"}


def test_links_between_the_pages_lead_somewhere() -> None:
    for page in PAGES:
        for link in re.findall(r"\]\(([^)#:]+\.md)", page.read_text("utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_every_setting_in_the_docs_is_one() -> None:
    known = {f"HUB_{name.upper()}" for name in Settings.model_fields}
    for page in PAGES:
        told = set(re.findall(r"HUB_[A-Z_]*[A-Z]", page.read_text("utf-8")))
        assert told <= known | {"HUB_SELLER"}, page.name


def test_the_containers_settings_are_settings_and_all_that_are_needed() -> None:
    text = (ROOT / "compose.env.example").read_text("utf-8")
    named = set(re.findall(r"^([A-Z_]+)=", text, re.MULTILINE)) - {"POSTGRES_PASSWORD"}
    assert named <= {f"HUB_{name.upper()}" for name in Settings.model_fields}
    assert set(missing_secrets(Settings(_env_file=None))) <= named


def test_the_compose_file_runs_commands_of_the_hub() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]
    own = {name: each for name, each in services.items() if "command" in each}
    assert sorted(own) == ["migrate", "sandbox", "web", "worker"]
    for name, service in own.items():
        assert service["command"][:2] == ["python", "main.py"], name
        assert service["command"][2] in COMMANDS
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
    # Nothing is open to the network but through the operator's own proxy.
    ports = [port for each in services.values() for port in each.get("ports", ())]
    assert ports == ["127.0.0.1:8082:8082"]


def test_the_image_has_what_it_copies_and_runs_as_nobody_special() -> None:
    lines = (ROOT / "Containerfile").read_text("utf-8")
    for sources in re.findall(r"^COPY ((?!--)[^\n]+) \S+$", lines, re.MULTILINE):
        assert all((ROOT / source).exists() for source in sources.split())
    assert "--require-hashes" in lines
    assert re.search(r"^USER hub$", lines, re.MULTILINE)
    ignored = (ROOT / ".dockerignore").read_text("utf-8")
    assert ignored == (ROOT / ".containerignore").read_text("utf-8")
    assert ignored.splitlines()[1] == "*"  # secrets and data beside the sources stay outside


def test_a_hub_that_is_not_there_is_not_well() -> None:
    nobody: Any = 1
    assert not is_well(nobody, "/readyz")
