"""300 seeded mixes of faults: nobody is charged twice, no charge is lost, the books agree.

A mix is a handful of acts with armed faults: declines, lost answers, an absent provider, checks by
the holder, webhooks that are late, doubled, disordered or lost, crashes before, inside and after
transactions and around calls, and a second worker that runs in the middle of the first one's call.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session

from core.billing.payments.entities import Payment, PaymentRefund
from core.billing.payments.port import ChargeStatus, PaymentRefused
from core.billing.payments.states import OPEN, PaymentStatus
from core.clock import FixedClock
from core.errors import HubError
from core.ports import Scope
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from tests.services.payments_world import World, build, require_agreement
from tests.support.payments_twin import FakePayments

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MIXES, PARTS = 300, 10
DECLINES = ("insufficient_funds", "lost_card", "generic_decline")
# Of the provider's methods, those that a crash or a second worker may meet.
CALLS = ("charge", "charge_again", "charge_state", "cancel", "refund", "confirm_in_person")


class Crashed(Exception):
    """The process ends here; whoever catches it is the next process."""


class Fate:
    """What goes wrong, and when: drawn from the mix's seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311  a test's dice
        self.calm = True
        self.meddle: Callable[[], None] = lambda: None
        self._meddling = False

    def crash(self, odds: float) -> None:
        if not self.calm and self.chance.random() < odds:
            raise Crashed

    def second_worker(self) -> None:
        """Another worker does all it can while the first one waits for its answer."""
        if self.calm or self._meddling or self.chance.random() > 0.2:
            return
        self._meddling = True
        try:
            self.meddle()
        except (HubError, Crashed):
            pass
        finally:
            self._meddling = False


class CrashingDatabase(SqlDatabase):
    """Dies before, inside and after transactions."""

    fate: Fate

    @contextmanager
    def transaction(self, scope: Scope) -> Iterator[Session]:
        self.fate.crash(0.02)
        with super().transaction(scope) as session:
            yield session
            session.flush()
            self.fate.crash(0.04)
        self.fate.crash(0.04)


class CrashingPayments(FakePayments):
    """Around each call somebody may die, or somebody else may work."""

    fate: Fate

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name not in CALLS:
            return found
        fate = super().__getattribute__("fate")

        def watched(*args: Any, **kwargs: Any) -> Any:
            fate.second_worker()
            fate.crash(0.03)
            answer = found(*args, **kwargs)
            fate.crash(0.05)
            fate.second_worker()
            return answer

        return watched


@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_is_charged_twice_or_lost(migrated_url: str, part: int) -> None:
    for seed in range(part, MIXES, PARTS):
        # PostgreSQL takes a third of them: the mixes are the same, the waits are longer.
        if migrated_url.startswith("postgresql") and seed % 3:
            continue
        _mix(migrated_url, seed)


def _mix(url: str, seed: int) -> None:
    fate, clock = Fate(seed), FixedClock(NOW)
    database = CrashingDatabase(url, LocalFeed(), threads=4)
    provider = CrashingPayments(clock)
    provider._count = itertools.count(seed * 10_000 + 1)  # one database for all mixes
    database.fate = provider.fate = fate
    if url.startswith("sqlite"):
        # These crashes are exceptions; what a power cut leaves is tested elsewhere.
        event.listen(database.writer, "connect", _without_flushes)
    try:
        world = build(database, clock, provider=provider)
        for _ in range(fate.chance.randint(1, 3)):
            world.card(always=fate.chance.choice(["", "", "insufficient_funds"]))
        fate.meddle = lambda: _work(world)
        fate.calm = False
        for number in range(fate.chance.randint(3, 6)):
            _arm(world, fate)
            _survive(lambda number=number: _act(world, fate, number))  # type: ignore[misc]
            _survive(lambda: _work(world))
            _survive(lambda: _tell(world, fate))
            clock.advance(timedelta(seconds=fate.chance.randint(0, 200)))
        fate.calm = True
        _settle(world, fate, clock)
        _require_all(world, seed)
    finally:
        database.close()


def _without_flushes(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous = OFF")


def _act(world: World, fate: Fate, number: int) -> None:
    cards = world.payments.cards(world.owner)
    card = fate.chance.choice(cards).id
    kind = fate.chance.choice(["top_up", "top_up", "double", "invoice", "renewal", "refund"])
    if kind in ("top_up", "double"):
        amount = str(fate.chance.randint(10, 900))
        quote = world.payments.quote_top_up(world.owner, amount)
        for who in (world.owner, world.other_owner)[: 2 if kind == "double" else 1]:
            world.payments.top_up(who, amount, card, quote)
    elif kind == "invoice":
        invoice = world.invoice(amount=str(500 + number))
        if fate.chance.random() < 0.5:
            world.payments.pay_invoice(world.owner, invoice.id, card)
    elif kind == "renewal":
        world.spend(str(fate.chance.randint(1, 300)), f"spent:{number}")
        world.renewals.check(world.payer.partner_id, "")
    else:
        refundable = world.payments.refundable(world.owner)
        if refundable.most.micros:
            amount = f"{refundable.most.minor // 100 or 1}"
            world.payments.refund(world.owner, amount, refundable.token, why="a number ended")


def _arm(world: World, fate: Fate) -> None:
    chance, provider = fate.chance, world.provider
    if chance.random() < 0.3:
        provider.decline_next(chance.choice(DECLINES), chance.randint(1, 2))
    if chance.random() < 0.3:
        provider.lose_answer_next(chance.randint(1, 3))
    if chance.random() < 0.2:
        provider.fail_before_next(chance.randint(1, 10))
    if chance.random() < 0.15:
        provider.require_action_next()
    if chance.random() < 0.15:
        provider.process_next()
    if chance.random() < 0.2:
        provider.refund_next(chance.choice(["pending", "failed"]))


def _tell(world: World, fate: Fate) -> None:
    """Webhooks: some lost, some twice, in any order, some a long time after."""
    chance = fate.chance
    _outside(world, fate)
    events = list(world.provider.events[max(0, world.delivered - 3) :])
    world.delivered = len(world.provider.events)
    chosen = [e for e in events for _ in range(chance.choice([0, 1, 1, 2]))]
    chance.shuffle(chosen)
    for told in chosen:
        _survive(lambda told=told: world.payments.take_webhook(*world.provider.signed(told)))  # type: ignore[misc]
    _work(world)


def _outside(world: World, fate: Fate) -> None:
    """Holders confirm, banks finish."""
    for charge in list(world.provider.charges.values()):
        is_open = charge.status in (ChargeStatus.PROCESSING, ChargeStatus.ACTION_REQUIRED)
        if is_open and fate.chance.random() < 0.5:
            if fate.chance.random() < 0.7:
                world.provider.approve(charge.id)
            else:
                world.provider.fail(charge.id)
    for refund in list(world.provider.refunds.values()):
        if refund.status == "pending" and fate.chance.random() < 0.5:
            world.provider.finish_refund(refund.id, succeeded=fate.chance.random() < 0.7)


def _work(world: World) -> None:
    world.jobs.drain()


def _survive(act: Callable[[], object]) -> None:
    """Whatever breaks, the next process goes on."""
    try:
        act()
    except (HubError, PaymentRefused, Crashed):
        pass


def _settle(world: World, fate: Fate, clock: FixedClock) -> None:
    """The faults end; the reconciler is all there is, since jobs of crashed processes are gone."""
    world.provider.heal()
    for refund in list(world.provider.refunds.values()):
        if refund.status == "pending":
            world.provider.finish_refund(refund.id, succeeded=fate.chance.random() < 0.7)
    for charge in list(world.provider.charges.values()):
        if charge.status is ChargeStatus.PROCESSING:
            world.provider.approve(charge.id)
    for pause in (timedelta(minutes=1), timedelta(hours=24), timedelta(days=11)):
        clock.advance(pause)
        world.jobs.tick("payments_reconcile")
        world.jobs.drain()


def _own(world: World, table: Any) -> list[Any]:
    return [row for row in world.rows(table) if row.partner_id == world.payer.partner_id]


def _require_all(world: World, seed: int) -> None:
    payments: list[Payment] = _own(world, Payment)
    assert [p.status for p in payments if p.status in OPEN] == [], seed
    for payment in payments:
        times = world.provider.times_charged(payment.id)
        assert times == (payment.status == PaymentStatus.SUCCEEDED), (seed, payment)
    references = {payment.id for payment in payments}
    assert {c.reference for c in world.provider.charges.values()} <= references, seed
    invoices = [p.invoice_id for p in payments if p.status == PaymentStatus.SUCCEEDED]
    assert len(set(invoices)) == len(invoices), seed
    assert {r.status for r in _own(world, PaymentRefund)} <= {"succeeded", "failed"}, seed
    require_agreement(world)
    assert world.agreement().provider == world.provider.charged, seed
    assert world.credit()[1] == 0, seed
