"""Form bodies with brackets: `metadata[reference]=a&expand[]=b` as nested values and back to none.

Source: https://docs.stripe.com/api (request bodies are form-encoded).
"""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from sandbox.payments.errors import invalid
from sandbox.payments.values import Node

_PART = re.compile(r"\[([^\[\]]*)\]")
_DEEPEST = 8


def read_form(text: str) -> Node:
    """The nested values of a query or a form body; every leaf is text."""
    top: Node = {}
    for key, value in parse_qsl(text, keep_blank_values=True, max_num_fields=1000):
        name, bracket, rest = key.partition("[")
        parts = [name, *_PART.findall(bracket + rest)]
        if len(parts) > _DEEPEST:
            raise invalid("The parameters are nested too deeply.")
        _put(top, parts, value)
    return {name: _lists(value) for name, value in top.items()}


def known(params: Node, names: Iterable[str]) -> None:
    """Raises Stripe's error for a parameter that the object does not have."""
    for name in params:
        if name not in {*names, "expand"}:
            raise invalid(
                f"Received unknown parameter: {name}", param=name, code="parameter_unknown"
            )


def required(params: Node, name: str) -> str:
    """The text of a parameter; raises Stripe's error when it is not there."""
    value = params.get(name)
    if not isinstance(value, str) or not value:
        raise invalid(f"Missing required param: {name}.", param=name, code="parameter_missing")
    return value


def flag(params: Node, name: str) -> bool:
    """True for `true` only."""
    return params.get(name) == "true"


def whole(params: Node, name: str) -> int:
    """A whole positive number; raises Stripe's error for anything else."""
    text = required(params, name)
    if not (text.isascii() and text.isdigit()) or int(text) < 1:
        raise invalid(
            f"Invalid positive integer: {text}", param=name, code="parameter_invalid_integer"
        )
    return int(text)


def _put(into: Node, parts: list[str], value: str) -> None:
    for part in parts[:-1]:
        inner = into.setdefault(part, {})
        if not isinstance(inner, dict):
            raise invalid("A parameter is both a value and a list.", param=part)
        into = inner
    last = parts[-1] or str(len(into))
    into[last] = value


def _lists(value: Any) -> Any:
    """Keys that count from 0 are a list."""
    if not isinstance(value, dict):
        return value
    inner = {key: _lists(part) for key, part in value.items()}
    if inner and all(key == str(place) for place, key in enumerate(inner)):
        return list(inner.values())
    return inner
