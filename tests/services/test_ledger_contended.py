"""Many processes on one account: not a micro more or less than there was."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlmodel import func, select

from core.billing.entities import EntryKind, LedgerEntry
from core.billing.ledger import Ledger, Payer
from core.clock import FixedClock
from core.money import Money
from core.ports import Everything
from storage.database import SqlDatabase
from tests.factories import make_partner
from tests.services.test_ledger import balances_agree, credit

ROOT = Path(__file__).parents[2]
# 2,000 with HUB_LEDGER_DEBITS=2000: minutes on a slow disk, since each debit is a commit.
PROCESSES, DEBITS, MICROS = 4, int(os.environ.get("HUB_LEDGER_DEBITS", "250")), 1_234_567
ENOUGH = PROCESSES * DEBITS - 100  # the last hundred find the account empty


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_four_processes_spend_one_account_exactly(
    database: SqlDatabase, clock: FixedClock, migrated_url: str
) -> None:
    with database.transaction(Everything("test")) as session:
        payer = Payer(partner_id=make_partner(session).id)
        Ledger(session, clock).top_up(payer, Money(ENOUGH * MICROS + 1, "EUR"), "t")
    program = [sys.executable, "-m", "tests.services.ledger_program", migrated_url]
    running = [
        subprocess.Popen(
            [*program, payer.partner_id, f"p{number}", str(DEBITS), str(MICROS)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(PROCESSES)
    ]
    spent = [int(process.communicate()[0]) for process in running]
    assert sum(spent) == ENOUGH
    assert credit(database, clock, payer) == (Money(1, "EUR"), Money(0, "EUR"))
    with database.reading(Everything("test")) as session:
        fees = select(func.count()).where(LedgerEntry.kind == EntryKind.FEE)
        assert session.exec(fees).one() == ENOUGH
    balances_agree(database)
