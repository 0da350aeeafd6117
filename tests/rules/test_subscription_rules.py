"""Days, months, notices and tiers of subscriptions: pure rules, with QA's corpus of prorations."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.billing.invoices.drafts import DraftLine
from core.money import Money
from core.subscriptions.due import Step, next_step, period_from
from core.subscriptions.lines import Added, added_lines, licence_lines, plan_line, upgrade_line
from core.subscriptions.months import DAY, Month, day_of, start_of
from core.subscriptions.notice import notice_end
from core.subscriptions.proration import days_of, prorated, share
from core.subscriptions.states import (
    MOVES,
    TIERS_OF,
    ChangeStatus,
    PlanName,
    Tier,
    is_larger,
    is_more,
    may_become,
)

CORPUS = json.loads((Path(__file__).parents[1] / "corpora" / "proration.json").read_text("utf-8"))
CASES = {case["name"]: case for case in CORPUS["cases"]}
DAYS = st.dates(date(2024, 1, 1), date(2036, 12, 31))


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


@pytest.mark.parametrize("name", CASES)
def test_every_case_of_the_corpus_by_days(name: str) -> None:
    case: dict[str, Any] = CASES[name]
    start, end, at = (
        datetime.fromisoformat(case[key]) for key in ("period_start", "period_end", "upgrade_at")
    )
    left, days = days_of(start, end, at, ZoneInfo(case["tz"]))
    assert (left, days) == (case["remaining_days_incl_today"], case["period_days"])
    assert prorated(case["new_minor"] - case["old_minor"], left, days) == case["expect_by_day"]


@pytest.mark.parametrize("first", CORPUS["anchor_dates"])
def test_a_month_after_another_is_the_next_whatever_its_length(first: str) -> None:
    for told in CORPUS["anchor_dates"][first]:
        month = Month.of(date.fromisoformat(told))
        assert month.last + DAY == month.next.first
        assert month.days == (month.next.first - month.first).days


@given(DAYS, st.integers(0, 10**9))
def test_a_part_is_between_nothing_and_all_and_never_rises_with_the_day(
    day: date, minor: int
) -> None:
    month = Month.of(day)
    left = month.left_from(day)
    part = prorated(minor, left, month.days)
    assert 0 <= part <= minor
    assert prorated(minor, month.days, month.days) == minor
    assert prorated(minor, 0, month.days) == 0
    assert prorated(minor, left - 1, month.days) <= part


@given(DAYS, DAYS)
def test_two_upgrades_cost_what_one_costs_to_a_cent_each(one: date, other: date) -> None:
    first = min(one, other.replace(year=one.year, month=one.month, day=min(other.day, 28)))
    month = Month.of(first)
    left = month.left_from(first)
    together = share(eur("500"), left, month.days)
    apart = share(eur("200"), left, month.days) + share(eur("300"), left, month.days)
    assert abs((together - apart).minor) <= 2


@pytest.mark.parametrize(("left", "days"), [(-1, 30), (31, 30), (0, 0)])
def test_more_days_than_there_are_is_a_fault(left: int, days: int) -> None:
    with pytest.raises(ValueError, match="days"):
        prorated(100, left, days)


@pytest.mark.parametrize(
    ("today", "days", "at", "ends"),
    [
        ("2026-05-15", 30, "month_end", "2026-06-30"),
        ("2026-05-31", 30, "month_end", "2026-06-30"),
        ("2026-06-01", 30, "month_end", "2026-07-31"),
        ("2028-01-30", 30, "month_end", "2028-02-29"),
        ("2028-01-31", 30, "month_end", "2028-03-31"),
        ("2026-01-29", 30, "month_end", "2026-02-28"),
        ("2026-12-15", 30, "month_end", "2027-01-31"),
        ("2026-05-15", 0, "month_end", "2026-05-31"),
        ("2026-05-15", 30, "day", "2026-06-14"),
    ],
)
def test_notice_is_thirty_days_to_the_end_of_a_month(
    today: str, days: int, at: Any, ends: str
) -> None:
    assert notice_end(date.fromisoformat(today), days, at) == date.fromisoformat(ends)


def test_a_day_begins_where_the_operator_is() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert day_of(datetime(2026, 6, 30, 22, 30, tzinfo=UTC), berlin) == date(2026, 7, 1)
    assert start_of(date(2026, 7, 1), berlin) == datetime(2026, 6, 30, 22, tzinfo=UTC)
    assert start_of(date(2026, 1, 1), berlin) == datetime(2025, 12, 31, 23, tzinfo=UTC)


def walk(today: date, ends_on: date | None = None, start: date = date(2026, 6, 16)) -> list[str]:
    """Every step from the subscription's first day until today, as the hub makes them."""
    through, licences, steps = start - DAY, Month.of(start).first - DAY, []
    while step := next_step(
        plan_through=through, licences_through=licences, ends_on=ends_on, today=today
    ):
        steps.append(f"{step}:{through if step is not Step.ADDED else licences}")
        if step is Step.PERIOD:
            through = period_from(through + DAY, ends_on)
        elif step is Step.ADDED:
            licences = Month.of(licences + DAY).last
        else:
            break
    return steps


def test_a_hub_that_stood_still_makes_up_for_every_month_in_order() -> None:
    assert walk(date(2026, 6, 16)) == ["period:2026-06-15"]
    assert walk(date(2026, 6, 29)) == ["period:2026-06-15"]
    assert walk(date(2026, 6, 30)) == ["period:2026-06-15", "added:2026-05-31"]
    assert walk(date(2026, 9, 1)) == [
        "period:2026-06-15", "added:2026-05-31",
        "period:2026-06-30", "added:2026-06-30",
        "period:2026-07-31", "added:2026-07-31",
        "period:2026-08-31",
    ]  # fmt: skip


def test_after_the_end_nothing_is_due() -> None:
    ends = date(2026, 7, 31)
    assert walk(date(2026, 7, 31), ends)[-1] == "added:2026-06-30"
    assert walk(date(2026, 8, 1), ends)[-1] == "end:2026-07-31"
    assert walk(date(2027, 8, 1), ends) == walk(date(2026, 8, 1), ends)
    # To the day: the last period is the part of a month.
    assert walk(date(2026, 7, 15), date(2026, 7, 14))[-1] == "end:2026-07-14"


@given(st.integers(0, 800), st.none() | st.integers(0, 800))
def test_every_month_has_one_period_however_late_the_hub_looks(
    days: int, after: int | None
) -> None:
    start = date(2027, 11, 30)
    today = start + timedelta(days=days)
    ends = None if after is None else Month.of(start + timedelta(days=after)).last
    steps = walk(today, ends, start)
    periods = [step for step in steps if step.startswith("period")]
    until = min(today, ends) if ends else today
    months = (until.year - start.year) * 12 + until.month - start.month + 1
    assert len(periods) == len(set(periods)) == months
    assert len(set(steps)) == len(steps)


def net(lines: tuple[DraftLine, ...]) -> list[int]:
    return [line.net.minor for line in lines]


def test_a_plan_for_a_part_of_a_month_says_so() -> None:
    whole = plan_line(PlanName.GROWTH, eur("500"), date(2026, 6, 1), date(2026, 6, 30))
    assert (whole.net, whole.detail) == (eur("500"), "1 June 2026 to 30 June 2026")
    part = plan_line(PlanName.GROWTH, eur("500"), date(2026, 6, 16), date(2026, 6, 30))
    assert part.net == eur("250")
    assert part.detail == "16 June 2026 to 30 June 2026, 15 of 30 days"


@given(DAYS, st.integers(0, 10**7))
def test_every_line_multiplies_up(day: date, cents: int) -> None:
    price = Money(cents * 10_000, "EUR")
    lines = [
        plan_line(PlanName.PREMIUM, price, day, Month.of(day).last),
        upgrade_line(PlanName.GROWTH, PlanName.PREMIUM, price, day),
        *licence_lines({Tier.REGULAR: 7}, {Tier.REGULAR: price}, Month.of(day)),
        *added_lines(
            [Added(number="+1", tier=Tier.PREMIUM, from_tier=None, on=day)], lambda _t, _d: price
        ),
    ]
    for line in lines:
        line.numbered(1)  # raises for a line that does not


def test_what_was_added_is_charged_by_day_and_larger_tiers_by_number() -> None:
    prices = {Tier.REGULAR: eur("25"), Tier.PREMIUM: eur("49"), Tier.HIGH_THROUGHPUT: eur("249")}
    tenth, end = date(2026, 6, 10), date(2026, 6, 30)
    lines = added_lines(
        [
            Added(number="+1", tier=Tier.REGULAR, from_tier=None, on=tenth),
            Added(number="+2", tier=Tier.REGULAR, from_tier=None, on=tenth),
            Added(number="+1", tier=Tier.PREMIUM, from_tier=Tier.REGULAR, on=end),
        ],
        lambda tier, _: prices[tier],
    )
    assert net(lines) == [3500, 80]
    assert [line.description for line in lines] == [
        "Regular licences, 2 added",
        "+1: Regular to Premium licence",
    ]


def test_the_larger_plan_has_all_that_the_smaller_one_has() -> None:
    assert is_larger(PlanName.PREMIUM, PlanName.GROWTH)
    assert not is_larger(PlanName.GROWTH, PlanName.GROWTH)
    assert set(TIERS_OF[PlanName.GROWTH]) < set(TIERS_OF[PlanName.PREMIUM])
    assert Tier.HIGH_THROUGHPUT not in TIERS_OF[PlanName.GROWTH]
    assert is_more(Tier.HIGH_THROUGHPUT, Tier.PREMIUM)
    assert not is_more(Tier.REGULAR, Tier.REGULAR)


def test_a_change_ends_once() -> None:
    over = [status for status, after in MOVES.items() if not after]
    assert set(over) == {ChangeStatus.DONE, ChangeStatus.DECLINED, ChangeStatus.WITHDRAWN}
    assert may_become("charging", ChangeStatus.DONE)
    assert not may_become("declined", ChangeStatus.DONE)
    assert not may_become("planned", ChangeStatus.DECLINED)
