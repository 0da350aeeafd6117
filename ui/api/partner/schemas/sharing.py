"""Account sharing."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from ui.api.partner.schemas.common import Told, maybe, says

# Digits; some programs keep them as numbers.
MetaId = (
    Annotated[str, Field(max_length=32, json_schema_extra={"pattern": "^[0-9]{1,32}$"})]
    | (Annotated[int, Field(ge=0, lt=10**18)])
)
_EMAIL = r"^[a-z][a-z0-9]{0,30}@[a-z][a-z0-9]{0,30}\.(com|de|example)$"


class NewSharedClient(Told):
    """A client whose numbers the partner will share."""

    name: str = says("Name of the business.", "Nordlicht Reisen GmbH", max_length=200)
    email: str = says(
        "Address of the client's person.",
        "jana@nordlicht.example",
        max_length=320,
        json_schema_extra={"pattern": _EMAIL},
    )
    user_name: str | None = maybe("Name of that person.", "Jana Petersen", max_length=200)


class SharedClientIds(Told):
    """The client that was made."""

    client_id: str = says("Id of the client.", "f167CmCL")
    id: str = says("The same id.", "f167CmCL")


def _needs(field: str) -> dict[str, Any]:
    given = {"type": "string", "minLength": 1, "pattern": "^[0-9A-Za-z]+$"}
    return {"required": [field], "properties": {field: given}}


class NewSharedNumber(Told):
    """A number that a client shared; one of `client_id` and `waba_business_id` is needed."""

    model_config = ConfigDict(
        json_schema_extra={"anyOf": [_needs("client_id"), _needs("waba_business_id")]}
    )

    waba_external_id: MetaId = says("Meta's id of the WABA.", "524126980791429")
    solution_id: MetaId = says("The partner's solution.", "123456789012345")
    client_id: str | None = maybe("Whose number it is.", "f167CmCL", max_length=64)
    waba_business_id: MetaId | None = maybe(
        "Or Meta's id of the client's business, of a client who has a number already.",
        "2729063490586005",
    )
    channel_external_id: MetaId | None = maybe(
        "Meta's id of the number; without it all verified numbers of the WABA.",
        "106540352242922",
    )
    tier: Literal["basic", "regular", "premium", ""] | None = maybe("Licence.", "regular")


class PartnerChangeSetting(Told):
    """What is kept."""

    auto_approve: bool = says("Whether clients of other partners are taken unasked.", True)


class PartnerChangeWish(Told):
    """What is to be kept."""

    # Programs send the text, too.
    auto_approve: bool | Literal["true", "false"] = says(
        "Whether clients of other partners are taken unasked.", True
    )
