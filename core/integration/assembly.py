"""Puts together what partners' own systems meet: settings, keys, the API and the webhooks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from core.access import Gate
from core.accounts.cancelling import Cancelling
from core.accounts.ports import ChannelSearch
from core.clock import Clock
from core.integration.api.room import Room as ApiRoom
from core.integration.api.service import PartnerApi
from core.integration.credentials.service import Credentials
from core.integration.outbound import assembly as webhook_room
from core.integration.outbound.drain import WebhookDrain
from core.integration.outbound.ports import DrainLocks
from core.integration.outbound.room import Room as WebhookRoom
from core.integration.outbound.service import WebhooksOut
from core.integration.settings.service import IntegrationSettings
from core.ports import ChangeFeed, Database, Jobs, Mailer, Meta, Outgoing, Vault
from core.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegrationPorts:
    """What the four stand on."""

    gate: Gate
    database: Database
    clock: Clock
    jobs: Jobs
    feed: ChangeFeed
    vault: Vault
    meta: Meta
    outgoing: Outgoing
    mailer: Mailer
    locks: DrainLocks
    search: ChannelSearch
    cancelling: Cancelling
    settings: Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Integration:
    """The verbs for pages and routes, and the drain that worker processes start."""

    settings: IntegrationSettings
    credentials: Credentials
    partner_api: PartnerApi
    webhooks: WebhooksOut
    drain: WebhookDrain


def put_together(ports: IntegrationPorts) -> Integration:
    """One per process; its housekeeping is scheduled."""
    partner_api = PartnerApi(
        ApiRoom(
            gate=ports.gate,
            database=ports.database,
            clock=ports.clock,
            settings=ports.settings,
            vault=ports.vault,
            search=ports.search,
            cancelling=ports.cancelling,
        )
    )
    ports.jobs.schedule("api_tidy", timedelta(hours=1), partner_api.tidy)
    webhooks, drain = webhook_room.put_together(
        WebhookRoom(
            gate=ports.gate,
            database=ports.database,
            clock=ports.clock,
            vault=ports.vault,
            outgoing=ports.outgoing,
            feed=ports.feed,
            settings=ports.settings,
        ),
        jobs=ports.jobs,
        mailer=ports.mailer,
        locks=ports.locks,
    )
    settings = IntegrationSettings(
        gate=ports.gate,
        clock=ports.clock,
        vault=ports.vault,
        meta=ports.meta,
        outgoing=ports.outgoing,
        settings=ports.settings,
    )
    return Integration(
        settings=settings,
        credentials=Credentials(ports.gate, ports.clock),
        partner_api=partner_api,
        webhooks=webhooks,
        drain=drain,
    )
