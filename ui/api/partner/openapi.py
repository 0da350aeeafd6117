"""The OpenAPI 3.1 document of the API: made once, every field described."""

from __future__ import annotations

import re
from typing import Any

import orjson
from fastapi import FastAPI, Response
from fastapi.openapi.utils import get_openapi

from ui.api.partner.describe import path_parameter

Json = dict[str, Any]

VERSION = "2.0"
_ABOUT = (
    "The partner API: clients, channels and their keys, templates, balances and webhooks.\n\n"
    "Programs written against 360dialog's hub work with it by changing their base URL."
)
_SECURITY: dict[str, Json] = {
    "ApiKey": {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "A partner API key.",
    },
    "Bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "An access token from `POST /token`, or a partner API key.",
    },
    "D360ApiKey": {
        "type": "apiKey",
        "in": "header",
        "name": "D360-API-KEY",
        "description": "A partner API key, under its older name.",
    },
}


def install(api: FastAPI, prefix: str) -> None:
    """`GET /openapi.json`, for anybody."""
    made: list[bytes] = []

    @api.get("/openapi.json", include_in_schema=False)
    def openapi_json() -> Response:
        """Made at the first call: routes are all there by then."""
        if not made:
            made.append(orjson.dumps(document(api, prefix)))
        return Response(made[0], media_type="application/json")


def document(api: FastAPI, prefix: str) -> Json:
    """The document as a value."""
    told = get_openapi(
        title=api.title,
        version=VERSION,
        openapi_version="3.1.0",
        description=_ABOUT,
        routes=api.routes,
        servers=[{"url": prefix, "description": "This hub."}],
    )
    components = told.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for path, operations in told["paths"].items():
        for operation in operations.values():
            _complete(path, operation, schemas)
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for schema in schemas.values():
        _describe_references(schema, schemas)
    components["securitySchemes"] = _SECURITY
    told["security"] = [{name: []} for name in _SECURITY]
    return told


def _describe_references(schema: Json, schemas: Json) -> None:
    """Pydantic leaves out what a field says when its model says the same; readers look there."""
    for field in schema.get("properties", {}).values():
        name = field.get("$ref", "").rpartition("/")[2]
        if name in schemas:
            field.setdefault("description", schemas[name].get("description", ""))


def _complete(path: str, operation: Json, schemas: Json) -> None:
    """Path parameters by name; schemas of bodies move to where all schemas are."""
    names = re.findall(r"{(\w+)}", path)
    operation["parameters"] = [*map(path_parameter, names), *operation.get("parameters", [])]
    if not names:
        operation["security"] = []  # nobody has a credential before the first token
    for content in operation.get("requestBody", {}).get("content", {}).values():
        schema = content["schema"]
        schemas |= schema.pop("$defs", {})
        name = schema.get("title")
        if name and "$ref" not in schema:
            schemas.setdefault(name, dict(schema))
            content["schema"] = {"$ref": f"#/components/schemas/{name}"}
