"""Channels: one phone number each."""

from __future__ import annotations

from pydantic import Field

from ui.api.partner.schemas.clients import ContactInfo
from ui.api.partner.schemas.common import By, ListFrame, Told, maybe, moment, says


class ChannelClient(Told):
    """The client whose number it is."""

    id: str = says("Id, ends in CL.", "f167CmCL")
    name: str = says("Name of the business.", "Nordlicht Reisen")
    partner_payload: str = says("The partner's own text about the client.", "crm-4711")
    contact_info: ContactInfo = Field(description="How the client is reached.")


class SetupInfo(Told):
    """The number itself."""

    phone_number: str = says("The number, digits only.", "4915550001")
    phone_name: str = says("Display name.", "Nordlicht Reisen")
    was_in_use: bool = says("Whether it is used in the WhatsApp Business app, too.", False)
    ivr: bool = says("Whether it is verified through a voice menu.", False)
    verification_method: str = maybe("`sms` or `voice`; left out when not known.", "sms")
    new_name_status: str = says("What Meta says about the display name.", "APPROVED")
    default_language: str = says("The client's language.", "de")
    has_integration_layer: bool = says("Whether messages go through the hub's side.", True)
    configuration_type: str = says("How it is hosted.", "cloud_api")
    region: str = says("Where Meta stores its data, two letters; '' is Meta's default.", "DE")
    shards_number: int = says("Always 1 with Cloud API.", 1)


class OnBehalfOf(Told):
    """The business that owns the WABA."""

    id: str = says("Meta's id of the business portfolio.", "2729063490586005")
    name: str = says("Name of the business portfolio.", "Nordlicht Reisen")
    status: str = says("`approved`, or `denied` once the client took it away.", "approved")
    type: str = says("How Meta calls the ownership.", "CLIENT_OWNED")


class WabaAccountObject(Told):
    """A WhatsApp Business Account."""

    id: str = says("Id, ends in WA.", "f167CmWA")
    external_id: str = says("Meta's id.", "524126980791429")
    client_id: str = says("Whose account it is.", "f167CmCL")
    name: str = says("Name.", "Nordlicht Reisen")
    namespace: str = says("Namespace of its templates.", "c8ae5f90_307a_ca4c_b8f6_d1e2a2573574")
    status: str = says("What Meta's review says, lower case.", "approved")
    fb_account_status: str = maybe(
        "The business's verification: verified, not_verified, rejected, pending_submission,"
        " failed, pending or pending_need_more_info.",
        "verified",
    )
    fb_business_id: str = says("Meta's id of the owner.", "2729063490586005")
    consents: list[str] = says("Always empty: consent is the channel's.", [])
    created_at: str = moment("When it came to the hub.")
    created_by: By = Field(description="Who brought it.")
    on_behalf_of_business_info: OnBehalfOf = Field(description="The business that owns it.")


class Integration(Told):
    """Whether messages can be sent."""

    enabled: bool = says("Whether the partner may send.", True)
    app_id: str = says("Id of the channel's application, as with its API key.", "f167CmAP")
    state: str = says("`running`, `pending` or `stopped`.", "running")


class Project(Told):
    """The client's numbers together."""

    id: str = says("Id, ends in PR.", "f167CmPR")
    name: str = says("Name.", "Nordlicht Reisen")
    license_model: str = maybe("`regular`, `premium` or `high_throughput`.", "regular")


class ChannelObject(Told):
    """A phone number with its client, WABA and project."""

    id: str = says("Id, begins with a letter and ends in CH.", "f167CmCH")
    client_id: str = says("Whose number it is.", "f167CmCL")
    external_id: str = says("Meta's id of the number; '' until it has one.", "106540352242922")
    account_mode: str = says("`live` or `sandbox`.", "live")
    status: str = says(
        "created, unverified, verified, ready, modified, imported, new_name_requested,"
        " certificate_declined, consents_signed, error, porting_ready, ready_for_migration,"
        " waiting_for_migration_code or migration_code_requested. A working channel is ready.",
        "ready",
    )
    hub_status: str = says("The hub's own word for where the number stands.", "live")
    availability_status: str = says("`available` while it can be written to.", "available")
    cancelled_at: str | None = moment("When its end was asked for; null otherwise.")
    billing_started_at: str | None = moment("From when it is billed; null before.")
    terminated_at: str | None = moment("When it ended; null before.")
    created_at: str = moment("When it came to the hub.")
    modified_at: str = moment("When it changed last.")
    current_limit: str = maybe(
        "People it may write to in a day: TIER_0.25K, TIER_1K, TIER_2K, TIER_10K, TIER_100K,"
        " TIER_UNLIMITED.",
        "TIER_2K",
    )
    current_quality_rating: str = says("Green, Yellow, Red or Unknown.", "Green")
    is_on_biz_app: bool = says("Whether it is used in the WhatsApp Business app, too.", False)
    has_inbox: bool | None = says("Null: the hub has no inbox.", None)
    is_oba: bool | None = says("Whether it is an Official Business Account; null: unknown.", False)
    client: ChannelClient = Field(description="The client whose number it is.")
    setup_info: SetupInfo = Field(description="The number itself.")
    waba_account: WabaAccountObject = Field(description="Its WhatsApp Business Account.")
    waba_account_id: str = says("Id of that account.", "f167CmWA")
    integration: Integration = Field(description="Whether messages can be sent.")
    project: Project = Field(description="The client's numbers together.")


class ChannelList(ListFrame):
    """A page of channels."""

    partner_channels: list[ChannelObject] = Field(description="The channels.")


class EndedChannel(ChannelObject):
    """A channel, dates that are not set left out."""

    cancelled_at: str = moment("When its end was asked for.", missing=True)
    billing_started_at: str = moment("From when it is billed.", missing=True)
    terminated_at: str = moment("When it ended.", missing=True)
    has_inbox: bool = maybe("Left out: the hub has no inbox.", False)
    is_oba: bool = maybe("Whether it is an Official Business Account.", False)


class CancellationRequest(Told):
    """Whether the number is to end with the month."""

    enabled: bool = Field(
        default=True, description="False takes a cancellation back.", examples=[True]
    )
