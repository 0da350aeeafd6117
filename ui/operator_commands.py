"""All that an operator does at a prompt, in one place for `main.py`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import typer

from ui.operator import OperatorCommands
from ui.operator_audit import AuditCommands
from ui.operator_person import PersonCommands

Opened = Callable[[], AbstractContextManager[Any]]


def add_operator_commands(commands: typer.Typer, opened: Opened) -> None:
    """Each group opens a hub for itself, without a port."""
    OperatorCommands(opened).add_to(commands)
    AuditCommands(opened).add_to(commands)
    PersonCommands(opened).add_to(commands)
