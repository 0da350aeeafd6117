"""`GET /docs`: the API's document for people, one page of our own without any script."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Response
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from ui.api.partner.openapi import document
from ui.api.partner.samples import FieldRow, example, rows
from ui.theme import css

Json = dict[str, Any]

_templates = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)
_BODY = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One call."""

    anchor: str
    method: str
    path: str
    summary: str
    about: str
    parameters: list[FieldRow]
    filters: list[str]
    body: list[FieldRow]
    status: str
    answer: list[FieldRow]
    sample: str
    refusals: list[tuple[str, str]]


def install(api: FastAPI, prefix: str, base_url: str) -> None:
    """The page is made at the first call."""
    made: list[str] = []

    @api.get("/docs", include_in_schema=False)
    def docs() -> Response:
        if not made:
            made.append(page(document(api, prefix), f"{base_url}{prefix}"))
        return Response(made[0], media_type="text/html; charset=utf-8")


def page(told: Json, base: str) -> str:
    """The page of a document."""
    sections: dict[str, list[Operation]] = {}
    for path, operations in told["paths"].items():
        for method, operation in operations.items():
            for tag in operation.get("tags", ["Other"]):
                made = _operation(method, path, operation, told["components"]["schemas"])
                sections.setdefault(tag, []).append(made)
    template = _templates.get_template("docs.html")
    return template.render(
        title=told["info"]["title"],
        about=told["info"]["description"],
        base=base,
        sections=sections,
        tokens=Markup(css()),  # noqa: S704  the hub's own colours
    )


def _operation(method: str, path: str, told: Json, schemas: Json) -> Operation:
    status, answer = next(
        (code, text) for code, text in told["responses"].items() if code.startswith("2")
    )
    schema = answer.get("content", {}).get(_BODY, {}).get("schema", {})
    body = told.get("requestBody", {}).get("content", {}).get(_BODY, {}).get("schema", {})
    parameters = [one for one in told["parameters"] if one["in"] != "path"]
    filters = next((one for one in parameters if one["name"] == "filters"), None)
    return Operation(
        anchor=told["operationId"],
        method=method.upper(),
        path=path,
        summary=told["summary"],
        about=told.get("description", ""),
        parameters=[_parameter(one) for one in parameters],
        filters=_names(filters) if filters else [],
        body=rows(body, schemas),
        status=status,
        answer=rows(schema, schemas),
        sample=_sample(schema, schemas),
        refusals=[
            (code, text["description"])
            for code, text in told["responses"].items()
            if not code.startswith("2")
        ],
    )


def _sample(schema: Json, schemas: Json) -> str:
    return json.dumps(example(schema, schemas), indent=2, ensure_ascii=False) if schema else ""


def _parameter(told: Json) -> FieldRow:
    kind = told.get("schema", {}).get("type", "JSON object")
    return FieldRow(
        name=told["name"],
        kind="list" if kind == "array" else kind,
        about=told["description"],
        is_required=told.get("required", False),
    )


def _names(filters: Json) -> list[str]:
    schema: Json = filters.get("content", {}).get(_BODY, {}).get("schema", {})
    return list(schema.get("properties", {}))
