"""What all objects share: how fields are told, errors, and the frame of a list."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

Json = dict[str, Any]


def without_null_defaults(schema: Json) -> None:
    # A default of null would tell programs to expect null where the field is left out.
    for field in schema.get("properties", {}).values():
        if field.get("default", "") is None:
            del field["default"]


class Told(BaseModel):
    """Base of all models: pure documentation."""

    model_config = ConfigDict(json_schema_extra=without_null_defaults)


def says(description: str, example: Any, **more: Any) -> Any:
    """A field that is always there."""
    return Field(description=description, examples=[example], **more)


def maybe(description: str, example: Any, **more: Any) -> Any:
    """A field that is left out while it has no value."""
    return Field(default=None, description=description, examples=[example], **more)


# An address that partners' programs may give: https, by name, on the usual ports; '' for none.
# Loopback over http is taken in sandbox mode as well.
URL = (
    r"^(https://([a-z][a-z0-9-]{0,20}[a-z0-9]\.){1,3}[a-z]{2,12}(:(443|4443|8443|9443))?"
    r"(/[A-Za-z0-9._~!$&'()*+,;=:@/-]*)?(\?[A-Za-z0-9._~!$&'()*+,;=:@/?-]*)?)?$"
)


def url(description: str, example: str, *, missing: bool = False) -> Any:
    """An address."""
    kind = maybe if missing else says
    return kind(description, example, max_length=2000, json_schema_extra={"pattern": URL})


def moment(description: str, *, missing: bool = False) -> Any:
    """A UTC time to the second."""
    kind = maybe if missing else says
    return kind(description, "2026-11-22T12:00:00Z", json_schema_extra={"format": "date-time"})


class By(Told):
    """Who made or changed something."""

    user_id: str = says("Id of who did it.", "f167CmCL")
    user_name: str = says("Name of who did it.", "Nordlicht Reisen")


class ErrorData(Told):
    """The error for programs."""

    code: str = says("Stable code; decide on this.", "not_found")
    message: str = says("The same sentence as `message`.", "Not found.")


class ErrorMeta(Told):
    """What went wrong."""

    success: bool = says("Always false.", False)
    http_code: int = says("The HTTP status.", 404)
    developer_message: str = says("One sentence for developers.", "Not found.")
    details: list[str] = says("Each fault, where there are several.", ["limit: must be a number"])
    error_data: ErrorData = Field(description="The error for programs.")


class ErrorBody(Told):
    """The body of every error."""

    meta: ErrorMeta = Field(description="What went wrong.")
    message: str = says("The same sentence as `developer_message`.", "Not found.")


class Nothing(Told):
    """An empty object: there is nothing to say."""


class SuccessMeta(Told):
    """What became of it."""

    success: bool = says("Always true.", True)


class Success(Told):
    """It was done, and there is nothing to tell."""

    meta: SuccessMeta = Field(description="What became of it.")


class ListFrame(Told):
    """The frame of every list."""

    count: int = says("Rows in this page.", 1)
    total: int = says("Rows altogether, with these filters.", 1)
    limit: int = says("The limit that was asked for, or its default.", 20)
    offset: int = says("Rows left out at the beginning.", 0)
    sort: list[str] = says("The order that was asked for.", ["-created_at"])
    filters: dict[str, str] = says("The filters that were asked for.", {"status": "ready"})
