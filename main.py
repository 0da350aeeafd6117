"""The hub's commands.

`run` is for a first look and for development: hub, worker and sandbox from one command. `web`,
`worker` and `migrate` are what an operator runs. `assembly.py` puts the hub together; pages, routes
and the sandbox come to it here.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Annotated

import typer
from fastapi import FastAPI

from assembly import Assembled, assemble
from core.demo.everything import plant_everything
from core.demo.outside import sandbox_seed
from core.demo.telling import demo_object
from core.errors import HubError
from core.first_start import settings_of_this_start
from core.operations.waiting_work import at_work
from core.settings import Settings
from sandbox import beside
from sandbox.app import run as run_sandbox
from sandbox.settings import SandboxSettings
from storage.backup.service import Place, back_up, restore
from storage.engines import require_reachable
from storage.metering import SqlUsageBook
from storage.migrate import migrate as migrate_database
from storage.migrate import require_migrated
from storage.numbers import SqlNumbers
from storage.payers import SqlPayers
from ui import desk as desk_pages
from ui import login
from ui.api import audit_export, meta_intake, profile_logo, stripe_intake, support_files
from ui.api import partner as partner_api_routes
from ui.app import create_app
from ui.operator_backup import BackupCommands
from ui.operator_commands import add_operator_commands
from ui.pages import onboarding, pay
from ui.sections import all_sections
from ui.serve import require_free, serve
from ui.worker_port import answering

commands = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)


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
        assembled = assemble(settings, stack)
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
        assembled = assemble(settings, stack)
        plant(assembled)
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
        yield assemble(settings, stack)


def _place() -> Place:
    settings = settings_of_this_start()
    keys = settings.vault_keys.get_secret_value()
    return Place(database=settings.database, blobs=settings.var_dir / "blobs", vault_keys=keys)


add_operator_commands(commands, _opened)
BackupCommands(
    _opened,
    lambda file: back_up(_place(), file),
    lambda file, overwrite: restore(_place(), file, overwrite=overwrite),
).add_to(commands)


def _serve(settings: Settings, stack: ExitStack, *, works: bool, with_demo: bool = False) -> None:
    require_free(settings.port)
    assembled = assemble(settings, stack)
    if with_demo:
        plant(assembled)
    assembled.intake.start()
    stack.callback(assembled.intake.stop)
    if works:
        _start_work(assembled, stack)
    serve(web_application(assembled, settings), settings)


def web_application(assembled: Assembled, settings: Settings) -> FastAPI:
    """Every page and route of the hub, behind its guards."""
    return create_app(
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


def _start_work(assembled: Assembled, stack: ExitStack) -> None:
    drains = (assembled.drain, assembled.webhooks)
    stack.enter_context(at_work(assembled.operations, assembled.jobs.start, drains))


def plant(assembled: Assembled) -> None:
    """The demo world is there."""
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
