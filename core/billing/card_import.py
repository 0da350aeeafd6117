"""The operator's side of prices: rate cards come in after a look, markups from a day on.

Both only ever add; messages that waited for a card are rated as soon as it is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from sqlmodel import Session, select

from core.billing.balance.entities import PartnerMarkup
from core.billing.card_store import RateCards, example_draft
from core.billing.entities import RateCard
from core.billing.metering import Metering
from core.billing.rate_cards import CardDraft
from core.clock import Clock
from core.columns import new_key
from core.errors import Conflict, InvalidInput, NotFound
from core.partners.entities import Partner
from core.ports import Database, Everything, Jobs, Steps

RETRY_JOB = "retry_parked"
_ALL = Everything("rate cards are everybody's")
_CURRENCIES = ("EUR", "USD")
_HUNDREDTHS = 100
_MOST = 1_000  # percent


class CardImport:
    """For commands of the operator; registers the durable work that rates parked messages anew."""

    def __init__(
        self, database: Database, clock: Clock, cards: RateCards, metering: Metering, jobs: Jobs
    ) -> None:
        self._database = database
        self._clock = clock
        self._cards = cards
        self._metering = metering
        self._jobs = jobs
        jobs.register(RETRY_JOB, self.work, concurrency=1)

    def try_out(self, prices_csv: str, tiers_csv: str, *, currency: str, day: date) -> CardDraft:
        """The card as read, with everything odd about it; nothing is stored."""
        if currency not in _CURRENCIES:
            raise InvalidInput(code="currency_unknown", field="currency", value=currency)
        with self._database.reading(_ALL) as session:
            return self._cards.try_out(session, prices_csv, tiers_csv, currency=currency, day=day)

    def apply(self, draft: CardDraft, source: str) -> str:
        """The id of the new card; what waited for it is rated by durable work."""
        with self._database.transaction(_ALL) as session:
            card = self._cards.import_card(session, draft, source)
            self._jobs.enqueue(session, RETRY_JOB, card.id, key=f"{RETRY_JOB}:{card.id}")
            return card.id

    def work(self, steps: Steps, card_id: str) -> None:
        """Every parked message has been looked at again."""
        after: int | None = 0
        while after is not None:
            after = steps.run(f"{card_id} {after}", self.retry, after)

    def retry(self, after: int) -> int | None:
        """Up to 500 of them, one transaction."""
        with self._database.transaction(_ALL) as session:
            return self._metering.retry_parked(session, after)

    def set_markup(self, partner_id: str, percent: Decimal, day: date) -> PartnerMarkup:
        """From that day of the WABA's zone on; raises for a day that has begun or has one already.

        Lines that were rated keep their price.
        """
        hundredths = percent * _HUNDREDTHS
        is_amount = percent.is_finite() and 0 <= percent <= _MOST
        if not is_amount or hundredths != int(hundredths):
            raise InvalidInput(code="percent_invalid", field="percent", value=str(percent))
        if day <= self._clock.now().date():
            raise InvalidInput(code="day_has_begun", field="from", value=day.isoformat())
        with self._database.transaction(_ALL) as session:
            if session.get(Partner, partner_id) is None:
                raise NotFound(partner_id=partner_id)
            known = select(PartnerMarkup).where(
                PartnerMarkup.partner_id == partner_id, PartnerMarkup.effective_from == day
            )
            if session.exec(known).first() is not None:
                raise Conflict(code="markup_known", partner_id=partner_id)
            markup = PartnerMarkup(
                id=new_key(16),
                partner_id=partner_id,
                effective_from=day,
                hundredths=int(hundredths),
                created_at=self._clock.now(),
            )
            session.add(markup)
            return markup


def report(draft: CardDraft) -> Iterator[str]:
    """What the dry run found, a line each."""
    yield f"{draft.currency} from {draft.effective_from}: {len(draft.tiers)} prices"
    for found in draft.findings:
        line = f"line {found.line}: " if found.line else ""
        detail = f" ({found.detail})" if found.detail else ""
        yield f"- {line}{found.oddity.value.replace('_', ' ')}: {found.where}{detail}"
    yield "May be imported." if draft.may_be_imported else "Cannot be imported as it is."


def import_examples(session: Session, cards: RateCards) -> bool:
    """The bundled cards of both currencies, where there is no card at all yet."""
    if session.exec(select(RateCard.id).limit(1)).first() is not None:
        return False
    for currency in _CURRENCIES:
        draft = example_draft(currency)
        cards.import_card(session, draft, "bundled example", is_example=True)
    return True
