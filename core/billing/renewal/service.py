"""Auto-renewal as sentences: explained with its reasons, modified, paused, started again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from sqlmodel import Session, select

from core.access import Principal
from core.billing.auto_renewal import Because
from core.billing.balance.stops import is_prepaid
from core.billing.balance.sums import Book, balance_at
from core.billing.ledger import Payer
from core.billing.payments.quoting import Bounds, amount_of
from core.billing.payments.room import SWEEP
from core.billing.payments.service import Payments
from core.billing.payments.states import Purpose
from core.billing.renewal import figures
from core.billing.renewal.entities import Mode, Renewal
from core.billing.renewal.firing import DUE_JOB, Firing, held
from core.billing.renewal.rules import DryDay, dry_run, last_month
from core.errors import InvalidInput
from core.events import EventType
from core.money import Money
from core.partners.entities import Partner


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """The figures in force and the recommended ones, each with what pages make a sentence of."""

    mode: Mode
    threshold: Money
    top_up: Money
    recommended_threshold: Money
    threshold_because: Because
    recommended_top_up: Money
    top_up_because: Because
    spent: Money  # last month
    trend: Fraction
    expected: Money  # rounded half up
    month: date  # its first day: the month that was looked at
    ceiling: Money | None
    this_month: Money  # topped up by itself so far
    is_paused: bool
    stopped_at: datetime | None
    failures: int
    next_try_at: datetime | None
    has_card: bool
    is_prepaid: bool  # False: nothing is ever topped up for this payer
    dry_run: tuple[DryDay, ...]


class Renewals:
    """All verbs; `balances_moved` is for whoever posts to the ledger (`balance.watch`)."""

    def __init__(self, payments: Payments) -> None:
        """Makes the durable work known to the jobs, which must not have been started yet."""
        self._payments = payments
        self._room = payments.room
        firing = Firing(self._room)
        self.balances_moved = firing.balances_moved
        self.check, self.sweep = firing.check, firing.sweep
        self._room.jobs.register(DUE_JOB, firing.work)
        self._room.jobs.schedule("auto_renewal_sweep", timedelta(minutes=1), firing.sweep)
        self._room.jobs.schedule("auto_renewal_month", timedelta(hours=1), self.recompute)
        payments.follow(Purpose.AUTO_RENEWAL, firing.ended)
        payments.follow_cards(firing.card_added)
        payments.needs_card(self._needs_card)

    def explain(self, who: Principal, *, client_id: str = "") -> Explained:
        """The figures with their reasons, and last month as it would have looked."""
        with self._room.acting(who, client_id) as (session, payer):
            return self._explained(session, held(self._room, session, payer))

    def modify(
        self,
        who: Principal,
        *,
        mode: Mode,
        threshold: str = "",
        top_up: str = "",
        ceiling: str = "",
        client_id: str = "",
    ) -> Explained:
        """The recommended figures, or own ones; an empty ceiling is none.

        Raises InvalidInput with `field`: codes of `quoting.amount_of`,
        top_up_below_half_threshold, ceiling_below_top_up.
        """
        with self._room.acting(who, client_id, fresh=True) as (session, payer):
            renewal = held(self._room, session, payer)
            if mode is Mode.OWN:
                own_threshold = self._amount(threshold, renewal, "threshold", least=0)
                own_top_up = self._amount(top_up, renewal, "top_up")
                if own_top_up * 2 < own_threshold:
                    raise InvalidInput(code="top_up_below_half_threshold", field="top_up")
                renewal.own_threshold, renewal.own_top_up = own_threshold, own_top_up
            renewal.mode = mode.value
            renewal.ceiling = self._ceiling(ceiling, renewal)
            renewal.ceiling_told = ""
            return self._changed(session, renewal, who)

    def pause(self, who: Principal, *, client_id: str = "") -> Explained:
        """Nothing is topped up by itself until it is started again."""
        with self._room.acting(who, client_id) as (session, payer):
            renewal = held(self._room, session, payer)
            renewal.is_paused = True
            return self._changed(session, renewal, who)

    def start_again(self, who: Principal, *, client_id: str = "") -> Explained:
        """After a pause, after it stopped itself, and without waiting for the end of a back-off."""
        with self._room.acting(who, client_id, fresh=True) as (session, payer):
            renewal = held(self._room, session, payer)
            renewal.is_paused, renewal.stopped_at = False, None
            renewal.failures, renewal.next_try_at = 0, None
            explained = self._changed(session, renewal, who)
            self.balances_moved(session, [payer])
            return explained

    def figures_of(self, session: Session, payer: Payer) -> tuple[Money, Money]:
        """Threshold and top-up as they are, or would be, in force; reads only."""
        found = select(Renewal).where(
            Renewal.partner_id == payer.partner_id, Renewal.client_id == payer.client_id
        )
        if known := session.exec(found).first():
            figures_now = known.threshold_in_force, known.top_up_in_force
            currency = known.currency
        else:
            currency = self._room.payers.contact(session, payer).currency
            rule = figures.recommended(session, payer, currency, self._room.now())
            figures_now = rule.threshold, rule.top_up
        return Money(figures_now[0], currency), Money(figures_now[1], currency)

    def choose(self, session: Session, payer: Payer, *, is_on: bool) -> None:
        """A client itself wants it on or off; in the caller's transaction, after its own gate."""
        renewal = held(self._room, session, payer)
        if renewal.is_paused == is_on:
            renewal.is_paused, renewal.changed_at = not is_on, self._room.now()
        if is_on:
            renewal.stopped_at, renewal.failures, renewal.next_try_at = None, 0, None
        self._tell(session, renewal, "client")

    def recompute(self) -> int:
        """On the 1st: the recommendation of every payer is made of the month that ended."""
        month = figures.month_of(self._room.now())
        with self._room.database.reading(SWEEP) as session:
            old = session.exec(select(Renewal).where(Renewal.month != month)).all()
        for renewal in old:
            with self._room.writing(renewal.partner_id) as session:
                fresh = held(self._room, session, renewal.payer)
                self._tell(session, fresh, "hub")
        return len(old)

    def _explained(self, session: Session, renewal: Renewal) -> Explained:
        now, payer = self._room.now(), renewal.payer
        rule = figures.recommended(session, payer, renewal.currency, now)
        first, _ = last_month(now)
        book = Book(payer=payer, currency=renewal.currency)
        days = figures.spent_per_day(session, payer, renewal.currency, now)
        since = figures.successes_since(session, payer, figures.month_start(now))
        run = dry_run(
            balance_at(session, book, first),
            first,
            days,
            renewal.threshold_in_force,
            renewal.top_up_in_force,
        )

        def money(micros: int) -> Money:
            return Money(micros, renewal.currency)

        return Explained(
            mode=Mode(renewal.mode),
            threshold=money(renewal.threshold_in_force),
            top_up=money(renewal.top_up_in_force),
            recommended_threshold=money(rule.threshold),
            threshold_because=rule.threshold_because,
            recommended_top_up=money(rule.top_up),
            top_up_because=rule.top_up_because,
            spent=money(rule.spent),
            trend=rule.trend,
            expected=money(rule.spent).times(rule.trend),
            month=first,
            ceiling=None if renewal.ceiling is None else money(renewal.ceiling),
            this_month=money(sum(net for _, net in since)),
            is_paused=renewal.is_paused,
            stopped_at=renewal.stopped_at,
            failures=renewal.failures,
            next_try_at=renewal.next_try_at,
            has_card=self._payments.has_card(session, payer),
            is_prepaid=is_prepaid(session.get_one(Partner, payer.partner_id), payer),
            dry_run=tuple(run),
        )

    def _changed(self, session: Session, renewal: Renewal, who: Principal) -> Explained:
        renewal.changed_at = self._room.now()
        session.flush()
        self._tell(session, renewal, who.person_id)
        return self._explained(session, renewal)

    def _tell(self, session: Session, renewal: Renewal, actor: str) -> None:
        self._room.tell(
            session,
            EventType.AUTO_RENEWAL_CHANGED,
            renewal.payer,
            ("renewal", renewal.id),
            actor=actor,
            mode=renewal.mode,
            threshold_micros=renewal.threshold_in_force,
            top_up_micros=renewal.top_up_in_force,
            is_paused=renewal.is_paused,
        )

    def _amount(self, text: str, renewal: Renewal, field: str, *, least: int | None = None) -> int:
        settings = self._room.settings
        lowest = settings.top_up_least if least is None else least
        bounds = Bounds(least=lowest, most=settings.top_up_most)
        try:
            return amount_of(text, renewal.currency, bounds).micros
        except InvalidInput as error:
            raise InvalidInput(code=error.code, **(error.about | {"field": field})) from error

    def _ceiling(self, text: str, renewal: Renewal) -> int | None:
        if not text.strip():
            return None
        # A month may cost more than one top-up may.
        bounds = Bounds(least=1, most=self._room.settings.top_up_most * 100)
        try:
            ceiling = amount_of(text, renewal.currency, bounds).micros
        except InvalidInput as error:
            raise InvalidInput(code=error.code, **(error.about | {"field": "ceiling"})) from error
        if ceiling < renewal.top_up_in_force:
            raise InvalidInput(code="ceiling_below_top_up", field="ceiling")
        return ceiling

    def _needs_card(self, session: Session, payer: Payer) -> str:
        """Auto-renewal that is on needs a card, once there is anything to renew."""
        if not is_prepaid(session.get_one(Partner, payer.partner_id), payer):
            return ""
        if payer not in figures.credits_of(session, [payer]):
            return ""
        renewal = held(self._room, session, payer)
        return "" if renewal.is_paused else "auto_renewal"
