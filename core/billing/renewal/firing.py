"""Tops a payer up when it is due: asked after each change of a balance, and every minute.

The payer's row is locked from the look at the balance to the start of the payment, in one
transaction, and pending top-ups count: two workers, or a crash in between, top up once. The
payment itself is payments' work; how it ends comes back in the transaction that ends it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import structlog
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from core.billing.auto_renewal import is_due
from core.billing.balance.stops import is_prepaid
from core.billing.entities import AccountKind, LedgerAccount
from core.billing.ledger import Payer
from core.billing.payments.entities import Payment
from core.billing.payments.room import SWEEP, Room, payer_key
from core.billing.payments.states import PaymentStatus, Purpose
from core.billing.payments.top_ups import next_token, start, usable_cards
from core.billing.renewal import figures
from core.billing.renewal.entities import Renewal
from core.billing.renewal.rules import (
    BURST_WITHIN,
    MAILED_FAILURES,
    breaks_ceiling,
    is_burst,
    next_try,
)
from core.errors import Conflict, HubError
from core.events import EventType
from core.money import Money
from core.partners.entities import Partner
from core.ports import Steps

log = structlog.get_logger()

DUE_JOB = "auto_renewal"
NO_CARD = "no_card"
_MOST = 500  # payers per statement
# A payer that was never topped up or asked has no row: then the rule's figures without history.
_DEFAULT_THRESHOLD = 200_000_000


class Firing:
    """`check` for the job, `sweep` for the schedule, `balances_moved` for whoever posts."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def balances_moved(self, session: Session, payers: Collection[Payer]) -> None:
        """In the transaction that changed them: durable work looks at those that are low."""
        now = self._room.now()
        for payer in self._low(session, payers):
            key = f"{DUE_JOB}:{payer.partner_id}:{payer.client_id}:{int(now.timestamp())}"
            self._room.jobs.enqueue(session, DUE_JOB, payer.partner_id, payer.client_id, key=key)

    def sweep(self) -> int:
        """The net under lost work, and what ends a back-off: how many were topped up."""
        found = select(LedgerAccount.partner_id, LedgerAccount.client_id).where(
            LedgerAccount.kind == AccountKind.CREDIT.value
        )
        with self._room.database.reading(SWEEP) as session:
            payers = [Payer(partner_id=p, client_id=c) for p, c in session.exec(found)]
            parts = [payers[at : at + _MOST] for at in range(0, len(payers), _MOST)]
            low = [payer for part in parts for payer in self._low(session, part)]
        return sum(self._try(payer) for payer in low)

    def work(self, steps: Steps, partner_id: str, client_id: str) -> None:
        """Durable work: one look."""
        steps.run("check", self.check, partner_id, client_id)

    def check(self, partner_id: str, client_id: str) -> bool:
        """Whether a top-up was begun."""
        payer, now = Payer(partner_id=partner_id, client_id=client_id), self._room.now()
        with self._room.writing(partner_id) as session:
            if not is_prepaid(session.get_one(Partner, partner_id), payer):
                return False
            renewal = held(self._room, session, payer)
            credit = figures.credits_of(session, [payer]).get(payer)
            if credit is None or renewal.rests_at(now):
                return False
            if not is_due(credit, 0, renewal.threshold_in_force):
                return False
            return self._fire(session, renewal)

    def ended(self, session: Session, payment: Payment) -> None:
        """Called in the transaction in which a payment of auto-renewal ends."""
        renewal, now = held(self._room, session, payment.payer), self._room.now()
        if payment.status != PaymentStatus.SUCCEEDED:
            self._failed(session, renewal, payment.net, payment.decline_code, payment.id)
            return
        renewal.failures, renewal.next_try_at = 0, None
        since = figures.successes_since(session, payment.payer, now - BURST_WITHIN)
        if is_burst([at for at, _ in since], now) and renewal.stopped_at is None:
            renewal.stopped_at = now
            self._tell(session, EventType.AUTO_RENEWAL_STOPPED, renewal, payment.id)
            key = f"auto_renewal_stopped:{payment.id}"
            self._room.mail(session, "auto_renewal_stopped", payment.payer, key)

    def card_added(self, session: Session, payer: Payer) -> None:
        """What failed for want of a good card is tried again at once."""
        renewal = _locked(session, payer)
        if renewal is not None and renewal.failures:
            renewal.failures, renewal.next_try_at = 0, None
            self.balances_moved(session, [payer])

    def _fire(self, session: Session, renewal: Renewal) -> bool:
        room, now, payer = self._room, self._room.now(), renewal.payer
        since = figures.successes_since(session, payer, figures.month_start(now))
        used = sum(net for _, net in since)
        if breaks_ceiling(renewal.ceiling, used, renewal.top_up_in_force):
            self._ceiling_reached(session, renewal)
            return False
        if _is_under_way(session, payer):
            return False
        cards = usable_cards(session, payer, now)
        if not cards:
            self._failed(session, renewal, renewal.top_up_in_force, NO_CARD, f"{now.isoformat()}")
            return False
        net = Money(renewal.top_up_in_force, renewal.currency)
        try:
            start(
                room,
                session,
                payer,
                cards,
                net=net,
                priced=room.invoices.price(session, payer, net),
                purpose=Purpose.AUTO_RENEWAL,
                token=next_token(session, payer, Purpose.AUTO_RENEWAL),
                actor="hub",
            )
        except Conflict as error:
            log.info("auto_renewal_waits", code=error.code, partner_id=payer.partner_id)
            return False
        return True

    def _failed(self, session: Session, renewal: Renewal, net: int, code: str, about: str) -> None:
        room, now = self._room, self._room.now()
        renewal.failures += 1
        renewal.next_try_at = next_try(now, renewal.failures)
        self._tell(session, EventType.AUTO_RENEWAL_FAILED, renewal, about, code=code)
        # Without a card nothing will change by itself: once is enough.
        if renewal.failures > (1 if code == NO_CARD else MAILED_FAILURES):
            return
        is_last = renewal.failures == MAILED_FAILURES
        kind = "auto_renewal_last_try" if is_last else "auto_renewal_failed"
        key, at = f"{kind}:{renewal.id}:{about}", f"{renewal.next_try_at:%Y-%m-%d %H:%M}"
        room.mail(session, kind, renewal.payer, key, micros=net, next=at)

    def _ceiling_reached(self, session: Session, renewal: Renewal) -> None:
        month = f"{self._room.now():%Y-%m}"
        renewal.ceiling_told = month
        key = f"auto_renewal_ceiling:{renewal.id}:{month}"
        self._tell(session, EventType.AUTO_RENEWAL_FAILED, renewal, month, code="ceiling")
        micros = renewal.top_up_in_force
        self._room.mail(session, "auto_renewal_ceiling", renewal.payer, key, micros=micros)

    def _low(self, session: Session, payers: Collection[Payer]) -> list[Payer]:
        """Those that may be due; `check` decides."""
        if not payers:
            return []
        now, credits_ = self._room.now(), figures.credits_of(session, payers)
        found = select(Renewal).where(
            col(Renewal.partner_id).in_({payer.partner_id for payer in payers})
        )
        known = {renewal.payer: renewal for renewal in session.exec(found)}
        return [
            payer
            for payer in payers
            if payer in credits_ and _may_be_due(known.get(payer), credits_[payer], now)
        ]

    def _try(self, payer: Payer) -> bool:
        try:
            return self.check(payer.partner_id, payer.client_id)
        except HubError as error:
            log.warning("auto_renewal_not_checked", code=error.code, partner_id=payer.partner_id)
            return False

    def _tell(
        self, session: Session, type_: EventType, renewal: Renewal, about: str, **data: str
    ) -> None:
        self._room.tell(
            session,
            type_,
            renewal.payer,
            ("renewal", renewal.id),
            about=about,
            failures=renewal.failures,
            next_try_at=renewal.next_try_at.isoformat() if renewal.next_try_at else "",
            **data,
        )


def _may_be_due(renewal: Renewal | None, credit: int, now: datetime) -> bool:
    if renewal is None:
        return is_due(credit, 0, _DEFAULT_THRESHOLD)
    return not renewal.rests_at(now) and is_due(credit, 0, renewal.threshold_in_force)


def _is_under_way(session: Session, payer: Payer) -> bool:
    """Looked at first: whoever ends that payment waits for the row that is held here."""
    found = select(Payment.id).where(
        Payment.partner_id == payer.partner_id,
        Payment.slot == f"{Purpose.AUTO_RENEWAL}:{payer_key(payer)}",
    )
    return session.exec(found).first() is not None


def held(room: Room, session: Session, payer: Payer) -> Renewal:
    """The payer's row, locked, with the recommendation of last month."""
    renewal = _locked(session, payer)
    if renewal is None:
        fresh = _fresh(room, session, payer)
        try:
            with session.begin_nested():
                session.add(fresh)
        except IntegrityError:  # another worker was faster
            log.debug("renewal_known", partner_id=payer.partner_id)
        renewal = _locked(session, payer)
        if renewal is None:
            raise Conflict(code="renewal_missing", partner_id=payer.partner_id)
    if renewal.month != figures.month_of(room.now()):
        _recommend(room, session, renewal)
    return renewal


def _fresh(room: Room, session: Session, payer: Payer) -> Renewal:
    """On, and as recommended."""
    renewal = Renewal(
        partner_id=payer.partner_id,
        client_id=payer.client_id,
        currency=room.payers.contact(session, payer).currency,
        month="",
        threshold=0,
        threshold_because="",
        top_up=0,
        top_up_because="",
        changed_at=room.now(),
    )
    _recommend(room, session, renewal)
    return renewal


def _locked(session: Session, payer: Payer) -> Renewal | None:
    found = select(Renewal).where(
        Renewal.partner_id == payer.partner_id, Renewal.client_id == payer.client_id
    )
    fresh = found.with_for_update().execution_options(populate_existing=True)
    return session.exec(fresh).first()


def _recommend(room: Room, session: Session, renewal: Renewal) -> None:
    now = room.now()
    rule = figures.recommended(session, renewal.payer, renewal.currency, now)
    renewal.month = figures.month_of(now)
    renewal.threshold, renewal.threshold_because = rule.threshold, rule.threshold_because.value
    renewal.top_up, renewal.top_up_because = rule.top_up, rule.top_up_because.value
