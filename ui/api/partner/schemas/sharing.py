"""Account sharing."""

from __future__ import annotations

from pydantic import ConfigDict

from ui.api.partner.schemas.common import Told, maybe, says


class NewSharedClient(Told):
    """A client whose numbers the partner will share."""

    name: str = says("Name of the business.", "Nordlicht Reisen GmbH", max_length=400)
    email: str = says("Address of the client's person.", "jana@nordlicht.example", max_length=400)
    user_name: str | None = maybe("Name of that person.", "Jana Petersen", max_length=400)


class SharedClientIds(Told):
    """The client that was made."""

    client_id: str = says("Id of the client.", "f167CmCL")
    id: str = says("The same id.", "f167CmCL")


class NewSharedNumber(Told):
    """A number that a client shared; one of `client_id` and `waba_business_id` is needed."""

    # Meta's ids are digits, and some programs keep them as numbers.
    model_config = ConfigDict(coerce_numbers_to_str=True)

    waba_external_id: str = says("Meta's id of the WABA.", "524126980791429", max_length=64)
    solution_id: str = says("The partner's solution.", "123456789012345", max_length=64)
    client_id: str | None = maybe("Whose number it is.", "f167CmCL", max_length=64)
    waba_business_id: str | None = maybe(
        "Or Meta's id of the client's business, of a client who has a number already.",
        "2729063490586005",
        max_length=64,
    )
    channel_external_id: str | None = maybe(
        "Meta's id of the number; without it all verified numbers of the WABA.",
        "106540352242922",
        max_length=64,
    )
    tier: str | None = maybe("Licence: basic, regular or premium.", "regular", max_length=16)


class PartnerChangeSetting(Told):
    """What is kept."""

    auto_approve: bool = says("Whether clients of other partners are taken unasked.", True)
