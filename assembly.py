"""The hub on real storage and gateways: the one place where everything is put together."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from core.access import Gate
from core.accounts import assembly as meta_room
from core.accounts.cancelling import Cancelling
from core.accounts.readings import Readings
from core.accounts.service import Accounts
from core.audit import assembly as audit_room
from core.billing.balance.watch import Watch
from core.billing.card_import import CardImport
from core.billing.invoices.rendering import InvoicePress
from core.billing.service import BillingPorts, put_together
from core.gateways.clock import clock_at
from core.gateways.mail import SmtpMailer
from core.gateways.meta import GraphMeta
from core.gateways.outgoing import GuardedOutgoing
from core.gateways.payments import StripePayments
from core.gateways.vat import Vies
from core.hub import Hub
from core.integration import assembly as integration_room
from core.integration.assembly import IntegrationPorts
from core.integration.drain import Drain
from core.integration.inbound import Inbound
from core.integration.inbound_tidying import InboundTidying
from core.integration.outbound.drain import WebhookDrain
from core.integration.outbound.forwarding import Forwarding
from core.onboarding.service import Onboarding
from core.operations.service import Operations
from core.partners.profile.service import Profile
from core.partners.service import Partners
from core.partners.sign_in import SignIn
from core.partners.users import Users
from core.settings import Settings
from core.subscriptions.service import Subscriptions
from core.support import assembly as support_room
from core.support.room import Room as SupportRoom
from core.uploads.pictures import Pictures
from core.whereabouts import Whereabouts
from storage.backlog import SqlBacklog
from storage.blobs import FolderBlobs
from storage.channel_search import SqlChannelSearch
from storage.contacts import SqlContacts
from storage.database import SqlDatabase
from storage.drain_locks import SqlDrainLocks
from storage.intake import IntakeWriter
from storage.jobs import DbosJobs
from storage.metering import SqlUsageBook
from storage.numbers import SqlNumbers
from storage.payers import SqlPayers
from storage.postgres_feed import feed_for
from storage.upkeep import tidy
from storage.vault import AesVault


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    """The hub and what has to be started and stopped around it."""

    hub: Hub
    database: SqlDatabase
    jobs: DbosJobs
    intake: IntakeWriter
    drain: Drain
    vault: AesVault
    cards: CardImport
    watch: Watch
    webhooks: WebhookDrain
    operations: Operations


def assemble(settings: Settings, stack: ExitStack) -> Assembled:
    """The hub on real storage and gateways; `stack` closes what was opened."""
    clock = stack.enter_context(clock_at(settings.clock_url))
    feed = stack.enter_context(feed_for(settings.database))
    database = SqlDatabase(settings.database, feed, threads=settings.database_threads)
    stack.callback(database.close)
    operations = Operations(database, SqlBacklog(database))
    mailer = SmtpMailer(settings, operations.way_out)
    jobs = DbosJobs(settings.database, slots=settings.worker_slots)
    stack.callback(jobs.stop)
    vault = AesVault(settings.vault_keys.get_secret_value())
    meta = GraphMeta(settings, clock=clock, way_out=operations.way_out)
    gate = Gate(database, clock, fresh_for=settings.fresh_sign_in)
    blobs = FolderBlobs(settings.var_dir / "blobs")
    at_meta = meta_room.put_together(
        gate=gate, database=database, clock=clock, feed=feed, vault=vault, meta=meta, jobs=jobs
    )
    readings = Readings(database, clock, vault, meta, jobs)
    # The net under lost webhooks; Meta allows 200 management calls an hour and WABA.
    jobs.schedule("read_wabas", timedelta(hours=1), readings.read_all)
    jobs.schedule("tidy", timedelta(hours=6), partial(tidy, database))
    pictures = Pictures()
    sign_in = SignIn(database, clock, vault, settings)
    press = stack.enter_context(InvoicePress())
    money = put_together(
        BillingPorts(
            gate=gate,
            database=database,
            clock=clock,
            jobs=jobs,
            settings=settings,
            mailer=mailer,
            blobs=blobs,
            provider=StripePayments(settings, clock=clock, way_out=operations.way_out),
            press=press.render,
            statement_press=press.render_statement,
            register=Vies(settings, operations.way_out),
            usage=SqlUsageBook(),
            numbers=SqlNumbers(),
            payers=SqlPayers(),
            contacts=SqlContacts(),
        )
    )
    onboardings = Onboarding(
        database=database,
        gate=gate,
        clock=clock,
        vault=vault,
        jobs=jobs,
        mailer=mailer,
        meta=meta,
        settings=settings,
        billing=money.billing,
    )
    inbound = Inbound(
        database, clock, jobs, readings, metering=money.metering, forwarding=Forwarding(clock)
    )
    InboundTidying(database, clock, jobs, settings.inbound_kept)
    subscriptions = Subscriptions(
        gate=gate,
        database=database,
        clock=clock,
        jobs=jobs,
        settings=settings,
        issuing=money.billing.invoices.issuing,
        payments=money.billing.payments,
    )
    support, desk = support_room.put_together(
        SupportRoom(
            gate=gate,
            database=database,
            clock=clock,
            jobs=jobs,
            feed=feed,
            blobs=blobs,
            mailer=mailer,
            settings=settings,
            pictures=pictures,
            plans=subscriptions,
            details=money.billing.invoices,
        )
    )
    cancelling = Cancelling(gate, database, clock, jobs)
    integration = integration_room.put_together(
        IntegrationPorts(
            gate=gate,
            database=database,
            clock=clock,
            jobs=jobs,
            feed=feed,
            vault=vault,
            meta=meta,
            outgoing=GuardedOutgoing(settings, operations.way_out),
            mailer=mailer,
            locks=SqlDrainLocks(settings.database),
            search=SqlChannelSearch(),
            cancelling=cancelling,
            settings=settings,
        )
    )
    hub = Hub(
        settings=settings,
        clock=clock,
        feed=feed,
        blobs=blobs,
        sign_in=sign_in,
        partners=Partners(gate, database, clock, invitation_lifetime=settings.invitation_lifetime),
        users=Users(
            gate=gate,
            database=database,
            clock=clock,
            jobs=jobs,
            mailer=mailer,
            settings=settings,
        ),
        profile=Profile(gate, clock, blobs, pictures),
        whereabouts=Whereabouts(database, sign_in.memberships),
        accounts=Accounts(gate, clock, SqlChannelSearch(), meta, vault),
        templates=at_meta.templates,
        assets=at_meta.assets,
        regions=at_meta.regions,
        audit=audit_room.put_together(gate, database, clock, jobs),
        cancelling=cancelling,
        onboarding=onboardings,
        billing=money.billing,
        subscriptions=subscriptions,
        inbound=inbound,
        integration=integration.settings,
        webhooks=integration.webhooks,
        credentials=integration.credentials,
        partner_api=integration.partner_api,
        support=support,
        desk=desk,
        operations=operations,
    )
    return Assembled(
        hub=hub,
        database=database,
        jobs=jobs,
        intake=IntakeWriter(database.writer, clock, feed),
        drain=Drain(inbound, feed),
        vault=vault,
        cards=money.cards,
        watch=money.watch,
        webhooks=integration.drain,
        operations=operations,
    )
