"""Pure rules of payments and auto-renewal: moves, amounts, back-off, bursts, the dry run."""

from datetime import UTC, date, datetime, timedelta

from core.billing.payments.states import FINAL, MOVES, PaymentStatus, may_become
from core.billing.renewal.rules import breaks_ceiling, dry_run, is_burst, last_month, next_try

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_what_is_final_stays_and_everything_else_can_end() -> None:
    for status, then in MOVES.items():
        assert not then if status in FINAL else then >= FINAL
        assert not may_become(status, status)


def test_unknown_may_turn_out_to_be_anything() -> None:
    assert MOVES[PaymentStatus.UNKNOWN] == set(PaymentStatus) - {PaymentStatus.UNKNOWN}


def test_it_waits_1_6_and_24_hours() -> None:
    waits = [next_try(NOW, failures) - NOW for failures in (1, 2, 3, 4, 99)]
    assert waits == [timedelta(hours=hours) for hours in (1, 6, 24, 24, 24)]


def test_three_within_ten_minutes_are_a_burst_and_the_tenth_minute_is_out() -> None:
    at = [NOW - timedelta(minutes=minutes) for minutes in (0, 5, 9)]
    assert is_burst(at, NOW)
    assert not is_burst([*at[:2], NOW - timedelta(minutes=10)], NOW)
    assert not is_burst(at[:2], NOW)


def test_the_ceiling_may_be_reached_but_not_passed() -> None:
    assert not breaks_ceiling(None, 10**12, 1)
    assert not breaks_ceiling(200, 100, 100)
    assert breaks_ceiling(200, 101, 100)


def test_a_dry_run_tops_up_at_the_threshold_as_often_as_it_takes() -> None:
    days = dry_run(250, date(2026, 10, 1), [49, 1, 0, 350], threshold=200, top_up=100)
    told = [(day.balance, day.top_ups) for day in days]
    assert told == [(201, 0), (300, 1), (300, 0), (250, 3)]
    assert days[-1].day == date(2026, 10, 4)
    assert 250 - sum(day.spent for day in days) + 100 * sum(d.top_ups for d in days) == 250


def test_last_month_crosses_the_year() -> None:
    assert last_month(datetime(2027, 1, 1, tzinfo=UTC)) == (date(2026, 12, 1), date(2027, 1, 1))
