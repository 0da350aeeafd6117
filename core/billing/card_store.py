"""Stored rate cards: imported as a new version, never edited, read once per process.

Cards belong to nobody: every partner's messages are rated by the same ones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from sqlmodel import Session, col, select

from core.billing.entities import RateCard, RateCardRow
from core.billing.prices import Category, Place, Prices, Tier, card_on
from core.billing.rate_cards import CardDraft, read_card
from core.clock import Clock
from core.errors import InvalidInput

_EXAMPLES = Path(__file__).with_name("cards")
# The examples hold from the day on which the newest policy began.
EXAMPLE_FROM = date(2026, 10, 1)


class RateCards:
    """Keeps what it read: a card never changes, so only new ones are read again."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._read: dict[str, Prices] = {}

    def in_force(self, session: Session) -> list[Prices]:
        """Every card in the order of import; `prices.card_on` chooses among them."""
        ordered = select(RateCard).order_by(
            col(RateCard.effective_from), col(RateCard.version), col(RateCard.id)
        )
        cards = session.exec(ordered).all()
        new = [card.id for card in cards if card.id not in self._read]
        if new:
            tiers = _tiers(session, new)
            for card in cards:
                if card.id in tiers:
                    self._read[card.id] = _prices(card, tiers[card.id])
        return [self._read[card.id] for card in cards if card.id in self._read]

    def try_out(
        self, session: Session, prices_csv: str, tiers_csv: str, *, currency: str, day: date
    ) -> CardDraft:
        """The dry run: what the card says and what is odd, beside the card it would replace."""
        before = card_on(self.in_force(session), currency, day)
        return read_card(
            prices_csv, tiers_csv, currency=currency, effective_from=day, before=before
        )

    def import_card(
        self, session: Session, draft: CardDraft, source: str, *, is_example: bool = False
    ) -> RateCard:
        """The next version for that currency and day; raises InvalidInput for a faulty draft."""
        if not draft.may_be_imported or not draft.tiers:
            raise InvalidInput(code="card_faulty", findings=len(draft.findings))
        versions = select(RateCard.version).where(
            RateCard.currency == draft.currency, RateCard.effective_from == draft.effective_from
        )
        version = max(session.exec(versions), default=0) + 1
        card = RateCard(
            id=f"{draft.currency}-{draft.effective_from}-v{version}"
            + ("-example" if is_example else ""),
            currency=draft.currency,
            effective_from=draft.effective_from,
            version=version,
            is_example=is_example,
            source=source,
            imported_at=self._clock.now(),
        )
        session.add(card)
        session.flush()
        session.add_all(
            RateCardRow(
                card_id=card.id,
                market=market,
                category=category.value,
                first_message=tier.first,
                micros=tier.micros,
            )
            for (market, category), tiers in sorted(draft.tiers.items())
            for tier in tiers
        )
        session.flush()
        return card


def example_draft(currency: str) -> CardDraft:
    """The bundled card of invented round figures, so that a first look has prices at all."""
    return read_card(
        (_EXAMPLES / f"example-{currency}.csv").read_text(),
        (_EXAMPLES / f"example-{currency}-tiers.csv").read_text(),
        currency=currency,
        effective_from=EXAMPLE_FROM,
    )


def _tiers(session: Session, card_ids: Sequence[str]) -> dict[str, dict[Place, list[Tier]]]:
    found: dict[str, dict[Place, list[Tier]]] = defaultdict(lambda: defaultdict(list))
    rows = select(RateCardRow).where(col(RateCardRow.card_id).in_(card_ids))
    for row in session.exec(rows.order_by(col(RateCardRow.first_message))):
        place = (row.market, Category(row.category))
        found[row.card_id][place].append(Tier(row.first_message, row.micros))
    return found


def _prices(card: RateCard, tiers: dict[Place, list[Tier]]) -> Prices:
    return Prices(
        version=card.id,
        currency=card.currency,
        effective_from=card.effective_from,
        tiers={place: tuple(some) for place, some in tiers.items()},
    )
