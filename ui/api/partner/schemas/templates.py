"""Message templates, flows and commerce settings."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from ui.api.partner.schemas.common import By, ListFrame, Told, maybe, moment, says

_BODY = {
    "type": "BODY",
    "text": "Your order {{1}} is on its way.",
    "example": {"body_text": [["7"]]},
}
_COMPONENTS = "Meta's components, as they are: HEADER, BODY, FOOTER, BUTTONS and so on."
_CATEGORY = "MARKETING, UTILITY or AUTHENTICATION."
_CATEGORIES: dict[str, Any] = {"enum": ["MARKETING", "UTILITY", "AUTHENTICATION"]}


def _listed(value: Any) -> Any:
    # Typed programs of the trade send the one component that they have without a list.
    return [value] if isinstance(value, dict) else value


Components = Annotated[list[dict[str, Any]], BeforeValidator(_listed)]
Seconds = Annotated[int, Field(ge=1, le=43_200)]
_KINDS = ("HEADER", "BODY", "FOOTER", "BUTTONS", "CAROUSEL", "LIMITED_TIME_OFFER")
_WITH_BODY = {
    "type": "object",
    "required": ["type", "text"],
    "properties": {
        "type": {"const": "BODY"},
        "text": {"type": "string", "minLength": 1, "maxLength": 1024, "pattern": r"\S"},
    },
}
_PARTS: dict[str, Any] = {
    "minItems": 1,
    "maxItems": 10,
    "items": {
        "anyOf": [
            _WITH_BODY,
            {
                "type": "object",
                "required": ["type"],
                "properties": {"type": {"enum": [k for k in _KINDS if k != "BODY"]}},
            },
        ]
    },
    "contains": _WITH_BODY,
}


_FLOW_WORDS: dict[str, Any] = {
    "type": "string",
    "enum": (
        "SIGN_UP SIGN_IN APPOINTMENT_BOOKING LEAD_GENERATION SHOPPING CONTACT_US CUSTOMER_SUPPORT "
        "SURVEY OTHER"
    ).split(),
}


class TemplateObject(Told):
    """A message template."""

    id: str = says("The hub's id, 22 characters.", "hG3kQ0aZp1Xy2Bc3De4Fg5")
    external_id: str = says("Meta's id.", "1234567890123456")
    partner_id: str = says("Whose it is.", "AcmeMsPA")
    waba_account_id: str = says("Id of its WABA.", "f167CmWA")
    name: str = says("Its name.", "order_update")
    status: str = says(
        "Meta's status, lower case: approved, pending, rejected, paused, disabled, in_appeal and"
        " so on.",
        "pending",
    )
    language: str = says("Language, as Meta writes it.", "en_US")
    category: str = says(_CATEGORY, "UTILITY")
    components: list[dict[str, Any]] = says(_COMPONENTS, [_BODY])
    rejected_reason: str = says("Why Meta rejected it; NONE otherwise.", "NONE")
    namespace: str = says("Namespace of the WABA's templates.", "c8ae5f90_307a_ca4c_b8f6")
    created_at: str = moment("When the hub first knew it.")
    created_by: By = Field(description="Who created it here; `meta` when Meta told of it.")
    modified_at: str = moment("When it changed last.")
    modified_by: By = Field(description="Who changed it here last.")


class ChangedTemplate(TemplateObject):
    """A template that Meta reviews again."""

    success: bool = says("Always true.", True)


class TemplateList(ListFrame):
    """A page of templates."""

    waba_templates: list[TemplateObject] = Field(description="The templates.")


class NewTemplate(Told):
    """A template for Meta's review."""

    name: str = says(
        "Small letters, digits and underscores.",
        "order_update",
        max_length=512,
        json_schema_extra={"pattern": "^[a-z0-9_]{1,512}$"},
    )
    category: str = says(_CATEGORY, "UTILITY", max_length=32, json_schema_extra=_CATEGORIES)
    language: str = says(
        "Language, as Meta writes it.",
        "en_US",
        max_length=16,
        json_schema_extra={"pattern": "^[a-z]{2,3}(_[A-Z]{2,4})?$"},
    )
    components: Components = says(_COMPONENTS, [_BODY], json_schema_extra=_PARTS)
    parameter_format: Literal["POSITIONAL", "NAMED"] | None = maybe(
        "How variables are written.", "POSITIONAL"
    )
    allow_category_change: bool | None = maybe("Meta may choose another category.", True)
    message_send_ttl_seconds: Seconds | None = maybe("How long Meta tries to deliver.", 600)
    cta_url_link_tracking_opted_out: bool | None = maybe("No click figures for buttons.", False)


class TemplateChange(Told):
    """What is to change; name and language cannot."""

    model_config = ConfigDict(
        json_schema_extra={"anyOf": [{"required": ["components"]}, {"required": ["category"]}]}
    )

    name: str | None = maybe("Its name, unchanged.", "order_update", max_length=512)
    language: str | None = maybe("Its language, unchanged.", "en_US", max_length=16)
    category: str | None = maybe(_CATEGORY, "UTILITY", max_length=32, json_schema_extra=_CATEGORIES)
    components: Components | None = maybe(_COMPONENTS, [_BODY], json_schema_extra=_PARTS)
    allow_category_change: bool | None = maybe("Taken and not passed on: Meta has no such.", False)
    message_send_ttl_seconds: Seconds | None = maybe("How long Meta tries to deliver.", 600)
    cta_url_link_tracking_opted_out: bool | None = maybe("No click figures for buttons.", False)


class FlowFault(Told):
    """Something that Meta finds wrong in a flow's JSON."""

    error: str = says("Meta's word for it.", "INVALID_PROPERTY_VALUE")
    error_type: str = says("What kind of error it is.", "FLOW_JSON_ERROR")
    message: str = says("What is wrong.", "Invalid value for property 'type'.")
    line_start: int = maybe("Line where it begins.", 10)
    line_end: int = maybe("Line where it ends.", 10)
    column_start: int = maybe("Column where it begins.", 21)
    column_end: int = maybe("Column where it ends.", 34)


class FlowObject(Told):
    """A flow, as Meta tells it."""

    id: str = says("Meta's id.", "1234567890")
    name: str = says("Its name.", "Booking")
    status: str = says("DRAFT, PUBLISHED, DEPRECATED, BLOCKED or THROTTLED.", "DRAFT")
    categories: list[str] = says("What it is for.", ["APPOINTMENT_BOOKING"])
    validation_errors: list[FlowFault] = says("What is wrong in its JSON.", [])
    json_version: str = maybe("Version of its JSON.", "7.1")
    endpoint_uri: str = maybe("Where it gets its data.", "https://acme.example/flow")


class FlowList(ListFrame):
    """A page of flows."""

    flows: list[FlowObject] = Field(description="The flows, the newest first.")


class NewFlow(Told):
    """A flow to be: a draft without JSON, or a copy of another."""

    name: str = says(
        "Its name, once per WABA.",
        "Booking",
        max_length=200,
        json_schema_extra={"minLength": 1, "pattern": r"\S"},
    )
    categories: list[str] = says(
        "Meta's words for what it is for.",
        ["APPOINTMENT_BOOKING"],
        json_schema_extra={"minItems": 1, "maxItems": 10, "items": _FLOW_WORDS},
    )
    clone_flow_id: str | None = maybe(
        "Meta's id of the flow to copy.", "1234567890", json_schema_extra={"pattern": "^[0-9]+$"}
    )
    endpoint_uri: str | None = maybe(
        "Where it gets its data.",
        "https://acme.example/flow",
        json_schema_extra={"pattern": "^https://[a-z]{1,30}[.][a-z]{2,10}(/[a-z0-9/]{0,50})?$"},
    )


class FlowId(Told):
    """A flow."""

    id: str = says("Meta's id.", "1234567890")


class FlowUploaded(FlowId):
    """The draft's JSON is this now."""

    success: bool = says("Always true: JSON with faults is kept, too.", True)
    validation_errors: list[FlowFault] = says("What is wrong in it.", [])


class FlowPublished(FlowId):
    """The flow can be sent."""

    success: bool = says("Always true.", True)


class CommerceSettingsRow(Told):
    """Catalogue and cart of a number."""

    id: str = says("Meta's id of the settings.", "1234567890")
    is_cart_enabled: bool = says("Whether people see a cart.", True)
    is_catalog_visible: bool = says("Whether people see the catalogue.", False)


class CommerceSettings(Told):
    """One row, or none before anybody set anything."""

    data: list[CommerceSettingsRow] = Field(description="The settings.")
