"""Schemas of the OpenAPI document as people read them: rows of fields, and an example."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

_DEEPEST = 4
_NUMBERS = {"integer": "integer", "number": "number"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRow:
    """One field; `name` is dotted inside objects, `[]` behind a list."""

    name: str
    kind: str
    about: str
    is_required: bool


def resolved(schema: Json, schemas: Json) -> Json:
    """The schema itself, where it is only named; of several the first that is not null."""
    if ref := schema.get("$ref"):
        return resolved(schemas.get(ref.rpartition("/")[2], {}), schemas)
    if options := [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]:
        if "properties" not in schema:
            return resolved(options[0], schemas) | {
                key: value for key, value in schema.items() if key != "anyOf"
            }
    return schema


def rows(schema: Json, schemas: Json, prefix: str = "", depth: int = 0) -> list[FieldRow]:
    """The fields of an object, those of its objects below them."""
    schema = resolved(schema, schemas)
    found: list[FieldRow] = []
    for name, raw in schema.get("properties", {}).items():
        field = resolved(raw, schemas)
        inner, suffix = field, ""
        if field.get("type") == "array":
            inner, suffix = resolved(field.get("items", {}), schemas), "[]"
        found.append(
            FieldRow(
                name=f"{prefix}{name}",
                kind=_kind(raw, field, inner),
                about=raw.get("description") or field.get("description", ""),
                is_required=name in schema.get("required", ()),
            )
        )
        if depth < _DEEPEST and inner.get("properties"):
            found += rows(inner, schemas, f"{prefix}{name}{suffix}.", depth + 1)
    return found


def example(schema: Json, schemas: Json, depth: int = 0) -> Any:
    """A value as it may come: examples of the fields, put together."""
    schema = resolved(schema, schemas)
    if examples := schema.get("examples"):
        return examples[0]
    if "default" in schema:
        return schema["default"]
    if schema.get("properties") and depth <= _DEEPEST:
        return {
            name: example(field, schemas, depth + 1) for name, field in schema["properties"].items()
        }
    if schema.get("type") == "array":
        return [example(schema.get("items", {}), schemas, depth + 1)]
    if schema.get("enum"):
        return schema["enum"][0]
    return {"object": {}, "integer": 0, "number": 0, "boolean": False}.get(
        schema.get("type", ""), ""
    )


def _kind(raw: Json, field: Json, inner: Json) -> str:
    kind = inner.get("format") or inner.get("type") or "any"
    kind = f"list of {kind}" if field is not inner else str(kind)
    is_nullable = any(one.get("type") == "null" for one in raw.get("anyOf", ()))
    return f"{kind} or null" if is_nullable else kind
