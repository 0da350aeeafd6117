"""kill -9 at each named point of an upgrade: charged once, switched once, numbers gapless."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session

from core.billing.payments.entities import CardPageVisit, Payment
from core.clock import SystemClock
from core.subscriptions.entities import PlanChange
from core.subscriptions.months import Month
from core.subscriptions.states import PlanName, UpgradeStatus
from storage.blobs import FolderBlobs
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from storage.jobs import DbosJobs
from tests.sandbox.payments_rig import SandboxSide, sandbox_process
from tests.services.subscriptions_world import ALL, BACK, World, assemble, build
from tests.support.waiting import wait_for

pytestmark = pytest.mark.slow

POINTS = [
    "step:before:advance",  # after intent
    "call:after:charge",  # provider charged, answer lost
    "sql:invoice",  # plan switched, invoice not yet numbered
    "commit:before:1",  # all of that written, nothing committed
    "step:before:draw",  # invoice numbered, PDF not written
    "file:half",  # PDF half written
    "mail:before",  # mail not sent
]


@pytest.mark.timeout(400)
def test_killed_at_every_point_in_turn_an_upgrade_happens_once(
    migrated_url: str, tmp_path: Path
) -> None:
    clock, folder = SystemClock(), tmp_path / "flags"
    folder.mkdir()
    database = SqlDatabase(migrated_url, LocalFeed(), threads=2)
    with sandbox_process(tmp_path) as url:
        side, jobs = SandboxSide(url, clock), DbosJobs(migrated_url)
        world = build(database, clock, jobs=jobs, provider=side.gateway)
        card_id = _with_a_card(world, side)
        world.write(lambda session: _month_is_paid(world, session))
        quote = world.quote()
        # After the quote: whoever comes up again knows what was quoted.
        people = (world.owner, world.other_owner, world.stranger)
        again = assemble(database, clock, DbosJobs(migrated_url), side.gateway, people=people)
        begun = again.subscriptions.upgrade(world.owner, quote.token, card_id)

        while not _is_over(folder, world):
            _one_worker(migrated_url, url, folder, world)

        done = world.subscriptions.upgrade_state(world.owner, begun.id)
        assert done.status is UpgradeStatus.DONE
        assert side.charged() == quote.gross.minor
        assert len(world.rows(Payment)) == 1
        assert world.row().plan == PlanName.PREMIUM
        assert world.told().count("plan_changed") == 1
        (invoice,) = world.invoices()
        assert invoice.number.endswith("-000001")
        assert invoice.gross_micros == quote.gross.micros
        content, _ = FolderBlobs(tmp_path / "kept" / "files").get(invoice.pdf_hash)
        assert invoice.number.encode() in content
        with database.reading(ALL) as session:
            assert world.billing.payments.agreement_of(session, world.partner_id).holds
        side.close()
        jobs.stop()
    database.close()


def _with_a_card(world: World, side: SandboxSide) -> str:
    world.billing.payments.add_card(world.owner, BACK)
    (visit,) = world.rows(CardPageVisit)
    side.fill_page(side.gateway.card_page(visit.page_id or ""))
    card = world.billing.payments.card_entered(world.owner, visit.id)
    assert card is not None
    return card.id


def _month_is_paid(world: World, session: Session) -> None:
    """Nothing but the upgrade is to be charged, and at no other partner either."""
    room = world.subscriptions.room
    for who in (world.owner, world.stranger):
        subscription = room.held(session, who.partner_id or "")
        month = Month.of(room.today() + timedelta(days=2)).next
        subscription.plan_through = subscription.licences_through = month.last


def _one_worker(url: str, stripe: str, folder: Path, world: World) -> None:
    """A worker until it dies, or until it has died at every point and all is done."""
    program = [sys.executable, "-m", "tests.services.subscriptions_program"]
    worker = subprocess.Popen([*program, url, stripe, str(folder), *POINTS])
    try:
        wait_for(
            lambda: worker.poll() is not None or _is_over(folder, world), seconds=60, every=0.05
        )
        assert worker.poll() in (None, -signal.SIGKILL)
    finally:
        worker.kill()
        worker.wait()


def _is_over(folder: Path, world: World) -> bool:
    """A worker died at each point, and everything that follows an upgrade is there."""
    if len(list(folder.iterdir())) < len(POINTS):
        return False
    changes = [it for it in world.rows(PlanChange) if it.kind == "upgrade"]
    is_done = all(it.status != "charging" for it in changes)
    is_drawn = all(it.pdf_hash for it in world.invoices())
    mails = folder.parent / "kept" / "mails"
    # One to each of two owners about the plan, and the invoice's.
    return is_done and is_drawn and mails.exists() and len(list(mails.iterdir())) >= 3
