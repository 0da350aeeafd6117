"""Rates a batch of delivered messages: pure, no rows, no clock.

Thousands of messages a second are alike in all that rating looks at, so each kind is classified
once, and priced once for as long as its price holds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.billing.markets import country_of
from core.billing.ports import MeteredNumber, UsageLines
from core.billing.prices import Prices
from core.billing.rating import (
    Classified,
    Delivered,
    Parked,
    ParkedReason,
    charge_key_of,
    classify,
    price_holds_until,
    priced,
)
from core.billing.statuses import Report
from core.billing.usage_sums import Group, entry_key
from core.billing.zones import QUARTER

Json = dict[str, Any]


@dataclass(slots=True)
class _Kind:
    """Messages that `classify` cannot tell apart, and the price that holds for now."""

    number: MeteredNumber
    classified: Classified
    price: Group | ParkedReason = ParkedReason.NO_RATE
    until: int | None = 0  # the last position with this price; None: all that follow

    def price_at(self, position: int) -> Group | None:
        """The group to join; a new one when the price is no longer the last message's."""
        found = priced(self.classified, position, self.number.sender.currency)
        self.until = price_holds_until(self.classified, position)
        if isinstance(found, Parked):
            self.price = found.reason
            return None
        self.price = Group(self.number, found, self.classified.counter)
        return self.price


class Batch:
    """First `read`, then `price`; `key` names its entries in the ledger."""

    def __init__(
        self, key: str, numbers: Mapping[str, MeteredNumber], cards: Sequence[Prices]
    ) -> None:
        self.key = key
        self.groups: list[Group] = []
        self.parked: list[tuple[Report, MeteredNumber, ParkedReason]] = []
        self._numbers = numbers
        self._cards = cards
        self._found: dict[str, tuple[Report, _Kind]] = {}

    def read(self, reports: Iterable[Report]) -> None:
        """Classify them, in the order in which they are to be counted."""
        kinds: dict[tuple[object, ...], _Kind | ParkedReason] = {}
        for report in reports:
            likeness = _likeness(report)
            kind = kinds.get(likeness)
            if kind is None:
                kind = kinds[likeness] = self._kind(report)
            if isinstance(kind, ParkedReason):
                self.parked.append((report, self._numbers[report.phone_id], kind))
                continue
            policy = kind.classified.policy
            key = charge_key_of(policy, report.wamid, report.conversation_id)
            self._found.setdefault(key, (report, kind))

    @property
    def counters(self) -> set[str]:
        """What the messages are counted on."""
        kinds = {id(kind): kind for _, kind in self._found.values()}.values()
        return {kind.classified.counter for kind in kinds} - {""}

    @property
    def keys(self) -> set[str]:
        """Under which some may have been charged before."""
        return {*self._found, *(report.wamid for report, _, _ in self.parked)}

    def price(self, counts: dict[str, int], charged: Collection[str]) -> None:
        """Make up the groups; `counts` go on from what was counted before."""
        self.parked = [parked for parked in self.parked if parked[0].wamid not in charged]
        for key, (report, kind) in self._found.items():
            if key in charged:
                continue
            counter = kind.classified.counter
            position = counts.get(counter, 0) + 1
            if kind.until is not None and position > kind.until:
                group = kind.price_at(position)
                if group is not None:
                    self.groups.append(group)
            if isinstance(kind.price, ParkedReason):
                self.parked.append((report, kind.number, kind.price))
                continue
            kind.price.messages.append((key, report.wamid, report.at))
            if counter:
                counts[counter] = position

    def lines(self) -> list[UsageLines]:
        return [UsageLines(_shape(self.key, group), group.messages) for group in self.groups]

    @property
    def wamids(self) -> list[str]:
        return [wamid for group in self.groups for _, wamid, _ in group.messages]

    def keep(self, new: Collection[str]) -> None:
        """Forget the messages that somebody else has charged meanwhile."""
        if len(new) < sum(len(group.messages) for group in self.groups):
            for group in self.groups:
                group.messages = [told for told in group.messages if told[0] in new]
            self.groups = [group for group in self.groups if group.messages]

    def _kind(self, report: Report) -> _Kind | ParkedReason:
        number = self._numbers[report.phone_id]
        found = _classified(report, number, self._cards)
        return found.reason if isinstance(found, Parked) else _Kind(number, found)


def _likeness(report: Report) -> tuple[object, ...]:
    """Equal for messages that `_classified` answers alike, but for their charge keys."""
    return (
        report.phone_id,
        report.at and report.at // QUARTER + 1,
        country_of(report.recipient),
        report.has_pricing,
        report.category,
        report.type,
        report.pricing_model,
        not report.conversation_id,
    )


def _classified(
    report: Report, number: MeteredNumber, cards: Sequence[Prices]
) -> Classified | Parked:
    if not report.at:
        return Parked(ParkedReason.BAD_TIME)
    if not report.has_pricing:
        return Parked(ParkedReason.NO_PRICING)
    message = Delivered(
        wamid=report.wamid,
        at=report.time,
        recipient=report.recipient,
        category=report.category,
        type=report.type,
        pricing_model=report.pricing_model,
        conversation_id=report.conversation_id,
    )
    return classify(message, number.sender, cards)


def _shape(batch: str, group: Group) -> Json:
    number, rated = group.number, group.rated
    return {
        "partner_id": number.payer.partner_id,
        "channel_id": number.channel_id,
        "client_id": number.client_id,
        "month": rated.month,
        "market": rated.market,
        "category": rated.category.value,
        "free": rated.free.value,
        "policy": rated.policy,
        "card": rated.card,
        "tier": rated.tier,
        "markup": rated.markup,
        "currency": rated.currency,
        "micros": rated.micros,
        "entry_key": entry_key(batch, group) if rated.micros else "",
    }
