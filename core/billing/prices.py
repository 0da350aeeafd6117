"""A rate card as a value: what one message of a category costs in a market, tier by tier.

All amounts are integer micros of the card's currency. A card is made from a CSV
(`rate_cards`) or from stored rows and never changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Category(StrEnum):
    """What a message is charged as; the columns of a rate card."""

    MARKETING = "marketing"
    UTILITY = "utility"
    AUTHENTICATION = "authentication"
    AUTHENTICATION_INTERNATIONAL = "authentication-international"
    SERVICE = "service"


# Volume tiers are Meta's for these two only.
TIERED = frozenset({Category.UTILITY, Category.AUTHENTICATION})

Place = tuple[str, Category]


@dataclass(frozen=True, slots=True)
class Tier:
    """`micros` per message from the `first`th message of the month on (the first tier has 1)."""

    first: int
    micros: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """One version of a rate card; each place's tiers ascend and begin with message 1."""

    version: str
    currency: str
    effective_from: date
    tiers: Mapping[Place, tuple[Tier, ...]]

    def price(self, market: str, category: Category, position: int) -> tuple[int, int] | None:
        """(tier from 1, micros) of the `position`th message of the month; None: not on the card.

        Marginal: each message has the price of the tier that it falls into itself.
        """
        tiers = self.tiers.get((market, category))
        if tiers is None:
            return None
        number = sum(tier.first <= position for tier in tiers)
        return number, tiers[number - 1].micros

    def tier_ends(self, market: str, category: Category, position: int) -> int | None:
        """The last position of `position`'s tier; None for the last tier, or none at all."""
        later = (tier.first for tier in self.tiers.get((market, category), ()))
        following = min((first for first in later if first > position), default=None)
        return None if following is None else following - 1


def card_on(cards: Sequence[Prices], currency: str, day: date) -> Prices | None:
    """The card in force on a day of the WABA's zone: the latest, and of one day the newest version.

    `cards` come in the order of their import.
    """
    latest: Prices | None = None
    for card in cards:
        if card.currency == currency and card.effective_from <= day:
            if latest is None or card.effective_from >= latest.effective_from:
                latest = card
    return latest
