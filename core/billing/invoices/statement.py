"""The movements of a balance over a period, as a value; amounts as exact as the ledger has them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.billing.invoices.document import Period
from core.billing.invoices.parties import Brand, Party
from core.money import MICROS, Money


@dataclass(frozen=True, slots=True)
class Movement:
    """One row; `amount` is negative for what was used, `balance` is what was left after it."""

    at: datetime  # aware UTC
    kind: str
    description: str
    amount: Money
    balance: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """ValueError unless the movements lead from `start` to `end`."""

    period: Period
    seller: Party
    payer: Party
    brand: Brand
    start: Money
    end: Money
    movements: tuple[Movement, ...]

    def __post_init__(self) -> None:
        balance = self.start
        for movement in self.movements:
            balance += movement.amount
            if movement.balance != balance:
                raise ValueError(f"{movement.balance} at {movement.at} should be {balance}")
        if balance != self.end:
            raise ValueError(f"the movements lead to {balance}, not to {self.end}")

    @property
    def currency(self) -> str:
        return self.start.currency

    @property
    def places(self) -> int:
        """Decimals that all figures need to stand below each other: 2, 4 or 6."""
        figures = {movement.amount.micros for movement in self.movements} | {self.start.micros}
        for places in (2, 4):
            if not any(micros % (MICROS // 10**places) for micros in figures):
                return places
        return 6
