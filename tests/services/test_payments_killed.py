"""kill -9 at each point of a top-up and of an auto-renewal: charged once, the books agree."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.billing.invoices.entities import Invoice
from core.billing.payments.entities import CardPageVisit, Payment
from core.billing.payments.states import PaymentStatus
from core.billing.renewal.entities import Renewal
from core.clock import SystemClock
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from storage.jobs import DbosJobs
from tests.sandbox.payments_rig import SandboxSide, sandbox_process
from tests.services.payments_world import ALL, BACK, World, build, require_agreement
from tests.support.waiting import wait_for

pytestmark = pytest.mark.slow

POINTS = [
    "step:before:advance",  # after intent row, before provider call
    "call:before:charge",
    "call:after:charge",  # provider has charged, answer not yet read
    "commit:before:1",  # inside the ledger transaction
    "step:after:advance",  # after commit, before the work is marked as done
]


@pytest.mark.timeout(300)
def test_killed_at_every_point_in_turn_a_top_up_is_charged_once(
    migrated_url: str, tmp_path: Path
) -> None:
    clock, folder = SystemClock(), tmp_path / "flags"
    folder.mkdir()
    database = SqlDatabase(migrated_url, LocalFeed(), threads=2)
    with sandbox_process(tmp_path) as url:
        side, jobs = SandboxSide(url, clock), DbosJobs(migrated_url)
        world = build(database, clock, jobs=jobs, provider=side.gateway)
        world.payments.add_card(world.owner, BACK)
        (visit,) = world.rows(CardPageVisit)
        side.fill_page(side.gateway.card_page(visit.page_id or ""))
        card = world.payments.card_entered(world.owner, visit.id)
        assert card is not None
        begun = world.top_up("100", card)
        while not _is_over(folder, world, POINTS):
            _one_worker(migrated_url, url, folder, world, POINTS)
        after = world.payments.payment(world.owner, begun.id)
        assert after.status is PaymentStatus.SUCCEEDED
        assert side.charged() == begun.gross.minor
        assert len(world.rows(Invoice)) == 1
        assert world.credit() == (10000, 0)
        require_agreement(world)
        side.close()
        jobs.stop()
    database.close()


RENEWAL_POINTS = [
    "step:before:check",
    "commit:before:1",  # lease taken, threshold checked, nothing written yet
    "step:after:check",
    "call:after:charge",  # provider charged or declined, answer lost
    "call:after:cancel",  # declined, before the back-off row
    "step:after:advance",  # after the ledger or the back-off row
]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("declined", [False, True])
def test_killed_at_every_point_in_turn_an_auto_renewal_happens_once(
    migrated_url: str, tmp_path: Path, declined: bool
) -> None:
    points = [p for p in RENEWAL_POINTS if declined or p != "call:after:cancel"]
    clock, folder = SystemClock(), tmp_path / "flags"
    folder.mkdir()
    database = SqlDatabase(migrated_url, LocalFeed(), threads=2)
    with sandbox_process(tmp_path) as url:
        side, jobs = SandboxSide(url, clock), DbosJobs(migrated_url)
        world = build(database, clock, jobs=jobs, provider=side.gateway)
        world.payments.add_card(world.owner, BACK)
        (visit,) = world.rows(CardPageVisit)
        side.fill_page(side.gateway.card_page(visit.page_id or ""))
        world.payments.card_entered(world.owner, visit.id)
        if declined:
            side.decline_next("insufficient_funds")
        world.spend("1")
        with database.transaction(ALL) as session:
            world.renewals.balances_moved(session, [world.payer])
        while not _is_over(folder, world, points):
            _one_worker(migrated_url, url, folder, world, points)
        (payment,) = world.rows(Payment)
        (renewal,) = world.rows(Renewal)
        assert (payment.status, renewal.failures) == (
            ("declined", 1) if declined else ("succeeded", 0)
        )
        assert side.charged() == (0 if declined else 12376)
        assert world.credit() == ((-100, 0) if declined else (9900, 0))
        require_agreement(world)
        side.close()
        jobs.stop()
    database.close()


def _one_worker(url: str, stripe: str, folder: Path, world: World, points: list[str]) -> None:
    """A worker until it dies, or until it has died at every point and all is done."""
    program = [sys.executable, "-m", "tests.services.payments_program"]
    worker = subprocess.Popen([*program, url, stripe, str(folder), *points])
    try:
        wait_for(
            lambda: worker.poll() is not None or _is_over(folder, world, points),
            seconds=60,
            every=0.05,
        )
        assert worker.poll() in (None, -signal.SIGKILL)
    finally:
        worker.kill()
        worker.wait()


def _is_over(folder: Path, world: World, points: list[str]) -> bool:
    """A flag per point stands where a worker died; the payment's end alone is not enough."""
    if len(list(folder.iterdir())) < len(points):
        return False
    return all(payment.is_final for payment in world.rows(Payment))
