"""The hub's commands, and the one place where everything is put together.

`run` is for a first look and for development: hub, worker and sandbox from one command. `web`,
`worker` and `migrate` are what an operator runs. Only this file knows every room.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Annotated

import typer

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
from core.demo.everything import plant_everything
from core.demo.outside import sandbox_seed
from core.demo.telling import demo_object
from core.errors import HubError
from core.first_start import settings_of_this_start
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
from core.integration.outbound.drain import WebhookDrain
from core.onboarding.service import Onboarding
from core.operations.service import Operations
from core.operations.waiting_work import at_work
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
from sandbox import beside
from sandbox.app import run as run_sandbox
from sandbox.settings import SandboxSettings
from storage.backlog import SqlBacklog
from storage.blobs import FolderBlobs
from storage.channel_search import SqlChannelSearch
from storage.contacts import SqlContacts
from storage.database import SqlDatabase
from storage.drain_locks import SqlDrainLocks
from storage.engines import require_reachable
from storage.intake import IntakeWriter
from storage.jobs import DbosJobs
from storage.metering import SqlUsageBook
from storage.migrate import migrate as migrate_database
from storage.migrate import require_migrated
from storage.numbers import SqlNumbers
from storage.payers import SqlPayers
from storage.postgres_feed import feed_for
from storage.upkeep import tidy
from storage.vault import AesVault
from ui import desk as desk_pages
from ui import login
from ui.api import audit_export, meta_intake, profile_logo, stripe_intake, support_files
from ui.api import partner as partner_api_routes
from ui.app import create_app
from ui.operator_commands import add_operator_commands
from ui.pages import onboarding, pay
from ui.sections import all_sections
from ui.serve import require_free, serve
from ui.worker_port import answering

commands = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)


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


@commands.command()
def run(
    sandbox: Annotated[bool, typer.Option(help="Start the sandbox beside the hub.")] = True,
) -> None:
    """Hub, worker and sandbox, with demo data: everything for a first look."""
    settings = settings_of_this_start()
    with ExitStack() as stack:
        if settings.is_sandbox and sandbox:
            require_free(settings.port)
            command = [sys.executable, __file__, "sandbox", "--with-parent", str(os.getpid())]
            stack.enter_context(beside.running(command, settings.meta_graph_base))
        _require_database(settings)
        migrate_database(settings.database)
        _serve(settings, stack, works=True, with_demo=settings.is_sandbox)


@commands.command()
def web() -> None:
    """Pages, API and the intake of webhooks; a worker does the rest."""
    settings = settings_of_this_start()
    _require_database(settings, is_migrated=True)
    with ExitStack() as stack:
        _serve(settings, stack, works=False)


@commands.command()
def worker() -> None:
    """Durable work and the webhooks that the intake stored; no port but for metrics."""
    settings = settings_of_this_start()
    _require_database(settings, is_migrated=True)
    ending = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ending.set())
    with ExitStack() as stack:
        assembled = _assemble(settings, stack)
        stack.enter_context(answering(settings, assembled.operations.meters))
        _start_work(assembled, stack)
        print("Worker ready", flush=True)
        ending.wait()


@commands.command()
def sandbox(
    with_parent: Annotated[int, typer.Option(hidden=True)] = 0,
) -> None:
    """The world outside the hub: Meta, identity provider, mail server, partner's site."""
    settings = settings_of_this_start()
    if not settings.is_sandbox:
        sys.exit("The sandbox is for HUB_MODE=sandbox only.")
    if with_parent:
        beside.end_with_parent(with_parent)
    run_sandbox(SandboxSettings.shared_with(settings), sandbox_seed())


@commands.command()
def migrate() -> None:
    """Bring the database to this version's schema."""
    settings = settings_of_this_start()
    _require_database(settings)
    migrate_database(settings.database)
    print("Database is up to date.")


@commands.command()
def demo(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Make the demo world if the database is empty, and tell what is in it (sandbox mode only)."""
    settings = settings_of_this_start()
    if not settings.is_sandbox:
        sys.exit("Demo data is for HUB_MODE=sandbox only.")
    _require_database(settings)
    migrate_database(settings.database)
    with ExitStack() as stack:
        assembled = _assemble(settings, stack)
        _plant(assembled)
        world = demo_object(assembled.database, settings, assembled.vault, assembled.hub.clock)
    if as_json:
        print(json.dumps(world, indent=2, ensure_ascii=False))
        return
    for partner in world["partners"]:
        print(f"{partner['name']} ({partner['id']}): {partner['owner_email']}")


@contextmanager
def _opened() -> Iterator[Assembled]:
    settings = settings_of_this_start()
    _require_database(settings, is_migrated=True)
    with ExitStack() as stack:
        yield _assemble(settings, stack)


add_operator_commands(commands, _opened)


def _assemble(settings: Settings, stack: ExitStack) -> Assembled:
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
    gate = Gate(database, clock, fresh_for=settings.fresh_sign_in or None)
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
    inbound = Inbound(database, clock, jobs, readings, metering=money.metering)
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


def _serve(settings: Settings, stack: ExitStack, *, works: bool, with_demo: bool = False) -> None:
    require_free(settings.port)
    assembled = _assemble(settings, stack)
    if with_demo:
        _plant(assembled)
    assembled.intake.start()
    stack.callback(assembled.intake.stop)
    if works:
        _start_work(assembled, stack)
    app = create_app(
        assembled.hub,
        all_sections(),
        installs=(
            login.install,
            onboarding.install,
            pay.install,
            support_files.install,
            audit_export.install,
            profile_logo.install,
            partner_api_routes.install,
            desk_pages.install(settings.meta_graph_base if settings.is_sandbox else ""),
            meta_intake.install(assembled.intake),
            stripe_intake.install(assembled.hub.billing.payments.take_webhook),
        ),
        sandbox_url=settings.meta_graph_base if settings.is_sandbox else "",
    )
    serve(app, settings)


def _start_work(assembled: Assembled, stack: ExitStack) -> None:
    drains = (assembled.drain, assembled.webhooks)
    stack.enter_context(at_work(assembled.operations, assembled.jobs.start, drains))


def _plant(assembled: Assembled) -> None:
    books = (SqlUsageBook(), SqlNumbers(), SqlPayers())
    plant_everything(assembled.database, assembled.hub, assembled.vault, books)


def _require_database(settings: Settings, *, is_migrated: bool = False) -> None:
    """Ends the process with one sentence when the database cannot be worked with."""
    try:
        require_reachable(settings.database)
        if is_migrated:
            require_migrated(settings.database)
    except HubError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    commands()
