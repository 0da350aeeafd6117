"""What a batch of rated messages adds up to: entries of the ledger, sums of the day; pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from core.billing.entities import AccountKind, EntryKind
from core.billing.ledger import Movement, Payer
from core.billing.ports import DAY_KEY, MeteredNumber
from core.billing.rating import Rated
from core.money import Money

Json = dict[str, Any]
Message = tuple[str, str, int]  # charge key, wamid, unix seconds


@dataclass(slots=True)
class Group:
    """Messages of one number with one price for one reason."""

    number: MeteredNumber
    rated: Rated  # of its first message
    counter: str
    messages: list[Message] = field(default_factory=list)

    @property
    def micros(self) -> int:
        return self.rated.micros * len(self.messages)


def counted(groups: Iterable[Group]) -> Counter[str]:
    """Messages by the counter that they were counted on."""
    found: Counter[str] = Counter()
    for group in groups:
        if group.counter:
            found[group.counter] += len(group.messages)
    return found


def movements(batch: str, groups: Iterable[Group]) -> list[Movement]:
    """One movement for all messages of the same payer, policy and card: they are one entry."""
    sums: dict[tuple[str, Payer, str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for group in groups:
        rated = group.rated
        if rated.micros:
            key = entry_key(batch, group)
            found = sums[key, group.number.payer, rated.currency, rated.policy, rated.card]
            found[0] += group.micros
            found[1] += len(group.messages)
    return [
        Movement(
            key=key,
            kind=EntryKind.USAGE,
            payer=payer,
            debit=AccountKind.CREDIT,
            credit=AccountKind.USAGE,
            amount=Money(micros, currency),
            about={"policy": policy, "card": card, "messages": messages},
        )
        for (key, payer, currency, policy, card), (micros, messages) in sorted(
            sums.items(), key=lambda item: item[0][0]
        )
    ]


def day_rows(groups: Iterable[Group], day: date) -> list[Json]:
    """What the batch adds to the sums of the day."""
    sums: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0])
    for group in groups:
        number, rated = group.number, group.rated
        payer, place = number.payer, (number.channel_id, number.client_id)
        what = (rated.category.value, rated.market, rated.free.value, rated.currency)
        found = sums[payer.partner_id, payer.client_id, day.isoformat(), *place, *what]
        found[0] += len(group.messages)
        found[1] += group.micros
    return [
        dict(zip((*DAY_KEY, "messages", "micros"), (*key, *figures), strict=True))
        for key, figures in sorted(sums.items())
    ]


def entry_key(batch: str, group: Group) -> str:
    """Messages of one batch, payer, policy and card are one entry."""
    payer = group.number.payer.client_id or group.number.payer.partner_id
    return f"usage:{batch}:{payer}:{group.rated.policy}:{group.rated.card}"
