"""Any sequence of upgrades, numbers, tiers and months: what was quoted is what is charged.

Clocks stand at months' ends, leap days and midnights of several zones; the expected amount is
counted here by the calendar alone.
"""

from __future__ import annotations

import calendar
import shutil
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.clock import FixedClock
from core.errors import Conflict
from core.ports import Tenant
from core.subscriptions.states import PlanName, Tier, UpgradeStatus, is_more
from core.subscriptions.views import UpgradeQuote
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from tests.services.subscriptions_world import World, build, require_agreement

ZONES = ("UTC", "Europe/Berlin", "Asia/Kolkata", "Pacific/Pago_Pago", "America/New_York")
STARTS = (
    datetime(2028, 2, 27, 22, tzinfo=UTC),  # before a leap day
    datetime(2027, 2, 27, 23, 30, tzinfo=UTC),
    datetime(2026, 12, 30, 12, tzinfo=UTC),
    datetime(2026, 3, 28, 12, tzinfo=UTC),  # before summer time
    datetime(2026, 6, 16, 0, 15, tzinfo=UTC),
)
WAITS = (
    timedelta(minutes=4),
    timedelta(minutes=14),
    timedelta(hours=7),
    timedelta(hours=23, minutes=59),
    timedelta(days=9),
)
REFUSED = {"quote_changed", "quote_expired", "already_on_plan", "upgrade_under_way"}


class Months(RuleBasedStateMachine):
    """One partner; `file` is a migrated SQLite file that each run copies."""

    file: Path

    @initialize(zone=st.sampled_from(ZONES), start=st.sampled_from(STARTS))
    def begin(self, zone: str, start: datetime) -> None:
        self.folder = tempfile.mkdtemp()
        path = shutil.copy(self.file, Path(self.folder) / "hub.sqlite3")
        self.database = SqlDatabase(f"sqlite:///{path}", LocalFeed(), threads=2)
        self.clock, self.zone = FixedClock(start), ZoneInfo(zone)
        self.world: World = build(self.database, self.clock, settings={"billing_zone": zone})
        self.card = self.world.card(exp_year=2060)
        self.quote: UpgradeQuote | None = None
        self.promised: Counter[tuple[str, int]] = Counter()
        self.world.number()
        self.world.tick()

    @rule(by=st.sampled_from(WAITS))
    def time_passes(self, by: timedelta) -> None:
        self.clock.advance(by)
        self.world.tick()

    @rule(seconds=st.sampled_from((-300, -1, 0, 1, 600)))
    def the_months_turn_comes_near(self, seconds: int) -> None:
        here = self.clock.now().astimezone(self.zone)
        after = (here.replace(day=1) + timedelta(days=32)).replace(day=1)
        turn = datetime(after.year, after.month, 1, tzinfo=self.zone).astimezone(UTC)
        if (to := turn + timedelta(seconds=seconds)) > self.clock.now():
            self.clock.advance(to - self.clock.now())

    @rule()
    def the_schedule_fires(self) -> None:
        self.world.tick()

    @rule()
    def a_number_is_added(self) -> None:
        self.world.number()

    @rule(which=st.integers(0, 9))
    def a_number_ends(self, which: int) -> None:
        if licences := self.world.licences():
            self.world.end_number(licences[which % len(licences)].channel_id)

    @rule(which=st.integers(0, 9), tier=st.sampled_from(Tier))
    def a_tier_changes(self, which: int, tier: Tier) -> None:
        licences = sorted(self.world.licences(), key=lambda it: it.channel_id)
        if not licences:
            return
        licence = licences[which % len(licences)]
        verbs, owner = self.world.subscriptions, self.world.owner
        try:
            preview = verbs.preview_tier(owner, licence.channel_id, tier)
            row = verbs.change_tier(owner, licence.channel_id, tier)
        except Conflict as refused:
            known = {"already_on_tier", "tier_not_in_plan", "tier_not_in_next_plan"}
            assert refused.code in known  # noqa: PT017
            return
        if is_more(tier, preview.from_tier) and preview.pro_rata.micros:
            day = self._today()
            left, days = self._days(day)
            prices = {Tier.REGULAR: 2500, Tier.PREMIUM: 4900, Tier.HIGH_THROUGHPUT: 24900}
            more = prices[tier] - prices[preview.from_tier]
            assert preview.pro_rata.minor == half_up(Fraction(more * left, days))
            self.promised[f"+{row.phone_number}", preview.pro_rata.minor] += 1

    @rule()
    def the_upgrade_is_looked_at(self) -> None:
        try:
            self.quote = self.world.quote()
        except Conflict as refused:
            assert refused.code in REFUSED  # noqa: PT017
            return
        left, days = self._days(self._today())
        assert (self.quote.days_left, self.quote.days_of_period) == (left, days)
        net = half_up(Fraction(50000 * left, days))
        tax = half_up(Fraction(net * 19, 100))
        assert (self.quote.net.minor, self.quote.tax.minor) == (net, tax)
        assert self.quote.gross.minor == net + tax

    @rule(
        minutes=st.sampled_from((0, 1, 14, 15)),
        between=st.sampled_from(("nothing", "number", "tick", "tier")),
    )
    def it_is_looked_at_and_confirmed(self, minutes: int, between: str) -> None:
        self.the_upgrade_is_looked_at()
        self.clock.advance(timedelta(minutes=minutes))
        if between == "number":
            self.a_number_is_added()
        elif between == "tick":
            self.world.tick()
        elif between == "tier":
            self.a_tier_changes(0, Tier.PREMIUM)
        if self.quote is not None:
            self._confirm()

    @precondition(lambda self: self.quote is not None)
    @rule()
    def it_is_confirmed(self) -> None:
        self._confirm()

    def _confirm(self) -> None:
        quote = self.quote
        assert quote is not None
        self.world.jobs.drain()
        before = self.world.provider.charged
        invoices = len(self.world.invoices())
        try:
            begun = self.world.subscriptions.upgrade(self.world.owner, quote.token, self.card.id)
        except Conflict as refused:
            event(f"refused: {refused.code}")
            assert refused.code in REFUSED  # noqa: PT017
            assert self.world.provider.charged == before
            return
        other = {it.id for it in self.world.invoices()[invoices:]}  # of a month that has begun
        self.world.jobs.drain()
        done = self.world.subscriptions.upgrade_state(self.world.owner, begun.id)
        assert done.status is UpgradeStatus.DONE
        self.quote = None
        if len(self.world.invoices()) == invoices:
            return  # the same quote once more
        event("upgraded")
        (invoice,) = [it for it in self.world.invoices() if it.id == done.invoice_id]
        assert invoice.gross_micros == quote.gross.micros == done.gross.micros
        lines = [(line.description, line.detail, line.net.minor) for line in quote.lines]
        assert self.world.lines(invoice.id) == lines
        others = sum(it.gross_micros for it in self.world.invoices() if it.id in other)
        assert self.world.provider.charged - before == quote.gross.micros + others
        assert self.world.row().plan == PlanName.PREMIUM

    @rule()
    def it_is_to_be_smaller_again(self) -> None:
        with self.database.transaction(Tenant(self.world.partner_id)) as session:
            verb = self.world.subscriptions.downgrade_of
            try:
                verb(session, self.world.partner_id, by="staff")
            except Conflict as refused:
                codes = {"already_on_plan", "downgrade_planned", "licences_against"}
                assert refused.code in codes  # noqa: PT017

    def teardown(self) -> None:
        self.quote = None
        self.clock.advance(timedelta(days=40))  # over the end of the month at hand
        self.world.tick()
        require_agreement(self.world)
        self._require_promises()
        self._require_one_period_each()
        self.database.close()
        shutil.rmtree(self.folder)

    def _require_promises(self) -> None:
        """Each larger tier costs what its preview said, once."""
        charged: Counter[tuple[str, int]] = Counter()
        for invoice in self.world.invoices("licences"):
            for words, _, net in self.world.lines(invoice.id):
                if words.startswith("+"):
                    charged[words.partition(":")[0], net] += 1
        assert charged == self.promised
        event(f"larger tiers: {min(2, charged.total())}")

    def _require_one_period_each(self) -> None:
        invoices = self.world.invoices()
        firsts = [it.period_first for it in invoices if it.kind == "plan" and not it.payment_id]
        assert len(firsts) == len(set(firsts))
        numbers = [int(it.number.rpartition("-")[2]) for it in self.world.all_invoices()]
        years = Counter(it.number.partition("-")[0] for it in self.world.all_invoices())
        assert sorted(numbers) == sorted(n for count in years.values() for n in range(1, count + 1))

    def _today(self) -> datetime:
        return self.clock.now().astimezone(self.zone)

    def _days(self, day: datetime) -> tuple[int, int]:
        days = calendar.monthrange(day.year, day.month)[1]
        return days - day.day + 1, days


def half_up(value: Fraction) -> int:
    return int(value + Fraction(1, 2))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_what_was_quoted_is_charged_whatever_happens_around_it(migrated_file: Path) -> None:
    Months.file = migrated_file
    run_state_machine_as_test(
        Months,
        settings=settings(
            max_examples=12,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
