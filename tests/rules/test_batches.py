"""Messages rated by kinds cost what each would have cost by itself."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date

import pytest

from core.billing.batches import Batch
from core.billing.card_store import example_draft
from core.billing.ledger import Payer
from core.billing.ports import MeteredNumber
from core.billing.prices import Prices, Tier
from core.billing.rating import Delivered, Parked, ParkedReason, Sender, classify, priced
from core.billing.statuses import Report
from core.billing.usage_sums import counted, movements

# The last day of the conversations' policy, the day before service messages cost something.
TIMES = (1_751_320_700, 1_751_320_900, 1_790_805_500, 1_790_805_700, 1_795_345_200, 0)
RECIPIENTS = ("4915112345678", "4930123456", "12125550123", "77011234567", "999", "")
CATEGORIES = ("marketing", "utility", "authentication", "service", "referral_conversion", "odd")
TYPES = ("regular", "free_customer_service", "free_entry_point", "odd", "")


def number(name: str, zone: str) -> MeteredNumber:
    return MeteredNumber(
        channel_id=name,
        client_id="oneCL",
        payer=Payer(partner_id="onePA"),
        sender=Sender(channel=name, portfolio="900", timezone_id=zone, currency="EUR"),
    )


NUMBERS = {"1": number("oneCH", "Europe/Berlin"), "2": number("twoCH", "America/New_York")}


def card() -> Prices:
    tiers = example_draft("EUR").tiers
    steps = {place: (some[0], Tier(4, some[0].micros - 1)) for place, some in tiers.items()}
    return Prices(version="v1", currency="EUR", effective_from=date(2025, 1, 1), tiers=steps)


CARD = card()


def reports(seed: int) -> list[Report]:
    chance = random.Random(seed)  # noqa: S311  the same at every run
    return [
        Report(
            wamid=f"wamid.{n}",
            phone_id=chance.choice(list(NUMBERS)),
            at=chance.choice(TIMES),
            recipient=chance.choice(RECIPIENTS),
            has_pricing=chance.random() < 0.9,
            category=chance.choice(CATEGORIES),
            type=chance.choice(TYPES),
            pricing_model=chance.choice(("PMP", "PMP", "CBP")),
            conversation_id=chance.choice(("", f"c{n}")),
        )
        for n in range(600)
    ]


@pytest.mark.parametrize("seed", range(5))
def test_a_batch_costs_what_its_messages_cost_one_by_one(seed: int) -> None:
    told = reports(seed)
    batch = Batch("key", NUMBERS, [CARD])
    batch.read(told)
    batch.price(counts := dict.fromkeys(batch.counters, 0), set())
    found = {wamid: g.rated for g in batch.groups for _, wamid, _ in g.messages}
    reasons = {report.wamid: reason for report, _, reason in batch.parked}
    alone: Counter[str] = Counter()
    for report in told:
        rated = _alone(report, alone)
        if isinstance(rated, Parked):
            assert report.wamid not in found
            assert reasons[report.wamid] is rated.reason
            continue
        line = found.pop(report.wamid)
        assert (line.micros, line.tier, line.free, line.market, line.month, line.policy) == rated
    assert not found
    assert +counted(batch.groups) == +alone == +Counter(counts)
    sums = sum(group.micros for group in batch.groups)
    assert sum(movement.amount.micros for movement in movements("key", batch.groups)) == sums


def test_what_was_charged_before_is_neither_counted_nor_charged_again() -> None:
    told = reports(1)
    batch = Batch("key", NUMBERS, [CARD])
    batch.read(told)
    batch.price(dict.fromkeys(batch.counters, 0), batch.keys)
    assert not batch.groups
    assert not batch.parked


def _alone(report: Report, counts: Counter[str]) -> tuple[object, ...] | Parked:
    if not report.at:
        return Parked(ParkedReason.BAD_TIME)
    if not report.has_pricing:
        return Parked(ParkedReason.NO_PRICING)
    sender = NUMBERS[report.phone_id].sender
    message = Delivered(
        wamid=report.wamid,
        at=report.time,
        recipient=report.recipient,
        category=report.category,
        type=report.type,
        pricing_model=report.pricing_model,
        conversation_id=report.conversation_id,
    )
    kind = classify(message, sender, [CARD])
    if isinstance(kind, Parked):
        return kind
    position = counts[kind.counter] + 1
    rated = priced(kind, position, "EUR")
    if isinstance(rated, Parked):
        return rated
    if kind.counter:
        counts[kind.counter] = position
    return rated.micros, rated.tier, rated.free, rated.market, rated.month, rated.policy
