"""The prices that a payer reads before it agrees: the card in force, with the operator's markup.

What stands here is what rating charges: the same card, the same day, the same rounding.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, select

from core.billing.balance.entities import PartnerMarkup
from core.billing.card_store import RateCards
from core.billing.entities import RateCard
from core.billing.markets import market_of_country
from core.billing.markups import Markup, marked_up, markup_on
from core.billing.prices import Category, Prices, card_on
from core.money import Money


@dataclass(frozen=True, slots=True)
class Step:
    """`price` of each message from the month's `first`th on."""

    first: int
    price: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceList:
    """One card for one partner's clients, from `effective_from` on."""

    card: str
    currency: str
    effective_from: date
    day: date
    is_example: bool
    steps: Mapping[tuple[str, Category], tuple[Step, ...]]

    def of_country(self, country: str) -> dict[Category, tuple[Step, ...]]:
        """What messages to a country cost; categories without a price there are missing."""
        market = market_of_country(country, self.day)
        return {c: self.steps[market, c] for c in Category if (market, c) in self.steps}


def price_list(
    session: Session, cards: RateCards, *, partner_id: str, currency: str, day: date
) -> PriceList | None:
    """None while no card of the currency is in force."""
    card = card_on(cards.in_force(session), currency, day)
    if card is None:
        return None
    stored = session.get(RateCard, card.version)
    return PriceList(
        card=card.version,
        currency=currency,
        effective_from=card.effective_from,
        day=day,
        is_example=stored is not None and stored.is_example,
        steps=_steps(card, markup_on(_markups(session, partner_id), day)),
    )


def _steps(card: Prices, hundredths: int) -> dict[tuple[str, Category], tuple[Step, ...]]:
    return {
        place: tuple(
            Step(tier.first, Money(marked_up(tier.micros, hundredths), card.currency))
            for tier in tiers
        )
        for place, tiers in card.tiers.items()
    }


def _markups(session: Session, partner_id: str) -> list[Markup]:
    found = select(PartnerMarkup).where(PartnerMarkup.partner_id == partner_id)
    return [Markup(row.effective_from, row.hundredths) for row in session.exec(found)]
