"""What an answer, or none, means for a delivery and for its endpoint; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from core.integration.outbound.schedule import LONGEST_WISH, next_try
from core.integration.outbound.states import DeliveryState

_SLOW = frozenset(
    {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What follows from one attempt; `slows` and `wait` are about the whole endpoint."""

    state: DeliveryState
    next_try_at: datetime | None
    is_gone: bool = False
    slows: bool = False
    wait: timedelta = timedelta()

    @property
    def is_open(self) -> bool:
        """Whether it is tried again."""
        return self.next_try_at is not None


def is_taken(status: int) -> bool:
    """Whether the receiver has it."""
    return status // 100 == 2  # noqa: PLR2004


def judge(status: int, retry_after: str, *, tries: int, now: datetime, chance: float) -> Verdict:
    """`tries` counts this attempt too; `status` 0: there was no answer."""
    if is_taken(status):
        return Verdict(state=DeliveryState.DELIVERED, next_try_at=None)
    if status == HTTPStatus.GONE:
        return Verdict(state=DeliveryState.GAVE_UP, next_try_at=None, is_gone=True)
    wait, again = wish(retry_after, now), next_try(tries, now, chance=chance)
    if again is None:
        state = DeliveryState.GAVE_UP
    else:
        state, again = DeliveryState.RETRYING, max(again, now + wait)
    return Verdict(state=state, next_try_at=again, slows=status in _SLOW, wait=wait)


def wish(retry_after: str, now: datetime) -> timedelta:
    """How long the answer asks to be left alone: seconds or a date; nothing for anything else."""
    text = retry_after.strip()
    if text.isascii() and text.isdecimal():
        wanted = timedelta(seconds=int(text[:9]))
    else:
        wanted = _until(text, now)
    return max(timedelta(), min(wanted, LONGEST_WISH))


def _until(text: str, now: datetime) -> timedelta:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return timedelta()
    # A date without a zone means UTC in HTTP.
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
