"""The `fields` parameter: `id,name,owner_business_info{id,name},phone_numbers.limit(5){id}`.

Only listed fields are answered; a field that the node type does not have is an error, as on Graph.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sandbox.meta.errors import bad_parameter
from sandbox.meta.values import Node

_NAME = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)")
_ARGUMENT = re.compile(r"\.([a-z_]+)\(([^()]*)\)")

Resolver = Callable[[Node], object]


@dataclass(slots=True)
class Wanted:
    """One requested field with its arguments and its own fields."""

    name: str
    arguments: dict[str, str] = field(default_factory=dict)
    inner: list["Wanted"] = field(default_factory=list)


def parse_fields(text: str) -> list[Wanted]:
    """The requested fields, in order."""
    wanted, rest = _parse_list(text)
    if rest.strip():
        raise bad_parameter(f"Syntax error in the field list near '{rest.strip()[:20]}'")
    return wanted


def select(
    node: Node,
    fields: str | None,
    *,
    kind: str,
    visible: Mapping[str, Resolver],
    default: tuple[str, ...],
) -> Node:
    """The node as Graph answers it; `id` is always there, None values are left out."""
    wanted = parse_fields(fields) if fields else [Wanted(name) for name in default]
    answer: Node = {}
    for item in wanted:
        if item.name not in visible:
            raise bad_parameter(
                f"Tried accessing nonexisting field ({item.name}) on node type ({kind})"
            )
        value = _narrow(visible[item.name](node), item)
        if value is not None:
            answer[item.name] = value
    return answer | {"id": node["id"]}


def stored(*names: str) -> dict[str, Resolver]:
    """Resolvers for fields that are kept in the node under their own name."""
    return {name: _reader(name) for name in names}


def _reader(name: str) -> Resolver:
    return lambda node: node.get(name)


def _narrow(value: object, item: Wanted) -> object:
    """Applies `{…}` and `.limit(n)` to a nested object or list."""
    if isinstance(value, dict) and "data" in value:
        rows = list(value["data"])[: int(item.arguments.get("limit", "100"))]
        return value | {"data": [_narrow(row, Wanted("", inner=item.inner)) for row in rows]}
    if isinstance(value, dict) and item.inner:
        names = {inner.name for inner in item.inner} | {"id"}
        return {key: part for key, part in value.items() if key in names}
    return value


def _parse_list(text: str) -> tuple[list[Wanted], str]:
    wanted: list[Wanted] = []
    while match := _NAME.match(text):
        item, text = Wanted(match[1]), text[match.end() :]
        while argument := _ARGUMENT.match(text):
            item.arguments[argument[1]], text = argument[2], text[argument.end() :]
        if text.startswith("{"):
            item.inner, text = _parse_list(text[1:])
            text = text.removeprefix("}")
        wanted.append(item)
        if not text.lstrip().startswith(","):
            break
        text = text.lstrip()[1:]
    return wanted, text
