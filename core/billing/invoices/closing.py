"""A month of a payer's balance as an invoice: its lines, its identity, and the rounding; pure.

The ledger counts micros, an invoice cents: each line is rounded once, and what that leaves over is
posted as a correction, so that both agree to the cent. Usage that credit paid for was invoiced
with its top-up; fee and VAT are due only on an overdraft that no invoice asked for yet.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.billing.invoices.document import Identity, decimal
from core.billing.invoices.drafts import DraftLine, LineKind, fee_line, fee_on
from core.billing.invoices.ports import UsageSum
from core.errors import Conflict
from core.money import Money, to_minor

_HALF_A_CENT = 5_000  # micros: what one rounding may change
_MARKETS = 3  # named below a line; the rest stands in the invoice's facts


class ClosingMismatch(Conflict):
    """The ledger does not lead from the month's start to its end: no invoice is issued."""

    code = "closing_mismatch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """What the ledger says, in micros; `used` and `refunded` are positive.

    `outstanding`: net of overdrafts that were invoiced and are not paid yet.
    """

    currency: str
    start: int
    added: int
    used: int
    refunded: int
    corrections: int
    end: int
    usage: tuple[UsageSum, ...] = ()
    outstanding: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """`rounding` is to be posted to the credit, positive in the payer's favour."""

    lines: tuple[DraftLine, ...]
    identity: Identity
    rounding: Money
    overdraft: Money  # net, without the fee
    fee: Money


def close(month: Month, fee_percent: Decimal) -> Closing:
    """Raises ClosingMismatch."""
    _check(month)
    usage = usage_lines(month)
    identity = _identity(month, sum(line.net.micros for line in usage))
    rounding = Money(identity.end.micros - month.end, month.currency)
    if abs(rounding.micros) > _HALF_A_CENT * (len(usage) + 5):
        raise ClosingMismatch("more than roundings explain", micros=rounding.micros)
    overdraft = Money(max(0, -identity.end.micros - month.outstanding), month.currency)
    fee = fee_on(overdraft, fee_percent)
    lines = [*usage, *_settled(identity.used, overdraft)]
    if fee.micros:
        lines.append(fee_line(fee, fee_percent))
    return Closing(
        lines=tuple(lines), identity=identity, rounding=rounding, overdraft=overdraft, fee=fee
    )


def usage_lines(month: Month) -> list[DraftLine]:
    """One line per category, and one for what was spent otherwise; at least one."""
    by_category: dict[str, list[UsageSum]] = defaultdict(list)
    for some in month.usage:
        by_category[some.category].append(some)
    lines = [_category(name, by_category[name], month.currency) for name in sorted(by_category)]
    other = month.used - sum(some.micros for some in month.usage)
    if other or not lines:
        lines.append(
            DraftLine(
                kind=LineKind.USAGE,
                description="Other charges to the balance" if other else "No messages charged",
                net=to_minor(Money(other, month.currency)),
            )
        )
    return lines


def _category(name: str, sums: Sequence[UsageSum], currency: str) -> DraftLine:
    exact = Money(sum(some.micros for some in sums), currency)
    messages = Decimal(sum(some.messages for some in sums))
    markets = sorted(sums, key=lambda some: (-some.micros, some.market))
    named = [f"{some.market}: {some.messages:,}" for some in markets[:_MARKETS]]
    if len(markets) > _MARKETS:
        named.append(f"{len(markets) - _MARKETS} more")
    words = name.replace("_", " ").replace("-", " ").capitalize()
    return DraftLine(
        kind=LineKind.USAGE,
        description=f"{words} messages",
        detail=" · ".join(named),
        net=to_minor(exact),
        # Tiers have prices of their own: the price is that of all messages together.
        quantity=messages,
        price_base=messages,
        unit_price=decimal(exact),
    )


def _settled(used: Money, overdraft: Money) -> list[DraftLine]:
    """What brings the sum of the lines from the usage to what is still to be paid."""
    settled = used - overdraft
    if settled.micros > 0:
        return [DraftLine(kind=LineKind.SETTLED, description="Settled with credit", net=-settled)]
    if settled.micros < 0:
        words = "Corrections and refunds beyond the credit"
        return [DraftLine(kind=LineKind.CORRECTION, description=words, net=-settled)]
    return []


def _identity(month: Month, used: int) -> Identity:
    """In cents; the end is what the cents lead to."""
    parts = {
        name: to_minor(Money(getattr(month, name), month.currency))
        for name in ("start", "added", "refunded", "corrections")
    }
    spent = Money(used, month.currency)
    end = parts["start"] + parts["added"] - spent - parts["refunded"] + parts["corrections"]
    return Identity(**parts, used=spent, end=end)


def _check(month: Month) -> None:
    led_to = month.start + month.added - month.used - month.refunded + month.corrections
    if led_to != month.end:
        raise ClosingMismatch("the movements do not lead to the end", by=month.end - led_to)
