"""What Meta finds wrong in a Flow's JSON: the first checks of its validator, in its own format."""

import json
import re
from typing import Any

from sandbox.meta.values import Node

_SCREEN_ID = re.compile(r"[A-Za-z_]+")


def faults(content: bytes) -> tuple[str | None, list[Node]]:
    """The version that the JSON names, and what is wrong with it."""
    try:
        flow = json.loads(content)
    except (ValueError, RecursionError):
        return None, [
            _fault("INVALID_JSON", "JSON_SCHEMA_ERROR", "The file is not valid JSON.", "")
        ]
    if not isinstance(flow, dict):
        return None, [_fault("INVALID_PROPERTY_TYPE", "FLOW_JSON_ERROR", "Expected an object.", "")]
    version = flow.get("version")
    found = [] if isinstance(version, str) else [_missing("version")]
    return version if isinstance(version, str) else None, found + _screens(flow.get("screens"))


def _screens(screens: Any) -> list[Node]:
    if not isinstance(screens, list) or not screens:
        return [_missing("screens")]
    found: list[Node] = []
    for index, screen in enumerate(screens):
        path = f"screens[{index}]"
        if not isinstance(screen, dict):
            found.append(
                _fault("INVALID_PROPERTY_TYPE", "FLOW_JSON_ERROR", "Expected an object.", path)
            )
            continue
        name = screen.get("id")
        if not isinstance(name, str) or not _SCREEN_ID.fullmatch(name):
            found.append(
                _fault(
                    "INVALID_PROPERTY_VALUE",
                    "FLOW_JSON_ERROR",
                    "A screen's id has letters and underscores only.",
                    f"{path}.id",
                )
            )
        if not isinstance(screen.get("layout"), dict):
            found.append(_missing(f"{path}.layout"))
    if not any(isinstance(s, dict) and s.get("terminal") is True for s in screens):
        found.append(
            _fault(
                "MISSING_REQUIRED_PROPERTY",
                "FLOW_JSON_ERROR",
                "At least one screen must be terminal.",
                "screens",
            )
        )
    return found


def _missing(path: str) -> Node:
    message = f"The property {path!r} is required."
    return _fault("MISSING_REQUIRED_PROPERTY", "FLOW_JSON_ERROR", message, path)


def _fault(error: str, kind: str, message: str, path: str) -> Node:
    place = {"line_start": 1, "line_end": 1, "column_start": 1, "column_end": 1}
    return {
        "error": error,
        "error_type": kind,
        "message": message,
        **place,
        "pointers": [{**place, "path": path}],
    }
