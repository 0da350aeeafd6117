"""The ledger beside a plain model: any sequence of verbs, repeats and refusals ends the same."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.billing.ledger import InsufficientCredit, Ledger, Payer
from core.clock import FixedClock
from core.errors import Conflict, NotFound
from core.money import Money
from core.ports import Everything, Tenant
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from tests.factories import make_partner
from tests.services.conftest import NOW
from tests.services.test_ledger import balances_agree

MICROS = st.integers(min_value=1, max_value=5_000_000)
KEYS = st.sampled_from(["a", "b", "c", "d", "e"])


class LedgerMachine(RuleBasedStateMachine):
    """One payer; `file` is a migrated SQLite file that each run copies."""

    file: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.mkdtemp()
        path = shutil.copy(self.file, Path(self.folder) / "hub.sqlite3")
        self.database = SqlDatabase(f"sqlite:///{path}", LocalFeed(), threads=2)
        self.clock = FixedClock(NOW)
        with self.database.transaction(Everything("test")) as session:
            self.payer = Payer(partner_id=make_partner(session).id)
        self.available = self.pending = 0
        self.top_ups: dict[str, int] = {}  # started, by key
        self.ended: set[str] = set()
        self.moved: dict[str, int] = {}  # change of the credit, by key
        self.reversed: set[str] = set()

    def act(self, verb: str, *args: object) -> bool:
        with self.database.transaction(Tenant(self.payer.partner_id)) as session:
            done: bool = getattr(Ledger(session, self.clock), verb)(*args)
            return done

    @rule(key=KEYS, micros=MICROS)
    def top_up(self, key: str, micros: int) -> None:
        new = self.act("top_up", self.payer, Money(micros, "EUR"), f"in-{key}")
        assert new == self.note(f"in-{key}", micros)

    @rule(key=KEYS, micros=MICROS, verb=st.sampled_from(["spend", "refund"]))
    def take(self, key: str, micros: int, verb: str) -> None:
        name = f"{verb}-{key}"
        allowed = name in self.moved or self.available >= micros
        try:
            new = self.act(verb, self.payer, Money(micros, "EUR"), name)
        except InsufficientCredit:
            assert not allowed
        else:
            assert allowed
            assert new == self.note(name, -micros)

    @rule(key=KEYS, micros=MICROS, sign=st.sampled_from([1, -1]))
    def correct(self, key: str, micros: int, sign: int) -> None:
        amount = Money(sign * micros, "EUR")
        new = self.act("correct", self.payer, amount, f"fix-{key}", "test")
        assert new == self.note(f"fix-{key}", sign * micros)

    @rule(key=KEYS, micros=MICROS)
    def start(self, key: str, micros: int) -> None:
        new = self.act("start_top_up", self.payer, Money(micros, "EUR"), key)
        assert new == (key not in self.top_ups)
        if new:
            self.top_ups[key] = micros
            self.pending += micros

    @rule(key=KEYS, settles=st.booleans())
    def end(self, key: str, settles: bool) -> None:
        try:
            new = self.act("settle_top_up" if settles else "drop_top_up", key)
        except NotFound:
            assert key not in self.top_ups
            return
        assert new == (key not in self.ended)
        if new:
            self.ended.add(key)
            self.pending -= self.top_ups[key]
            self.available += self.top_ups[key] if settles else 0

    @precondition(lambda self: self.moved)
    @rule(data=st.data())
    def reverse(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.moved)))
        new = self.act("reverse", key, "test")
        assert new == (key not in self.reversed)
        if new:
            self.reversed.add(key)
            self.available -= self.moved[key]
        with pytest.raises(Conflict):
            self.act("reverse", f"{key}:reversed", "test")

    def note(self, key: str, change: int) -> bool:
        """Whether the movement is new to the model."""
        if key in self.moved:
            return False
        self.moved[key] = change
        self.available += change
        return True

    @invariant()
    def the_ledger_says_what_the_model_says(self) -> None:
        with self.database.reading(Tenant(self.payer.partner_id)) as session:
            credit = Ledger(session, self.clock).credit_of(self.payer, "EUR")
        assert (credit.available.micros, credit.pending.micros) == (self.available, self.pending)

    def teardown(self) -> None:
        balances_agree(self.database)
        self.database.close()
        shutil.rmtree(self.folder)


@pytest.mark.slow
def test_any_sequence_ends_as_the_plain_model_says(migrated_file: Path) -> None:
    LedgerMachine.file = migrated_file
    run_state_machine_as_test(
        LedgerMachine,
        settings=settings(
            max_examples=15,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
