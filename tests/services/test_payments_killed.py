"""kill -9 at each point of a top-up: it goes on, is charged once, and the books agree."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.billing.invoices.entities import Invoice
from core.billing.payments.entities import CardPageVisit
from core.billing.payments.states import PaymentStatus
from core.clock import SystemClock
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from storage.jobs import DbosJobs
from tests.sandbox.payments_rig import SandboxSide, sandbox_process
from tests.services.payments_world import BACK, World, build, require_agreement
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
        kills = 0
        while _one_worker(migrated_url, url, folder, world, begun.id) == -signal.SIGKILL:
            kills += 1
        after = world.payments.payment(world.owner, begun.id)
        assert (kills, after.status) == (len(POINTS), PaymentStatus.SUCCEEDED)
        assert side.charged() == begun.gross.minor
        assert len(world.rows(Invoice)) == 1
        assert world.credit() == (10000, 0)
        require_agreement(world)
        side.close()
        jobs.stop()
    database.close()


def _one_worker(url: str, stripe: str, folder: Path, world: World, payment_id: str) -> int | None:
    """A worker until it dies (how), or until there is nothing left to die at (None)."""
    program = [sys.executable, "-m", "tests.services.payments_program"]
    worker = subprocess.Popen([*program, url, stripe, str(folder), *POINTS])
    try:
        wait_for(
            lambda: worker.poll() is not None or _is_over(folder, world, payment_id),
            seconds=60,
            every=0.05,
        )
        return worker.poll()
    finally:
        worker.kill()
        worker.wait()


def _is_over(folder: Path, world: World, payment_id: str) -> bool:
    if len(list(folder.iterdir())) < len(POINTS):
        return False
    return world.payments.payment(world.owner, payment_id).status is PaymentStatus.SUCCEEDED
