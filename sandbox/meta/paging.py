"""Edges: filtering, sorting and cursor paging, the same on every list of the Graph API."""

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from sandbox.meta.errors import bad_parameter
from sandbox.meta.values import Node

_DEFAULT_LIMIT = 25


def filtered(nodes: list[Node], text: object) -> list[Node]:
    """Those that pass every `{field, operator, value}` of the `filtering` parameter."""
    if not text:
        return nodes
    try:
        rules: Any = json.loads(text) if isinstance(text, str) else text
        return [node for node in nodes if all(_passes(node, rule) for rule in rules)]
    except (ValueError, KeyError, TypeError) as wrong:
        raise bad_parameter("param filtering must be a JSON list of rules") from wrong


def sort_by_time(nodes: list[Node], order: str | None) -> list[Node]:
    """`creation_time_ascending`, else newest first."""
    ascending = order == "creation_time_ascending"
    return sorted(nodes, key=lambda node: int(node["creation_time"]), reverse=not ascending)


def page(nodes: list[Node], params: Mapping[str, Any], url: str) -> Node:
    """One page with its cursors; `next` and `previous` only where there is more."""
    if not nodes:
        return {"data": []}
    limit = _limit(params)
    start = _start(nodes, params, limit)
    rows = nodes[start : start + limit]
    if not rows:
        return {"data": []}
    before, after = _cursor(rows[0]), _cursor(rows[-1])
    paging: Node = {"cursors": {"before": before, "after": after}}
    if start + limit < len(nodes):
        paging["next"] = _link(url, params, limit, after=after)
    if start > 0:
        paging["previous"] = _link(url, params, limit, before=before)
    return {"data": rows, "paging": paging}


def _limit(params: Mapping[str, Any]) -> int:
    try:
        limit = int(params.get("limit", _DEFAULT_LIMIT))
    except ValueError as wrong:
        raise bad_parameter("param limit must be an integer") from wrong
    return max(1, min(limit, 1000))


def _start(nodes: list[Node], params: Mapping[str, Any], limit: int) -> int:
    positions = {_cursor(node): index for index, node in enumerate(nodes)}
    if after := params.get("after"):
        if after not in positions:
            raise bad_parameter("Invalid cursor after")
        return positions[after] + 1
    if before := params.get("before"):
        if before not in positions:
            raise bad_parameter("Invalid cursor before")
        return max(0, positions[before] - limit)
    return 0


def _cursor(node: Node) -> str:
    return base64.urlsafe_b64encode(f"c:{node['id']}".encode()).decode().rstrip("=")


def _link(url: str, params: Mapping[str, Any], limit: int, **cursor: str) -> str:
    # The token is left out: a client that follows `next` sends its own header.
    dropped = {"after", "before", "limit", "access_token"}
    kept = {key: value for key, value in params.items() if key not in dropped}
    return f"{url}?{urlencode(kept | {'limit': limit} | cursor)}"


def _passes(node: Node, rule: Node) -> bool:
    value, wanted = node.get(rule["field"]), rule["value"]
    return _OPERATORS[rule["operator"]](value, wanted)


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "GREATER_THAN": lambda value, wanted: float(value or 0) > float(wanted),
    "LESS_THAN": lambda value, wanted: float(value or 0) < float(wanted),
    "EQUAL": lambda value, wanted: str(value) == str(wanted),
    "NOT_EQUAL": lambda value, wanted: str(value) != str(wanted),
    "IN": lambda value, wanted: value in wanted,
    "CONTAIN": lambda value, wanted: str(wanted).lower() in str(value).lower(),
    "ALL": lambda value, wanted: set(wanted) <= set(value or []),
    "ANY": lambda value, wanted: bool(set(wanted) & set(value or [])),
}
