"""Another price of a plan or a licence, from a coming day on: an operator's verb.

What was invoiced stays; who is shown an upgrade's price when a new one begins is asked again.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy.exc import IntegrityError

from core.errors import Conflict, InvalidInput
from core.money import MICROS, Money, minor_units
from core.ports import Everything
from core.subscriptions.entities import LicencePrice, PlanPrice
from core.subscriptions.months import start_of
from core.subscriptions.room import Room
from core.subscriptions.states import PlanName, Tier

_ALL = Everything("subscriptions: prices are the operator's, for all partners")
_MOST = 1_000_000  # units a month; more is a slip of the hand


class Pricing:
    """For the operator's prompt; no page calls it."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def set_plan_price(self, plan: str, amount: str, currency: str, day: date) -> Money:
        """Raises InvalidInput (price_unknown, amount_invalid, currency_unknown, day_has_begun),
        Conflict (price_known)."""
        if plan not in set(PlanName):
            raise InvalidInput(code="price_unknown", field="name", value=plan)
        price = self._checked(amount, currency, day)
        at = start_of(day, self._room.zone)
        micros = price.micros
        row = PlanPrice(plan=plan, currency=currency, monthly_micros=micros, effective_from=at)
        return self._kept(row, price)

    def set_licence_price(self, tier: str, amount: str, currency: str, day: date) -> Money:
        """As `set_plan_price`, for a number's licence."""
        if tier not in set(Tier):
            raise InvalidInput(code="price_unknown", field="name", value=tier)
        price = self._checked(amount, currency, day)
        at = start_of(day, self._room.zone)
        micros = price.micros
        row = LicencePrice(tier=tier, currency=currency, monthly_micros=micros, effective_from=at)
        return self._kept(row, price)

    def _checked(self, amount: str, currency: str, day: date) -> Money:
        if currency not in ("EUR", "USD"):
            raise InvalidInput(code="currency_unknown", field="currency", value=currency)
        if day <= self._room.today():
            raise InvalidInput(code="day_has_begun", field="from", value=day.isoformat())
        try:
            price = Money.of(amount, currency)
        except (ValueError, ZeroDivisionError) as error:
            raise InvalidInput(code="amount_invalid", field="amount", value=amount) from error
        is_whole = price.micros % (MICROS // minor_units(currency)) == 0
        if not is_whole or not 0 <= price.micros <= _MOST * MICROS:
            raise InvalidInput(code="amount_invalid", field="amount", value=amount)
        return price

    def _kept(self, row: PlanPrice | LicencePrice, price: Money) -> Money:
        try:
            with self._room.database.transaction(_ALL) as session:
                session.add(row)
        except IntegrityError as error:
            raise Conflict(code="price_known") from error
        return price
