"""How a balance is judged: runway, levels, caps, stops; pure, in integer micros of one currency."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import floor

from core.billing.entities import AccountKind, EntryKind

_WEEK, _MONTH = 7, 30  # days


@dataclass(frozen=True, slots=True, kw_only=True)
class Runway:
    """`days` that the balance lasts at `per_day`, the faster of the last 7 and last 30 days."""

    days: int
    per_day: Fraction
    over: int  # days looked at


class Turn(StrEnum):
    """What a balance asks of a payer's outbound messages."""

    STOP = "stop"
    RESUME = "resume"
    NONE = "none"


class Part(StrEnum):
    """Which part of a month's movements an entry belongs to."""

    ADDED = "added"
    USED = "used"
    FEES = "fees"
    REFUNDED = "refunded"
    CORRECTED = "corrected"


def runway(available: int, days: Sequence[int]) -> Runway | None:
    """From the spend of complete days, the last day last; None when nothing was ever spent.

    Days before the first spend do not count, or a new payer would look slow. Of a slow month and a
    busy week the week tells the truth, of a busy month and a quiet week the month is the safer.
    """
    used = list(days[-_MONTH:])
    while used and not used[0]:
        used.pop(0)
    if not used:
        return None
    rates = [(Fraction(sum(some), len(some)), len(some)) for some in (used[-_WEEK:], used)]
    per_day, over = max(rates)
    return Runway(days=max(0, floor(available / per_day)), per_day=per_day, over=over)


def crossed(levels: Iterable[int], before: int, after: int) -> list[int]:
    """Levels that the balance fell to or through, the highest first.

    One that the balance is below already is told again only after it was above: it must cross.
    """
    return sorted((level for level in levels if before > level >= after), reverse=True)


def outbound_turn(available: int, *, is_stopped: bool) -> Turn:
    """At zero or below outbound stops; with anything to spend it goes on."""
    if available <= 0:
        return Turn.NONE if is_stopped else Turn.STOP
    return Turn.RESUME if is_stopped else Turn.NONE


def is_cap_reached(cap: int | None, spent: int) -> bool:
    """A client without a cap never reaches it."""
    return cap is not None and spent >= cap


def part_of(kind: str, other: str) -> Part:
    """Where an entry between the credit and the account of kind `other` is counted.

    What takes back an entry is a correction, whatever it takes back.
    """
    if kind in (EntryKind.REVERSAL, EntryKind.CORRECTION):
        return Part.CORRECTED
    return _PARTS.get(other, Part.CORRECTED)


_PARTS: dict[str, Part] = {
    AccountKind.CLEARING: Part.ADDED,
    AccountKind.PENDING: Part.ADDED,
    AccountKind.USAGE: Part.USED,
    AccountKind.FEES: Part.FEES,
    AccountKind.REFUNDS: Part.REFUNDED,
}
