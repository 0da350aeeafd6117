"""Clients."""

from __future__ import annotations

from pydantic import Field

from ui.api.partner.schemas.common import By, ListFrame, Told, maybe, moment, says


class ContactInfo(Told):
    """How a client is reached."""

    full_name: str = says("Name of the person who registered.", "Jana Petersen")
    email: str = says("E-mail address.", "jana@nordlicht.example")
    phone: str = says("Phone number; '' when not told.", "+4915550001")
    country: str = says("Country, two letters.", "DE")
    city: str = says("City; '' when not told.", "Kiel")
    street_name: str = says("Street and house number; '' when not told.", "Hafenstraße 1")
    zip_code: str = says("Postal code; '' when not told.", "24103")
    language: str = says("Language of mails and pages.", "de")
    webpage_url: str = says("Web site; '' when not told.", "https://nordlicht.example")


class ContactUser(Told):
    """The person behind a client."""

    name: str = says("Name.", "Jana Petersen")
    email: str = says("E-mail address.", "jana@nordlicht.example")
    phone: str = says("Phone number; '' when not told.", "+4915550001")


class MetaInfo(Told):
    """What a client says about its business; '' when not told."""

    business_vertical: str = says("Line of business.", "TRAVEL")
    timezone: str = says("Time zone.", "Europe/Berlin")
    about: str = says("A line about the business.", "Journeys to the north")
    business_description: str = says("More about the business.", "Travel agency in Kiel")
    use_case: str = says("What messages are for.", "Bookings")


class ClientObject(Told):
    """A business that the partner brought onto WhatsApp."""

    id: str = says("Id, ends in CL.", "f167CmCL")
    name: str = says("Name of the business.", "Nordlicht Reisen")
    status: str = says("`active`, or `pending` until a paying client gave a card.", "active")
    max_channels: int = maybe("Most numbers the client may add; left out: no limit.", 5)
    organisation: str = says("Legal name.", "Nordlicht Reisen GmbH")
    meta_info: MetaInfo = Field(description="What the client says about its business.")
    contact_info: ContactInfo = Field(description="How the client is reached.")
    contact_user: ContactUser = Field(description="The person behind the client.")
    partner_payload: str = says("The partner's own text about the client.", "crm-4711")
    suspicious: bool = says("Whether the operator looks closer at the client.", False)
    created_at: str = moment("When the client registered.")
    created_by: By = Field(description="Who registered it.")
    modified_at: str = moment("When it changed last.")
    modified_by: By = Field(description="Who changed it last.")


class ClientList(ListFrame):
    """A page of clients."""

    clients: list[ClientObject] = Field(description="The clients.")


class ClientChange(Told):
    """What the partner sets about a client; null and missing leave a value as it is."""

    partner_payload: str | None = maybe("The partner's own text.", "crm-4711", max_length=2000)
    max_channels: int | None = maybe("Most numbers it may add.", 5, ge=0, le=1_000_000)
